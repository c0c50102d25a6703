"""Pages of calls in the order of how they say the words of a query, over all calls that the filters let through.

A call has a place: 0 where its title says what was typed, 1 where another text does, 2 and 3 the same in other words.
Within a place those that close soonest come first. Each place is a statement of its own that an index of words answers;
most pages are full after the first.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Executable, SQLColumnExpression, func, literal, literal_column, select, tuple_
from sqlalchemy.orm import aliased

from app.models.source import Source
from app.models.tender import Tender, TenderStatus
from app.tenders.filters import TenderFilters, matches
from app.tenders.pages import SOURCE, SUMMARY

RankKey = tuple[int, dt.datetime, uuid.UUID]
"""The place of a call, its deadline, its id."""

PLACES: Final = range(4)
NEAREST: Final = 400
"""Calls that close soonest: a word that many titles say fills a page from these, without looking all of them up."""

_OTHER_WORDS: Final = 2
"""The first place of calls that say it in other words."""

_ENDLESS = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Sought:
    """A query of words, ``None`` where nothing can hold it: ``typed`` as they were, with their inflections; ``wide``
    with all that means the same. ``denies``: it also says what may not stand in a call.
    """

    typed: ColumnElement[object] | None
    wide: ColumnElement[object] | None
    denies: bool

    def of(self, place: int) -> ColumnElement[object] | None:
        """The query that the calls of a place hold, in their title (0, 2) or anywhere (1, 3)."""
        return self.typed if place < _OTHER_WORDS else self.wide


def ranked_page(
    sought: Sought, place: int, holds: Sequence[ColumnElement[bool]], after: RankKey | None, limit: int
) -> Executable | None:
    """The rows of a page that are of one place, each with ``place_of_words`` and its end ``ends_at``; ``None``: there
    are none.
    """
    query = sought.of(place)
    if query is None:
        return None
    says = [matches(_text(Tender, place), query)]
    if sought.denies:
        says.append(matches(Tender.search, query))
    for better in range(place):
        if (other_query := sought.of(better)) is not None:
            other = aliased(Tender)
            says.append(Tender.id.not_in(select(other.id).where(matches(_text(other, better), other_query))))
    return _placed(place, [*holds, *says], after, limit)


def nearest_page(
    sought: Sought, filters: TenderFilters, holds: Sequence[ColumnElement[bool]], after: RankKey | None, limit: int
) -> Executable | None:
    """The rows of place 0 among the ``NEAREST`` published calls: the page itself where they are as many as asked for.

    ``None``: other calls are asked for, or none has the words.
    """
    others = filters.own or filters.cpv is not None or filters.buyer is not None
    if sought.typed is None or others or list(filters.statuses) not in ([], [TenderStatus.PUBLISHED]):
        return None
    walked = select(Tender.id).where(Tender.status == TenderStatus.PUBLISHED, Tender.deadline_at.is_not(None))
    if after is not None:
        walked = walked.where(tuple_(Tender.deadline_at, Tender.id) > tuple_(*after[1:]))
    elif filters.open_at is not None:
        walked = walked.where(Tender.deadline_at > filters.open_at)
    near = walked.order_by(Tender.deadline_at, Tender.id).limit(NEAREST).cte("near").prefix_with("MATERIALIZED")
    # What is no column has no index that it could be looked up in: these few are read instead.
    text, search = func.coalesce(Tender.search_text, ""), func.coalesce(Tender.search, literal_column("''::tsvector"))
    says = [matches(search, sought.typed), matches(_title(text, Tender.title), sought.typed)]
    return _placed(0, [*holds, *says, Tender.id == near.c.id], after, limit)


def _placed(place: int, holds: Sequence[ColumnElement[bool]], after: RankKey | None, limit: int) -> Executable:
    end = func.coalesce(Tender.deadline_at, _ENDLESS).label("ends_at")
    rows = select(Tender.id, end).where(*holds)
    if after is not None and after[0] == place:
        rows = rows.where(tuple_(end, Tender.id) > tuple_(*after[1:]))
    # Records are read of the rows of the page alone: of all that are sorted they took ten times as long.
    found = rows.order_by(end, Tender.id).limit(limit).cte("found").prefix_with("MATERIALIZED")
    return (
        select(*SUMMARY, literal(place).label("place_of_words"), found.c.ends_at, *SOURCE)
        .join(found, found.c.id == Tender.id)
        .join(Source, Source.id == Tender.source_id, isouter=True)
        .order_by(found.c.ends_at, found.c.id)
    )


def _text(tender: type[Tender], place: int) -> SQLColumnExpression[str]:
    return tender.search if place % 2 else _title(tender.search_text, tender.title)


def _title(text: SQLColumnExpression[str], title: SQLColumnExpression[str]) -> ColumnElement[str]:
    """The words of a title, as the index ``ix_tender_title`` has them: the folded title begins the searched text, and
    is about as long as the title.
    """
    return func.to_tsvector(literal_column("'simple'::regconfig"), func.left(text, func.char_length(title)))
