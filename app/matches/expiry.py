"""What time alone changes about matches: a call past its deadline can no longer be won, and others have come in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import Sessions, driver_connection, unit_of_work
from app.events.matches import GONE, Seen, Turn, tell_matches
from app.jobs.messages import ExpireMatches, MatchUnlisted
from app.jobs.queue import enqueue
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.matches.tasks import rankings_of
from app.models.match import Match, MatchState
from app.models.startup import Startup
from app.models.tender import Tender

_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class ExpiryJobs:
    """Handlers of what the clock asks for."""

    sessions: Sessions
    clock: Clock

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (
            Handler(ExpireMatches, self.expire_matches, concurrency=1),
            Handler(MatchUnlisted, self.match_unlisted, concurrency=1),
        )

    async def expire_matches(self, _: ExpireMatches) -> None:
        """Withdraw, a bounded number of rows per transaction; the places set free are ranked for again."""
        while True:
            async with unit_of_work(self.sessions) as session:
                lost = await self._withdraw(session)
                free = sorted(set(lost))
                await enqueue(session, *rankings_of(free))
            if len(lost) < _ROWS_AT_ONCE:
                return

    async def match_unlisted(self, _: MatchUnlisted) -> None:
        """Have all unlisted startups ranked, a bounded number per transaction; who brought them in sees the matches."""
        last: uuid.UUID | None = None
        while True:
            query = select(Startup.id).where(Startup.listed.is_(False), Startup.deleted_at.is_(None))
            query = query if last is None else query.where(Startup.id > last)
            async with unit_of_work(self.sessions) as session:
                ids = (await session.scalars(query.order_by(Startup.id).limit(_ROWS_AT_ONCE))).all()
                await enqueue(session, *rankings_of(ids))
            if len(ids) < _ROWS_AT_ONCE:
                return
            last = ids[-1]

    async def _withdraw(self, session: AsyncSession) -> list[uuid.UUID]:
        """The startups of the matches withdrawn, one entry per match."""
        expired = (
            select(Match.id)
            .join(Tender, Tender.id == Match.tender_id)
            .where(Match.state == MatchState.ACTIVE, Tender.deadline_at < self.clock())
            # The order in which rankings write pairs: so that they wait for each other instead of deadlocking.
            .order_by(Match.tender_id, Match.startup_id)
            .limit(_ROWS_AT_ONCE)
            .with_for_update(of=Match)
        )
        done = await session.execute(
            update(Match)
            .where(Match.id.in_(expired))
            .values(for_tender=False, for_startup=False, state=MatchState.WITHDRAWN, updated_at=func.now())
            .returning(Match.id, Match.startup_id, Match.grade, Match.public)
        )
        rows = done.all()
        turns = [Turn(row.id, Seen(row.grade, row.public), GONE) for row in rows]
        await tell_matches(await driver_connection(session), turns, "deadline_passed")
        return [row.startup_id for row in rows]
