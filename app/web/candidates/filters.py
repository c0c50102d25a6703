"""The filters of candidates and of the pool as a link holds them. What is none is left out, never an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, get_args

from starlette.datastructures import QueryParams

from app.eligibility.schemas import OutcomeName
from app.matches.schemas import KeptGrade
from app.startups.filters import StartupFilters
from app.tenders.regions import places_of, region_of, regions
from matching.types import StartupFilter

SIZES: Final[Mapping[str, tuple[int, int | None]]] = {
    "micro": (0, 9), "small": (10, 49), "medium": (50, 249), "large": (250, None),
}  # fmt: skip
"""Least and most employees of each size (the classes of Commission Recommendation 2003/361/EC, by staff alone)."""

OUTCOMES: Final[tuple[OutcomeName, ...]] = get_args(OutcomeName)
GRADES: Final[tuple[KeptGrade, ...]] = get_args(KeptGrade)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader wants to see; ``None``: anything."""

    region: str | None = None
    sector: str | None = None
    label: str | None = None
    size: str | None = None
    grade: KeptGrade | None = None
    eligibility: OutcomeName | None = None

    @property
    def given(self) -> dict[str, str]:
        """The filters that are set, by their names in a link."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return bool(self.given)

    def link(self, **changes: str | None) -> dict[str, str]:
        """The filters with some changed, for a link."""
        return replace(self, **changes).given  # type: ignore[arg-type]

    def of_ranking(self) -> StartupFilter:
        """As gates of a ranking. A region stands for the places in it too."""
        least, most = SIZES[self.size] if self.size else (None, None)
        return StartupFilter(
            regions=places_of(self.region) if self.region else frozenset(),
            sectors=_one(self.sector),
            labels=_one(self.label),
            min_employees=least,
            max_employees=most,
        )

    def of_startups(self, places: Iterable[str]) -> StartupFilters:
        """As filters of a list of profiles that buyers see. ``places``: those that profiles name; only they are asked
        for, as each of a region's hundreds would be compared with each of a profile's.
        """
        there = [place for place in places if self.region and region_of(place, "MA") == self.region]
        least, most = SIZES[self.size] if self.size else (None, None)
        return StartupFilters(
            regions=there or ([self.region] if self.region else ()),
            sectors=sorted(_one(self.sector)),
            labels=sorted(_one(self.label)),
            min_employees=least,
            max_employees=most,
            listed=True,
        )


def read_filters(query: QueryParams) -> Filters:
    """The filters of a link."""
    grade, outcome = query.get("grade"), query.get("eligibility")
    region, size = query.get("region"), query.get("size")
    return Filters(
        region=region if any(region == each.name_fr for each in regions()) else None,
        sector=_words(query.get("sector")),
        label=_words(query.get("label")),
        size=size if size in SIZES else None,
        grade=grade if grade in GRADES else None,
        eligibility=outcome if outcome in OUTCOMES else None,
    )


def _words(given: str | None) -> str | None:
    clean = " ".join("".join(char if char.isprintable() else " " for char in given or "").split())
    return clean[:_LONGEST] or None


def _one(value: str | None) -> frozenset[str]:
    return frozenset() if value is None else frozenset({value})
