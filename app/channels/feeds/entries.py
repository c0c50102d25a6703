"""What stands in a feed: calls that somebody is to hear of, chosen by one subquery and read by one statement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    Uuid,
    and_,
    cast,
    exists,
    false,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.feeds.repository import KnownFeed
from app.db.base import JsonObject
from app.models.decision import Decision, DecisionKind
from app.models.feed import FeedSelection
from app.models.match import Match, MatchState
from app.models.saved_search import SavedSearch
from app.models.source import Source
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from app.models.tender_version import TenderVersion
from app.startups.visibility import whole_for

MOST_ENTRIES: Final = 100
"""The latest, in a feed."""

MOST_DEADLINES: Final = 200
"""The nearest, in a calendar."""

_CLOCKS_DIFFER: Final = dt.timedelta(minutes=1)
"""A call's times are those of whoever changed it, a match's the database's."""

_OVER = (TenderStatus.CANCELLED, TenderStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Entry:
    """A call, and for whom it is meant.

    ``id`` stays for as long as the entry is in any feed. ``deadline_written``: as the notice has it. ``grounds``: why a
    young firm can enter it without references (docs/eligibility.md). The last three are
    those of its match, where it is one.
    """

    id: uuid.UUID
    updated_at: dt.datetime
    version: int
    status: TenderStatus
    title: str
    language: str | None
    url: str | None
    buyer: str | None
    region: str | None
    value_amount: Decimal | None
    value_currency: str | None
    published_at: dt.datetime | None
    deadline_at: dt.datetime | None
    deadline_written: str | None
    grounds: list[str]
    source: str | None
    licence: str | None
    attribution: str | None
    startup: str | None
    grade: str | None
    reasons: list[JsonObject] | None

    @property
    def is_over(self) -> bool:
        """Whether the call was cancelled, or taken back."""
        return self.status in _OVER


@dataclass(frozen=True, slots=True)
class Searched:
    """What a kept search asks for, of ``Tender`` or, for the matches of ``startup_id``, of ``Match`` beside it.

    ``held``: the same of calls, wherever they stand.
    """

    startup_id: uuid.UUID | None
    holds: Sequence[ColumnElement[bool]]
    held: Sequence[ColumnElement[bool]]


ReadSearch = Callable[[AsyncSession, Caller, uuid.UUID, dt.datetime], Awaitable[Searched | None]]
"""Reads a kept search of an organisation; ``None`` where it is gone. Searches are a domain above this one."""


@dataclass(frozen=True, slots=True)
class _Selection:
    """What a feed chooses from. ``query`` gives ``id``, ``tender_id``, ``match_id`` and ``updated_at``.

    ``holds``: what makes an entry one. ``held``: what shows that it was one until the call was over. ``newest``: the
    order of those that said something last.
    """

    query: Select[tuple[uuid.UUID, uuid.UUID, uuid.UUID | None, dt.datetime]]
    holds: ColumnElement[bool]
    held: ColumnElement[bool]
    newest: tuple[SQLColumnExpression[Any], ...]


async def latest(session: AsyncSession, feed: KnownFeed, now: dt.datetime, asked: Searched | None) -> list[Entry]:
    """The entries of a feed, those that said something new last first. ``asked``: by its search."""
    chosen = _selection(feed, now, asked)
    open_ones = chosen.query.where(chosen.holds).order_by(*chosen.newest).limit(MOST_ENTRIES)
    newest = open_ones.subquery("chosen")
    return await _read(session, newest, newest.c.updated_at.desc(), newest.c.id.desc())


async def deadlines(session: AsyncSession, feed: KnownFeed, now: dt.datetime, asked: Searched | None) -> list[Entry]:
    """The entries that have a deadline ahead, the nearest first; with calls that are over, for they were there."""
    chosen = _selection(feed, now, asked)
    shown = or_(chosen.holds, and_(chosen.held, Tender.status.in_(_OVER)))
    ahead = chosen.query.where(Tender.deadline_at > now, shown).order_by(Tender.deadline_at, Tender.id)
    nearest = ahead.limit(MOST_DEADLINES).subquery("chosen")
    return await _read(session, nearest, Tender.deadline_at, nearest.c.id)


async def name_of(session: AsyncSession, feed: KnownFeed) -> str | None:
    """Whose matches a feed shows, or its search; ``None`` where its organisation may see that startup no more."""
    if feed.search_id is not None:
        mine = SavedSearch.owner_id == feed.reader.organisation_id
        return await session.scalar(select(SavedSearch.name).where(SavedSearch.id == feed.search_id, mine))
    if feed.startup_id is None:
        return feed.owner_name
    return await session.scalar(select(Startup.name).where(Startup.id == feed.startup_id, whole_for(feed.reader)))


def _selection(feed: KnownFeed, now: dt.datetime, asked: Searched | None) -> _Selection:
    mine = feed.reader.organisation_id
    match feed.selection:
        case FeedSelection.STARTUP:
            return _matches(feed.reader, Match.startup_id == feed.startup_id, now)
        case FeedSelection.COHORT:
            return _matches(feed.reader, or_(Startup.registrar_id == mine, Startup.owner_id == mine), now)
        case FeedSelection.SIMPLIFIED_ACCESS:
            lane = Tender.simplified_access.is_(True)
            return _calls(and_(lane, _is_open(now)), lane)
        case FeedSelection.SEARCH:
            return _found(feed.reader, asked, now)


def _found(reader: Caller, asked: Searched | None, now: dt.datetime) -> _Selection:
    """What a search finds; of one that is gone nothing."""
    if asked is None:
        return _calls(false(), false())
    if asked.startup_id is None:
        return _calls(and_(*asked.holds), and_(*asked.held))
    return _matches(reader, and_(*asked.holds), now)


def _matches(reader: Caller, whose: ColumnElement[bool], now: dt.datetime) -> _Selection:
    """Matches of startups that the reader sees the whole of, but those whose call it has dismissed."""
    updated = func.greatest(Match.updated_at, Tender.updated_at)
    query = (
        select(
            Match.id.label("id"),
            Match.tender_id.label("tender_id"),
            Match.id.label("match_id"),
            updated.label("updated_at"),
        )
        .join(Tender, Tender.id == Match.tender_id)
        .join(Startup, Startup.id == Match.startup_id)
        .where(whose, whole_for(reader), Tender.duplicate_of.is_(None), ~_dismissed(reader))
    )
    active = Match.state == MatchState.ACTIVE
    # A match that was lost before the call was over is no news.
    held = or_(active, Match.updated_at >= _over_since() - _CLOCKS_DIFFER)
    return _Selection(query, and_(active, _is_open(now)), held, (updated.desc(), Match.id.desc()))


def _over_since() -> ColumnElement[dt.datetime]:
    ended = TenderVersion.status.in_([status.value for status in _OVER])
    first = select(func.min(TenderVersion.created_at)).where(TenderVersion.tender_id == Tender.id, ended)
    return first.correlate(Tender).scalar_subquery()


def _calls(holds: ColumnElement[bool], held: ColumnElement[bool]) -> _Selection:
    """Calls, for everybody alike; those that came in last first."""
    query = select(
        Tender.id.label("id"),
        Tender.id.label("tender_id"),
        cast(null(), Uuid).label("match_id"),
        Tender.updated_at.label("updated_at"),
    ).where(Tender.duplicate_of.is_(None))
    return _Selection(query, holds, held, (Tender.id.desc(),))


def _is_open(now: dt.datetime) -> ColumnElement[bool]:
    return and_(Tender.status == TenderStatus.PUBLISHED, or_(Tender.deadline_at.is_(None), Tender.deadline_at > now))


def _dismissed(reader: Caller) -> ColumnElement[bool]:
    return exists().where(
        Decision.organisation_id == reader.organisation_id,
        Decision.tender_id == Match.tender_id,
        Decision.startup_id == Match.startup_id,
        Decision.kind == DecisionKind.DISMISSED,
    )


async def _read(session: AsyncSession, chosen: Subquery, *order: SQLColumnExpression[Any]) -> list[Entry]:
    """The content of what was chosen."""
    rows = await session.execute(
        select(
            chosen.c.id,
            chosen.c.updated_at,
            *(Tender.version, Tender.status, Tender.title),
            Tender.record["language"].astext,
            Tender.record["url"].astext,
            *(Tender.buyer_name, Tender.region, Tender.value_amount, Tender.value_currency),
            *(Tender.published_at, Tender.deadline_at),
            Tender.record["deadline"].astext,
            Tender.simplified_grounds,
            *(Source.title, Source.licence, Source.attribution, Startup.name, Match.grade, Match.reasons),
        )
        .select_from(chosen)
        .join(Tender, Tender.id == chosen.c.tender_id)
        .outerjoin(Source, Source.id == Tender.source_id)
        .outerjoin(Match, Match.id == chosen.c.match_id)
        .outerjoin(Startup, Startup.id == Match.startup_id)
        .order_by(*order)
    )
    return [Entry(*row) for row in rows]
