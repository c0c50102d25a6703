"""What a command says to a person who asked for something impossible: one line, and exit code 2."""

from __future__ import annotations


class UserMistake(Exception):
    """Ends the command with this one sentence on standard error and exit code 2."""
