"""Imports as people see them: what a file holds before anything is stored, how far it is, and what came of it."""
