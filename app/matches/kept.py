"""Reading the matches that are kept as rows: a startup's list, and the change feed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.feed import FeedKey
from app.db.base import XactId
from app.db.feed import settled
from app.models.decision import Decision
from app.models.match import Match, MatchState
from app.models.organisation import OrganisationKind
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from app.startups.visibility import whole_for
from app.tenders.filters import hold_currency

GRADES_FROM: dict[str, tuple[str, ...]] = {
    "strong": ("strong",),
    "good": ("strong", "good"),
    "possible": ("strong", "good", "possible"),
}
ScoreKey = tuple[float, uuid.UUID]
DeadlineKey = tuple[dt.datetime, uuid.UUID]
UNDATED: Final = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
"""Where calls that are open without an end stand in the order of deadlines."""


@dataclass(frozen=True, slots=True)
class MatchFilters:
    """Which of a startup's matches are wanted; ``None`` or empty means any.

    ``decided``: those of which the caller's organisation has decided something, or has not yet.
    """

    min_score: float | None = None
    grade: Literal["strong", "good", "possible"] | None = None
    regions: Sequence[str] = ()
    categories: Sequence[str] = ()
    sector: Literal["public", "private"] | None = None
    reserved_sme: bool | None = None
    simplified_access: bool | None = None
    subcontracting: bool | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None
    currency: str | None = None
    deadline_before: dt.datetime | None = None
    decided: bool | None = None

    def __post_init__(self) -> None:
        """Refuse amounts without a currency."""
        hold_currency(self.currency, self.min_value, self.max_value)

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filters over the match and its tender."""
        wanted: list[ColumnElement[bool] | None] = [
            Match.score >= self.min_score if self.min_score is not None else None,
            Match.grade.in_(GRADES_FROM[self.grade]) if self.grade else None,
            Tender.region.in_(self.regions) if self.regions else None,
            Tender.category.in_(self.categories) if self.categories else None,
            Tender.sector == self.sector if self.sector else None,
            Tender.reserved_sme.is_(self.reserved_sme) if self.reserved_sme is not None else None,
            Tender.simplified_access.is_(self.simplified_access) if self.simplified_access is not None else None,
            Tender.record.has_key("part_of").is_(self.subcontracting) if self.subcontracting is not None else None,
            Tender.value_amount >= self.min_value if self.min_value is not None else None,
            Tender.value_amount <= self.max_value if self.max_value is not None else None,
            Tender.value_currency == self.currency if self.currency else None,
            Tender.deadline_at < self.deadline_before if self.deadline_before is not None else None,
        ]
        return [condition for condition in wanted if condition is not None]


class KeptMatches:
    """Reads of match rows; who may see them is part of each query."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_startup(
        self, caller: Caller, startup_id: uuid.UUID, filters: MatchFilters, after: ScoreKey | None, limit: int
    ) -> Sequence[Match]:
        """The active matches of a startup with open tenders, best first."""
        query = (
            select(Match)
            .where(*open_to(caller, startup_id, filters))
            .join(Tender, Tender.id == Match.tender_id)
            .join(Startup, Startup.id == Match.startup_id)
            .order_by(Match.score.desc(), Match.id.desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(Match.score, Match.id) < after)
        return (await self._session.scalars(query)).all()

    async def of_pair(
        self, caller: Caller, startup_id: uuid.UUID, tender_id: uuid.UUID
    ) -> tuple[Match | None, Decision | None] | None:
        """The active match of a startup with a call, and what the caller decided about the two; ``None``: the caller
        does not see the whole of such a startup.
        """
        active = and_(Match.startup_id == Startup.id, Match.tender_id == tender_id, Match.state == MatchState.ACTIVE)
        decided = and_(
            Decision.startup_id == Startup.id,
            Decision.tender_id == tender_id,
            Decision.organisation_id == caller.organisation_id,
        )
        query = (
            select(Match, Decision)
            .select_from(Startup)
            .outerjoin(Match, active)
            .outerjoin(Decision, decided)
            .where(Startup.id == startup_id, whole_for(caller))
        )
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def counted(self, caller: Caller, tender_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
        """How many listed startups are kept among the best of each of the caller's calls, where there are any."""
        rows = await self._session.execute(
            select(Match.tender_id, func.count())
            .join(Tender, Tender.id == Match.tender_id)
            .where(
                Match.tender_id.in_(tender_ids),
                Tender.owner_id == caller.organisation_id,
                Match.state == MatchState.ACTIVE,
                Match.for_tender,
                Match.public,
            )
            .group_by(Match.tender_id)
        )
        return {row[0]: row[1] for row in rows}

    async def closing_first(
        self, caller: Caller, startup_id: uuid.UUID, filters: MatchFilters, after: DeadlineKey | None, limit: int
    ) -> Sequence[tuple[Match, dt.datetime]]:
        """The same in the order of deadlines, each with its own (``UNDATED`` where there is none)."""
        deadline = func.coalesce(Tender.deadline_at, UNDATED)
        query = (
            select(Match, deadline)
            .where(*open_to(caller, startup_id, filters))
            .join(Tender, Tender.id == Match.tender_id)
            .join(Startup, Startup.id == Match.startup_id)
            .order_by(deadline, Match.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(tuple_(deadline, Match.id) > tuple_(*after))
        return [(match, closing) for match, closing in await self._session.execute(query)]

    async def changed_after(self, caller: Caller, position: FeedKey, limit: int) -> Sequence[Match]:
        """The matches the caller may know of, in the order their last changes were made."""
        query = (
            select(Match)
            .join(Tender, Tender.id == Match.tender_id)
            .join(Startup, Startup.id == Match.startup_id)
            .where(
                tuple_(Match.changed_tx, Match.id) > tuple_(literal(position[0], XactId()), position[1]),
                settled(Match.changed_tx),
                _known_to(caller),
            )
            .order_by(Match.changed_tx, Match.id)
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()


def open_to(caller: Caller, startup_id: uuid.UUID, filters: MatchFilters) -> list[ColumnElement[bool]]:
    """What holds of a match that a startup's list shows to the caller."""
    holds = [
        Match.startup_id == startup_id,
        Match.state == MatchState.ACTIVE,
        Tender.status == TenderStatus.PUBLISHED,
        Tender.duplicate_of.is_(None),
        whole_for(caller),
        *filters.conditions(),
    ]
    if filters.decided is not None:
        decision = exists().where(
            Decision.organisation_id == caller.organisation_id,
            Decision.startup_id == Match.startup_id,
            Decision.tender_id == Match.tender_id,
        )
        holds.append(decision if filters.decided else ~decision)
    return holds


def _known_to(caller: Caller) -> ColumnElement[bool]:
    """Matches of the caller's tenders and startups. A buyer is told of startups that agreed to be listed.

    One that hides itself later stays in the feed, as a match that is gone (see ``Match.public``).
    """
    if caller.kind is OrganisationKind.OPERATOR:
        return true()
    if caller.kind is OrganisationKind.BUYER:
        return and_(Tender.owner_id == caller.organisation_id, Startup.agreed_at.is_not(None))
    return or_(Startup.owner_id == caller.organisation_id, Startup.registrar_id == caller.organisation_id)
