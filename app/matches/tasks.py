"""The jobs that keep match rows in step with tenders and startups."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.db.session import Sessions, reading, unit_of_work
from app.jobs.errors import Retry
from app.jobs.messages import MatchStartup, MatchStartups, MatchTender, MatchTenders, Message
from app.jobs.queue import enqueue
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.kit.ids import StartupId, TenderId
from app.kit.observability import get_logger
from app.matches.ranking import Ranker
from app.matches.repository import Judged, KeptFor, MatchRepository
from app.matches.subjects import startup_subject, tender_subject, unchanged_since
from app.models.startup import Startup
from app.models.tender import Tender
from matching.types import Ranking

log = get_logger(__name__)

_NOTHING = (Ranking(items=(), considered=0), Ranking(items=(), considered=0))
_STARTUPS_PER_JOB = 200


def rankings_of(startups: Sequence[uuid.UUID]) -> list[MatchStartups]:
    """The jobs that rank for startups, some for each."""
    starts = range(0, len(startups), _STARTUPS_PER_JOB)
    return [MatchStartups(startup_ids=tuple(startups[start : start + _STARTUPS_PER_JOB])) for start in starts]


@dataclass(frozen=True, slots=True)
class MatchJobs:
    """Handlers of the match jobs, with what they stand on."""

    sessions: Sessions
    ranker: Ranker
    clock: Clock

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (
            Handler(MatchTender, self.match_tender),
            Handler(MatchStartup, self.match_startup),
            Handler(MatchTenders, self.match_tenders, concurrency=1),
            Handler(MatchStartups, self.match_startups, concurrency=1),
        )

    async def match_tender(self, job: MatchTender) -> None:
        """Rank the startups for a tender and keep the best."""
        await self._tender(job.tender_id)

    async def match_startup(self, job: MatchStartup) -> None:
        """Rank the tenders for a startup and keep the best."""
        await self._startup(job.startup_id)

    async def match_tenders(self, job: MatchTenders) -> None:
        """The same for a batch of tenders, one transaction each."""
        await self._each(job.tender_ids, self._tender, lambda one: MatchTenders(tender_ids=(one,)))

    async def match_startups(self, job: MatchStartups) -> None:
        """The same for a batch of startups, one transaction each."""
        await self._each(job.startup_ids, self._startup, lambda one: MatchStartups(startup_ids=(one,)))

    async def _each(
        self,
        ids: Sequence[uuid.UUID],
        rank: Callable[[uuid.UUID], Awaitable[None]],
        alone: Callable[[uuid.UUID], Message],
    ) -> None:
        """Rank for each; one that fails gets a job of its own instead of keeping those after it from theirs."""
        failed: list[uuid.UUID] = []
        for row in ids:
            try:
                await rank(row)
            except Exception as fault:
                if len(ids) == 1:
                    raise
                if isinstance(fault, Retry):  # something it ranked changed meanwhile: nothing that anybody must see to
                    log.info("match.ranked_again", row=str(row), reason=fault.reason)
                else:
                    log.warning("match.failed_in_batch", row=str(row), error=type(fault).__name__)
                failed.append(row)
        if failed:
            async with unit_of_work(self.sessions) as session:
                await enqueue(session, *map(alone, failed))

    async def _tender(self, row: uuid.UUID) -> None:
        tender_id = TenderId(row)
        async with reading(self.sessions) as session:
            found = await tender_subject(session, tender_id)
            also, unlisted = await MatchRepository(session).kept_for_startups(tender_id)
        if found is None:
            return
        best, others = _NOTHING
        looked_at = None
        if found.doc is not None:
            # After the reading: whoever was listed in it is in the index by now, and judged.
            await self.ranker.index.catch_up()
            best, others = await self.ranker.matches_of_tender(found.doc, now=self.clock(), also=also)
            looked_at = also
        judged = Judged(KeptFor.TENDER, tender_id, found.version, best.algorithm, best.items, others.items, looked_at)
        # No index holds unlisted startups: what the tender says now is for rankings of their own.
        await self._keep(Tender, found.tx, judged, rankings_of(unlisted) if found.doc is not None else ())

    async def _startup(self, row: uuid.UUID) -> None:
        startup_id = StartupId(row)
        async with reading(self.sessions) as session:
            found = await startup_subject(session, startup_id)
            also = await MatchRepository(session).kept_for_tenders(startup_id)
        if found is None:
            return
        best, others = _NOTHING
        looked_at = None
        if found.doc is not None:
            await self.ranker.index.catch_up()
            best, others = await self.ranker.matches_of_startup(found.doc, now=self.clock(), also=also)
            looked_at = also
        judged = Judged(KeptFor.STARTUP, startup_id, found.version, best.algorithm, best.items, others.items, looked_at)
        await self._keep(Startup, found.tx, judged)

    async def _keep(
        self, table: type[Tender | Startup], tx: int, judged: Judged, following: Sequence[Message] = ()
    ) -> None:
        async with unit_of_work(self.sessions) as session:
            if not await unchanged_since(session, table, judged.id, tx):
                raise Retry(dt.timedelta(0), f"the {table.__tablename__} changed while it was ranked")
            await MatchRepository(session).replace(judged)
            await enqueue(session, *following)
