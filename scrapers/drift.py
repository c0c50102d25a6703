"""Whether a source still fills its fields, against its own history: found before anybody misses a deadline."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scrapers.records import TenderRecord

WATCHED = (
    "description", "buyer", "category", "procedure", "cpv", "place", "country", "value", "bond", "published",
    "deadline", "lots", "reserved_sme", "language", "url",
)  # fmt: skip
_FEWEST_NOW, _FEWEST_BEFORE = 20, 50
_SMALLEST_LOSS = 0.15
_LEAST_SIGMAS = 4.0
_COLLAPSE = 0.1


@dataclass(frozen=True, slots=True)
class Fills:
    """Of ``records`` tenders, how many had each of the watched fields."""

    records: int
    filled: Mapping[str, int]

    def rate(self, field: str) -> float:
        """The share of records with ``field``."""
        return self.filled.get(field, 0) / self.records if self.records else 0.0


@dataclass(frozen=True, slots=True)
class Drift:
    """A field (or ``yield``, the number of records) that is not what it used to be."""

    field: str
    before: float
    now: float


def filled(record: TenderRecord) -> list[str]:
    """The watched fields that a record has."""
    return [name for name in WATCHED if getattr(record, name) not in (None, "", ())]


def drifting(now: Fills, history: Sequence[Fills]) -> list[Drift]:
    """The fields that have stopped filling, and the yield where it has collapsed.

    A field drifts where its share has fallen by at least 15 points and by more than four standard errors of the
    difference of two proportions (pooled), so that small runs raise no alarm by chance.
    """
    found = []
    before = sum(past.records for past in history)
    if before >= _FEWEST_BEFORE and now.records >= _FEWEST_NOW:
        for field in WATCHED:
            had = sum(past.filled.get(field, 0) for past in history)
            old, new = had / before, now.rate(field)
            pooled = (had + now.filled.get(field, 0)) / (before + now.records)
            error = math.sqrt(pooled * (1 - pooled) * (1 / before + 1 / now.records))
            if old - new >= _SMALLEST_LOSS and error > 0 and (old - new) / error > _LEAST_SIGMAS:
                found.append(Drift(field, old, new))
    if len(history) >= 3:
        usual = statistics.median(past.records for past in history)
        if usual >= _FEWEST_NOW and now.records < usual * _COLLAPSE:
            found.append(Drift("yield", usual, now.records))
    return found
