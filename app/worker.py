"""Composition root of the background process: jobs by type, recurring ones by the clock, a graceful stop."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from app.housekeeping import Housekeeping
from app.ingest.runs import Importer, read_options
from app.ingest.tasks import ImportJobs
from app.jobs.messages import ExpireMatches, Tidy
from app.jobs.runner import Handler, Runner, RunnerLimits
from app.jobs.schedule import Recurring, Timetable
from app.kit.clock import utc_now
from app.matches.expiry import ExpiryJobs
from app.matches.ranking import Ranker
from app.matches.tasks import MatchJobs
from app.runtime import Runtime

GIVING_BACK_SECONDS = 5.0
RECURRING = (Recurring("*/10 * * * *", ExpireMatches()), Recurring("17 * * * *", Tidy()))


def handlers(runtime: Runtime, ranker: Ranker) -> Sequence[Handler[Any]]:
    """Every job this process can do."""
    settings = runtime.settings
    reading = read_options(memory_bytes=settings.import_memory_bytes, cpu_seconds=settings.import_seconds)
    return (
        *MatchJobs(runtime.sessions, ranker, utc_now).handlers(),
        *ExpiryJobs(runtime.sessions, utc_now).handlers(),
        *ImportJobs(Importer(runtime.sessions, utc_now, reading)).handlers(),
        *Housekeeping(runtime.sessions, utc_now).handlers(),
    )


@asynccontextmanager
async def running_worker(runtime: Runtime, ranker: Ranker) -> AsyncIterator[asyncio.Task[None]]:
    """Work on the queue until the block is left. Yields the task to watch for faults.

    The jobs that run then are finished; those that take longer than ``stop_seconds`` go back into the queue.

    The task ends by itself only with a fault: whoever watches it must end the process, so that it is started anew.
    """
    settings = runtime.settings
    plain = make_url(runtime.url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with asyncpg.create_pool(plain, min_size=2, max_size=6, server_settings={"jit": "off"}) as pool:
        limits = RunnerLimits(settings.job_concurrency, dt.timedelta(seconds=settings.job_heartbeat_seconds))
        runner = Runner(pool, handlers(runtime, ranker), limits, runtime.metrics)
        timetable = Timetable(pool, runtime.sessions, RECURRING)
        working = asyncio.create_task(_both(runner, timetable), name="worker")
        try:
            yield working
        finally:
            timetable.stop()
            runner.stop()
            try:
                await asyncio.wait({working}, timeout=settings.stop_seconds)
            finally:  # time is up, or a second signal came
                runner.give_back()
                await asyncio.wait({working}, timeout=GIVING_BACK_SECONDS)
                working.cancel()


async def _both(runner: Runner, timetable: Timetable) -> None:
    """Queue and timetable; the fault of one stops both."""
    async with asyncio.TaskGroup() as group:
        group.create_task(runner.run(), name="queue")
        group.create_task(timetable.run(), name="timetable")
