"""Composition root of the background process: jobs by type, recurring ones by the clock, a graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.channels.mail.posting import PostOffice
from app.channels.mail.tasks import MailJobs
from app.channels.webhooks.dispatcher import Dispatcher, Outside
from app.db.outages import passing
from app.events.tasks import DeadlineJobs
from app.housekeeping import Housekeeping
from app.ingest.runs import Importer, read_options
from app.ingest.tasks import ImportJobs
from app.jobs.messages import ExpireMatches, MakeDigests, MatchUnlisted, TellDeadlines, Tidy
from app.jobs.runner import Handler, Runner, RunnerLimits
from app.jobs.schedule import Recurring, Timetable
from app.kit.clock import utc_now
from app.kit.observability import get_logger
from app.linking.tasks import LinkJobs
from app.matches.expiry import ExpiryJobs
from app.matches.ranking import Ranker
from app.matches.tasks import MatchJobs
from app.members.letters import MemberLetters
from app.members.matter_letters import MatterLetters
from app.profiling.tasks import ProfileJobs
from app.push.tasks import PushJobs
from app.requirements.tasks import RequirementJobs
from app.runtime import Runtime, mail_plan, webhook_guard, website_visitor
from app.searches.feeding import searched
from app.sources.crawling import Crawler
from app.sources.tasks import SourceJobs, due_times
from app.tenders.tasks import LaneJobs

GIVING_BACK_SECONDS = 5.0
OUTAGE_SECONDS = 2.0
MOST_CRAWLS = 3
RECURRING = (
    Recurring("*/10 * * * *", ExpireMatches()),
    Recurring("41 3 * * *", MatchUnlisted()),
    Recurring("5-59/10 * * * *", TellDeadlines()),
    Recurring("* * * * *", MakeDigests()),
    Recurring("17 * * * *", Tidy()),
)

log = get_logger(__name__)


def handlers(runtime: Runtime, ranker: Ranker, sources: SourceJobs) -> Sequence[Handler[Any]]:
    """Every job this process can do."""
    settings = runtime.settings
    reading = read_options(memory_bytes=settings.import_memory_bytes, cpu_seconds=settings.import_seconds)
    return (
        *LinkJobs(runtime.sessions, utc_now).handlers(),
        *LaneJobs(runtime.sessions).handlers(),
        *RequirementJobs(runtime.sessions, utc_now).handlers(),
        *MatchJobs(runtime.sessions, ranker, utc_now).handlers(),
        *ExpiryJobs(runtime.sessions, utc_now).handlers(),
        *DeadlineJobs(runtime.sessions, utc_now, dt.timedelta(hours=settings.deadline_lead_hours)).handlers(),
        *ImportJobs(Importer(runtime.sessions, utc_now, reading)).handlers(),
        *sources.handlers(),
        *ProfileJobs(runtime.sessions, utc_now, website_visitor(runtime)).handlers(),
        *PushJobs(runtime.sessions, utc_now).handlers(),
        *MailJobs(post_office(runtime), searched).handlers(),
        *MemberLetters(runtime.sessions, utc_now, runtime.keyring, mail_plan(settings), runtime.metrics).handlers(),
        *MatterLetters(runtime.sessions, utc_now, runtime.keyring, mail_plan(settings), runtime.metrics).handlers(),
        *Housekeeping(
            runtime.sessions, utc_now, runtime.sources.kept, dt.timedelta(days=settings.events_kept_days)
        ).handlers(),
    )


def post_office(runtime: Runtime) -> PostOffice | None:
    """What sends letters; ``None`` where this installation sends no mail."""
    plan = mail_plan(runtime.settings)
    if plan is None:
        return None
    return PostOffice(runtime.sessions, utc_now, runtime.keyring, plan, runtime.metrics)


def source_jobs(runtime: Runtime) -> SourceJobs:
    """The crawls of this process, with the one client that they share; nothing is asked of anybody yet."""
    plan = runtime.sources
    crawler = Crawler(runtime.engine, runtime.sessions, plan, plan.client(), utc_now)
    return SourceJobs(crawler, runtime.metrics, at_once=max(1, min(MOST_CRAWLS, runtime.settings.pool_size // 4)))


@asynccontextmanager
async def running_worker(runtime: Runtime, ranker: Ranker) -> AsyncIterator[asyncio.Task[None]]:
    """Work on the queue until the block is left. Yields the task to watch for faults.

    The jobs that run then are finished; those that take longer than ``stop_seconds`` go back into the queue.

    A database that goes away is waited for. The task ends by itself only with another fault: whoever watches it must
    end the process, so that it is started anew.
    """
    settings = runtime.settings
    plain = make_url(runtime.url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with _pool(plain) as pool:
        sources = source_jobs(runtime)
        recurring = (*RECURRING, *due_times(runtime.sources))
        limits = RunnerLimits(settings.job_concurrency, dt.timedelta(seconds=settings.job_heartbeat_seconds))
        shift = _Shift(
            lambda: Runner(pool, handlers(runtime, ranker, sources), limits, runtime.metrics),
            lambda: Timetable(pool, runtime.sessions, recurring),
            lambda: Dispatcher(
                pool, runtime.keyring, Outside(webhook_guard(settings), utc_now, metrics=runtime.metrics)
            ),
        )
        with contextlib.suppress(SQLAlchemyError, OSError):  # told again with every crawl
            await sources.tell()
        working = asyncio.create_task(shift.run(), name="worker")
        try:
            yield working
        finally:
            shift.stop()
            try:
                await asyncio.wait({working}, timeout=settings.stop_seconds)
            finally:  # time is up, or a second signal came
                shift.give_back()
                await asyncio.wait({working}, timeout=GIVING_BACK_SECONDS)
                working.cancel()


@asynccontextmanager
async def _pool(url: str) -> AsyncIterator[asyncpg.Pool]:
    """The connections of a worker. Whoever holds one at the end, as after an outage, is not waited for for ever."""
    pool = await asyncpg.create_pool(url, min_size=2, max_size=8, server_settings={"jit": "off"})
    try:
        yield pool
    finally:
        try:
            async with asyncio.timeout(GIVING_BACK_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()


class _Shift:
    """Queue, timetable and webhooks at work: the fault of one stops all, an outage of the database begins all anew."""

    def __init__(
        self, queue: Callable[[], Runner], timetable: Callable[[], Timetable], webhooks: Callable[[], Dispatcher]
    ) -> None:
        self._make_queue, self._make_timetable, self._make_webhooks = queue, timetable, webhooks
        self._queue, self._timetable, self._webhooks = queue(), timetable(), webhooks()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until stopped. Jobs that an outage cut off are taken up again when their heartbeat has lapsed."""
        while not self._stopping.is_set():
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._queue.run(), name="queue")
                    group.create_task(self._timetable.run(), name="timetable")
                    group.create_task(self._webhooks.run(), name="webhooks")
            except Exception as fault:
                why = passing(fault)
                if why is None:
                    raise
                log.warning("worker.database_lost", why=why)
                await self._pause()
                self._queue, self._timetable = self._make_queue(), self._make_timetable()
                self._webhooks = self._make_webhooks()
            else:
                return

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OUTAGE_SECONDS):
                await self._stopping.wait()

    def stop(self) -> None:
        """Take nothing more up; ``run`` returns when the running jobs are done."""
        self._stopping.set()
        self._timetable.stop()
        self._queue.stop()
        self._webhooks.stop()

    def give_back(self) -> None:
        """Put the running jobs back into the queue."""
        self._queue.give_back()
