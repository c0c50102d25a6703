"""Atom feeds and calendars behind addresses that need no header."""
