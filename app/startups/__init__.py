"""Startups: their profiles with history, who may see what of them, claims, export and erasure."""
