"""The named filters of a list of startups, as SQL conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from app.models.startup import Startup
from app.startups.columns import facets
from app.startups.search import search_query


@dataclass(frozen=True, slots=True)
class StartupFilters:
    """Which startups are wanted; empty or ``None`` means any. Within one list any value will do.

    Words are compared folded. A startup of unknown size is left out where a size is asked for.
    """

    q: str | None = None
    regions: Sequence[str] = ()
    sectors: Sequence[str] = ()
    languages: Sequence[str] = ()
    labels: Sequence[str] = ()
    certifications: Sequence[str] = ()
    country: str | None = None
    min_employees: int | None = None
    max_employees: int | None = None
    listed: bool | None = None


def conditions(filters: StartupFilters) -> Iterator[ColumnElement[bool]]:
    """What must hold of a row that passes."""
    for column, values in (
        (Startup.regions, filters.regions),
        (Startup.sectors, filters.sectors),
        (Startup.languages, filters.languages),
        (Startup.labels, filters.labels),
        (Startup.certifications, filters.certifications),
    ):
        if values:
            yield column.overlap(facets(values))
    if filters.country is not None:
        yield Startup.country == filters.country
    if filters.min_employees is not None:
        yield Startup.employees >= filters.min_employees
    if filters.max_employees is not None:
        yield Startup.employees <= filters.max_employees
    if filters.listed is not None:
        yield Startup.listed.is_(filters.listed)
    if filters.q is not None:
        yield Startup.search.bool_op("@@")(search_query(filters.q))
