"""Deadlines of the calls that a startup saved or that fit it, between two instants: what a calendar shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.ids import StartupId
from app.matches.service import require_whole_startup
from app.models.decision import Decision, DecisionKind
from app.models.match import Match, MatchState
from app.models.tender import Tender, TenderStatus

MOST_DEADLINES: Final = 300
"""Of one stretch; a month of a busy startup has some dozens."""

_OVER = (TenderStatus.CANCELLED, TenderStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A call's deadline. ``saved``: the caller's organisation keeps the call; ``over``: it was taken back meanwhile.

    ``grade``: of the match, where the call still is one.
    """

    tender_id: uuid.UUID
    title: str
    language: str | None
    deadline_at: dt.datetime
    grade: str | None
    saved: bool
    over: bool


async def deadlines_between(
    session: AsyncSession, caller: Caller, startup_id: StartupId, first: dt.datetime, end: dt.datetime
) -> Sequence[Deadline]:
    """The deadlines from ``first`` to before ``end``, the earliest first, :data:`MOST_DEADLINES` at most. Calls that
    the caller dismissed are left out; saved ones stand there after they were taken back too.

    Raises:
        NotFound: no such startup, or one that the caller does not see the whole of.

    """
    fits = and_(Match.startup_id == startup_id, Match.state == MatchState.ACTIVE)
    decided = and_(Decision.startup_id == startup_id, Decision.organisation_id == caller.organisation_id)
    wanted = (
        select(Match.tender_id).where(fits).union(
            select(Decision.tender_id).where(decided, Decision.kind == DecisionKind.SAVED)
        )
    )  # fmt: skip
    rows = await session.execute(
        select(
            Tender.id, Tender.title, Tender.record["language"].astext, Tender.deadline_at, Match.grade, Decision.kind,
            Tender.status,
        )
        .outerjoin(Match, and_(Match.tender_id == Tender.id, fits))
        .outerjoin(Decision, and_(Decision.tender_id == Tender.id, decided))
        .where(
            Tender.id.in_(wanted),
            Tender.deadline_at >= first,
            Tender.deadline_at < end,
            Tender.duplicate_of.is_(None),
            or_(Tender.status == TenderStatus.PUBLISHED, Decision.kind == DecisionKind.SAVED),
            Tender.status != TenderStatus.DRAFT,
            Decision.kind.is_distinct_from(DecisionKind.DISMISSED),
        )
        .order_by(Tender.deadline_at, Tender.id)
        .limit(MOST_DEADLINES)
    )  # fmt: skip
    found = [_deadline(tuple(row)) for row in rows]
    if not found:
        await require_whole_startup(session, caller, startup_id)
    return found


def _deadline(
    row: tuple[uuid.UUID, str, str | None, dt.datetime | None, str | None, DecisionKind | None, TenderStatus],
) -> Deadline:
    tender_id, title, language, at, grade, decided, status = row
    return Deadline(
        tender_id, title, language, cast("dt.datetime", at), grade, decided is DecisionKind.SAVED, status in _OVER
    )
