"""Keyset pages of calls, as statements that walk an index in both orders.

A sort column that may be null can't be compared as a row value, so a page is made of two walks: over the rows that
have it, and over those that don't, which come last.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Executable,
    SQLColumnExpression,
    UnaryExpression,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.models.source import Source
from app.models.tender import Tender, TenderStatus

SortKey = tuple[dt.datetime | None, uuid.UUID]
"""The instant a list is ordered by (``None`` comes last), and the id."""

Value = TypeVar("Value")

SUMMARY = (
    Tender.id,
    Tender.external_id,
    Tender.ocid,
    Tender.status,
    Tender.version,
    Tender.title,
    Tender.record["buyer"].label("buyer"),
    Tender.sector,
    Tender.category,
    Tender.record["procedure"].label("procedure"),
    Tender.record["cpv"].label("cpv"),
    Tender.record["place"].label("place"),
    Tender.region,
    Tender.country,
    Tender.record["value"].label("value"),
    Tender.reserved_sme,
    Tender.simplified_access,
    Tender.simplified_grounds,
    Tender.record["part_of"].label("part_of"),
    Tender.record["language"].label("language"),
    Tender.record["url"].label("url"),
    Tender.published_at,
    Tender.deadline_at,
    Tender.updated_at,
    Tender.source_id,
)
_WHOLE = (
    Tender.id,
    Tender.external_id,
    Tender.ocid,
    Tender.status,
    Tender.version,
    Tender.region,
    Tender.simplified_access,
    Tender.simplified_grounds,
    Tender.published_at,
    Tender.deadline_at,
    Tender.created_at,
    Tender.updated_at,
    Tender.record,
    Tender.source_id,
    Tender.owner_id,
    Tender.duplicate_of,
    Tender.cancelled_by,
)
SOURCE = (
    Source.name.label("source_name"),
    Source.title.label("source_title"),
    Source.licence.label("source_licence"),
    Source.attribution.label("source_attribution"),
)


@dataclass(frozen=True, slots=True)
class Walk:
    """An order of a list: the column, and whether the greatest comes first."""

    column: InstrumentedAttribute[dt.datetime | None]
    descending: bool

    def after(self, key: SortKey) -> ColumnElement[bool]:
        """Rows that come after one that has the sort column."""
        place = tuple_(self.column, Tender.id)
        return place < tuple_(*key) if self.descending else place > tuple_(*key)

    def after_id(self, last: uuid.UUID) -> ColumnElement[bool]:
        """Rows that come after one without it."""
        return Tender.id < last if self.descending else Tender.id > last


BY_DEADLINE = Walk(Tender.deadline_at, descending=False)
BY_PUBLICATION = Walk(Tender.published_at, descending=True)


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list: up to ``limit`` rows after ``after``; ``whole`` rows or what a list shows of them.

    ``beyond``: the filters let no row through whose instant is not later. Said here too, a walk begins there instead of
    reading all that is over. ``statuses``: where several are let through, each is walked by itself: an index has the
    order of one.
    """

    after: SortKey | None
    limit: int
    whole: bool = False
    beyond: dt.datetime | None = None
    statuses: Sequence[TenderStatus] = ()


def page(walk: Walk, holds: Sequence[ColumnElement[bool]], part: Slice) -> Executable:
    """The rows of a page, each with its source."""
    keys = (Tender.id, walk.column)
    dated = select(*keys).where(*holds, walk.column.is_not(None))
    if part.beyond is not None:
        dated = dated.where(walk.column > part.beyond)
    undated = select(*keys).where(*holds, walk.column.is_(None))
    walks = [dated, undated]
    if part.after is not None and part.after[0] is not None:
        walks[0] = dated.where(walk.after(part.after))
    elif part.after is not None:
        walks = [undated.where(walk.after_id(part.after[1]))]
    if len(part.statuses) > 1:
        walks = [one.where(Tender.status == status) for one in walks for status in dict.fromkeys(part.statuses)]
    walked = union_all(*(
        one.order_by(_directed(walk, walk.column), _directed(walk, Tender.id)).limit(part.limit).subquery().select()
        for one in walks
    )).subquery("walked")  # fmt: skip
    order = (_directed(walk, walked.c[walk.column.key]).nulls_last(), _directed(walk, walked.c.id))
    # Records are read of the rows of the page alone: where words are looked for, all that have them are sorted.
    found = select(walked).order_by(*order).limit(part.limit).cte("found").prefix_with("MATERIALIZED")
    return (
        select(*(_WHOLE if part.whole else SUMMARY), *SOURCE)
        .join(found, found.c.id == Tender.id)
        .join(Source, Source.id == Tender.source_id, isouter=True)
        .order_by(_directed(walk, found.c[walk.column.key]).nulls_last(), _directed(walk, found.c.id))
    )


def some(holds: Sequence[ColumnElement[bool]]) -> Executable:
    """Calls with their sources, in no order."""
    return select(*SUMMARY, *SOURCE).join(Source, Source.id == Tender.source_id, isouter=True).where(*holds)


def one_whole(holds: Sequence[ColumnElement[bool]]) -> Executable:
    """One call with its source."""
    return select(*_WHOLE, *SOURCE).join(Source, Source.id == Tender.source_id, isouter=True).where(*holds)


def _directed(walk: Walk, column: SQLColumnExpression[Value]) -> UnaryExpression[Value]:
    return column.desc() if walk.descending else column.asc()
