"""Reads what a tender asks for from its fields and texts (French, Arabic, English): text in, findings out."""
