"""Composition root of the background process: jobs by type, a graceful stop."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from app.jobs.runner import Handler, Runner, RunnerLimits
from app.kit.clock import utc_now
from app.matches.ranking import Ranker
from app.matches.tasks import MatchJobs
from app.runtime import Runtime


def handlers(runtime: Runtime, ranker: Ranker) -> Sequence[Handler[Any]]:
    """Every job this process can do."""
    return (*MatchJobs(runtime.sessions, ranker, utc_now).handlers(),)


@asynccontextmanager
async def running_worker(runtime: Runtime, ranker: Ranker) -> AsyncIterator[asyncio.Task[None]]:
    """Work on the queue until the block is left; then finish the jobs that run. Yields the task to watch for faults."""
    settings = runtime.settings
    plain = make_url(runtime.url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with asyncpg.create_pool(plain, min_size=2, max_size=4, server_settings={"jit": "off"}) as pool:
        heartbeat = dt.timedelta(seconds=settings.job_heartbeat_seconds)
        runner = Runner(pool, handlers(runtime, ranker), RunnerLimits(settings.job_concurrency, heartbeat))
        working = asyncio.create_task(runner.run(), name="worker")
        try:
            yield working
        finally:
            runner.stop()
            await asyncio.gather(working, return_exceptions=True)
