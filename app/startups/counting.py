"""How many startups a caller may know of, by where they are, what they do and how large they are."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ARRAY, Text, Uuid, any_, case, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.models.startup import Startup
from app.startups.columns import facet
from app.startups.filters import StartupFilters, conditions
from app.startups.visibility import visible_to

_PLACES, _SECTORS, _SIZE = 0b011, 0b101, 0b110
"""What PostgreSQL's ``grouping(regions, sectors, size)`` says of each of the three groupings."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of startups. ``places``: by country and the folded places a profile names together; ``sectors``: by the
    folded sectors it names together; ``sizes``: by the position of the size among those asked for, ``None`` unknown.
    """

    total: int
    places: Mapping[tuple[str | None, tuple[str, ...]], int]
    sectors: Mapping[tuple[str, ...], int]
    sizes: Mapping[int | None, int]


async def count_startups(
    session: AsyncSession,
    caller: Caller,
    filters: StartupFilters,
    sizes: Sequence[int],
    only: Collection[uuid.UUID] | None = None,
) -> Counts:
    """The startups that the caller may know of and that pass, counted in one statement.

    ``sizes``: the least number of employees of each size, ascending from 0. ``only``: none but these.
    """
    bounds = [(Startup.employees >= least, literal(at)) for at, least in reversed(list(enumerate(sizes)))]
    size = case(*bounds, else_=None).label("size")
    inner = select(Startup.country, Startup.regions, Startup.sectors, size).where(
        visible_to(caller), *conditions(filters)
    )
    if only is not None:
        inner = inner.where(Startup.id == any_(cast(list(only), ARRAY(Uuid()))))
    rows = inner.subquery()
    columns = (rows.c.regions, rows.c.sectors, rows.c.size)
    found = await session.execute(
        select(func.grouping(*columns), rows.c.country, *columns, func.count()).group_by(
            func.grouping_sets(tuple_(rows.c.country, rows.c.regions), tuple_(rows.c.sectors), tuple_(rows.c.size))
        )
    )
    places: dict[tuple[str | None, tuple[str, ...]], int] = {}
    sectors: dict[tuple[str, ...], int] = {}
    by_size: dict[int | None, int] = {}
    for grouping, country, regions, named, at, count in found:
        if grouping == _PLACES:
            places[country, tuple(regions)] = count
        elif grouping == _SECTORS:
            sectors[tuple(named)] = count
        else:
            by_size[at] = count
    return Counts(sum(by_size.values()), places, sectors, by_size)


async def places_named(session: AsyncSession, caller: Caller) -> Sequence[str]:
    """Every place that a startup the caller may know of names, folded, once."""
    return (await session.scalars(select(func.unnest(Startup.regions)).where(visible_to(caller)).distinct())).all()


async def written_sectors(session: AsyncSession, caller: Caller, folded: Iterable[str]) -> dict[str, str]:
    """How some profile writes each of these folded sectors."""
    wanted = select(func.unnest(cast(list(folded), ARRAY(Text))).label("key")).subquery()
    one = (
        select(Startup.record["sectors"])
        .where(visible_to(caller), Startup.sectors.contains(array([wanted.c.key])))
        .limit(1)
        .correlate(wanted)
        .scalar_subquery()
    )
    rows = await session.execute(select(wanted.c.key, one))
    return {key: next((each for each in said or () if facet(each) == key), key) for key, said in rows}
