"""Rows of a scoring grid ("Projets similaires >= 10 projets | 05 points"): they weigh, they do not require."""

from __future__ import annotations

from matching.requirements.clauses import Clause
from matching.requirements.patterns import pattern

_POINTS = pattern(
    r"[0-9]{1,3}(?:[.,][0-9]{1,2})? ?(?:points?|pts?|نقط[ةه]?|نقاط)",
    r"(?:sur|/) ?[0-9]{2,3} ?(?:points|pts)?",
    "notee?s? sur",
    "note maximale",
    "points? (?:par|each|for)",
    "bareme",
    "sera notee?",
)


def is_scored(clause: Clause) -> bool:
    """Whether a clause gives points for what it names."""
    return _POINTS.search(clause.text) is not None
