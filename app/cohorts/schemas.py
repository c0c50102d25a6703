"""What is asked of a board of startups, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TOLD_FIELDS: Final = ("description", "sectors", "technologies", "regions", "languages", "references", "employees")
"""What ranking and eligibility look at first in a profile."""

LEAST_TOLD: Final = 5
"""A profile that tells fewer of them is thin: its matches are few, and its eligibility mostly unknown."""


class Sorting(StrEnum):
    """The orders of the board."""

    NAME = "name"
    CHANGED = "changed"
    MATCHES = "matches"


@dataclass(frozen=True, slots=True)
class CohortFilters:
    """Which startups are wanted, in which order; ``None`` means any."""

    q: str | None = None
    region: str | None = None
    thin: bool | None = None
    claimed: bool | None = None
    sort: Sorting = Sorting.NAME
