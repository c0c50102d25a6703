"""What is kept for a while only, and forgotten by the hour."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, text

from app.api.idempotency import forget_answers
from app.channels.mail import letters, matters
from app.channels.webhooks.repository import DeliveryRepository as WebhookDeliveries
from app.db.session import Sessions, unit_of_work
from app.events.log import EVENTS_AT_ONCE, forget_events
from app.ingest.repository import ImportRepository
from app.jobs.messages import Tidy
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.kit.observability import get_logger
from app.members.entry_repository import EntryRepository
from app.models.startup_claim import StartupClaim
from app.profiling.repository import ProposalRepository
from app.push.repository import DeliveryRepository
from app.requirements.repository import DocumentRepository
from app.sources import payloads

ANSWERS_KEPT = dt.timedelta(hours=24)
BUDGETS_KEPT = dt.timedelta(days=3)
DEAD_CLAIMS_KEPT = dt.timedelta(days=30)
DELIVERIES_KEPT = dt.timedelta(days=90)
HELD_IMPORTS_KEPT = dt.timedelta(days=1)
EVENTS_KEPT = dt.timedelta(days=90)
LETTERS_KEPT = dt.timedelta(days=90)
JOB_LOG_KEPT = dt.timedelta(days=14)
PAYLOADS_KEPT = dt.timedelta(days=90)
DOCUMENT_TEXTS_KEPT = dt.timedelta(days=180)
PROPOSALS_KEPT = dt.timedelta(days=90)
ENTRIES_KEPT = dt.timedelta(days=30)

log = get_logger(__name__)

# The queue's log is folded into its statistics by PGQueuer itself, and never shortened.
_OLD_JOB_LOG = (
    text("DELETE FROM pgqueuer.pgqueuer_log WHERE aggregated AND created < :before"),
    text("DELETE FROM pgqueuer.pgqueuer_statistics WHERE created < :before"),
)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """The handler of the hourly job."""

    sessions: Sessions
    clock: Clock
    payloads_kept: dt.timedelta = PAYLOADS_KEPT
    events_kept: dt.timedelta = EVENTS_KEPT

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (Handler(Tidy, self.tidy, concurrency=1),)

    async def tidy(self, _: Tidy) -> None:
        """Forget what has outlived its time, one transaction each."""
        now = self.clock()
        async with unit_of_work(self.sessions) as session:
            answers = await forget_answers(session, before=now - ANSWERS_KEPT)
        async with unit_of_work(self.sessions) as session:
            dead = StartupClaim.expires_at < now - DEAD_CLAIMS_KEPT
            await session.execute(delete(StartupClaim).where(dead, StartupClaim.claimed_at.is_(None)))
        async with unit_of_work(self.sessions) as session:
            deliveries = await DeliveryRepository(session).forget(before=now - DELIVERIES_KEPT)
            proposals = await ProposalRepository(session).forget(before=now - PROPOSALS_KEPT)
            await DocumentRepository(session).forget_texts(before=now - DOCUMENT_TEXTS_KEPT)
            await WebhookDeliveries(session).forget_pings(before=now - DELIVERIES_KEPT)
            await WebhookDeliveries(session).forget_budgets(before=(now - BUDGETS_KEPT).date())
            await letters.forget(session, before=now - LETTERS_KEPT)
            await matters.forget(session, before=now - LETTERS_KEPT)
            await ImportRepository(session).forget_held(before=now - HELD_IMPORTS_KEPT)
        async with unit_of_work(self.sessions) as session:
            await EntryRepository(session).forget(now - ENTRIES_KEPT)
        async with unit_of_work(self.sessions) as session:
            for statement in _OLD_JOB_LOG:
                await session.execute(statement, {"before": now - JOB_LOG_KEPT})
        async with unit_of_work(self.sessions) as session:
            erased = await payloads.erase(session, now - self.payloads_kept)
        log.info(
            "tidy.done", answers=answers, payloads=erased.bodies, deliveries=deliveries, proposals=proposals,
            events=await self._forget_events(now),
        )  # fmt: skip

    async def _forget_events(self, now: dt.datetime) -> int:
        forgotten, some = 0, EVENTS_AT_ONCE
        while some == EVENTS_AT_ONCE:
            async with unit_of_work(self.sessions) as session:
                some = await forget_events(session, before=now - self.events_kept)
            forgotten += some
        return forgotten
