"""A stop loses no job: short ones are finished, long ones go back into the queue."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from app.db.engine import create_engine
from app.db.session import create_sessions
from app.jobs.messages import Tidy
from app.jobs.queue import enqueue
from app.jobs.runner import Handler, Runner, RunnerLimits
from app.kit.metrics import Metrics
from tests.support.db import Database


@asynccontextmanager
async def running(database: Database, work: Callable[[Tidy], Awaitable[None]]):  # type: ignore[no-untyped-def]
    """A runner at work on one queued job, with its task and a connection to look with."""
    engine = create_engine(database.url, pool_size=2, statement_timeout_seconds=20)
    async with create_sessions(engine).begin() as session:
        await enqueue(session, Tidy())
    async with asyncpg.create_pool(host=database.host, user="postgres", database=database.name, min_size=2) as pool:
        limits = RunnerLimits(2, dt.timedelta(seconds=30))
        runner = Runner(pool, [Handler(Tidy, work)], limits, Metrics())
        yield runner, asyncio.create_task(runner.run()), pool
    await engine.dispose()


@pytest.mark.parametrize("finishes", [True, False], ids=["short", "long"])
async def test_short_jobs_are_finished_and_long_ones_given_back(fresh: Database, finishes: bool) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work(_: Tidy) -> None:
        begun.set()
        await may_end.wait()

    async with running(fresh, work) as (runner, task, pool):
        await begun.wait()
        runner.stop()
        if finishes:
            may_end.set()
        else:
            runner.give_back()
        await asyncio.wait_for(task, 10)
        left = await pool.fetch("SELECT status::text, attempts FROM pgqueuer.pgqueuer")
    assert [tuple(row) for row in left] == ([] if finishes else [("queued", 1)])


async def test_a_job_taken_while_the_others_are_given_back_is_given_back_too(fresh: Database) -> None:
    begun = asyncio.Event()

    async def work(_: Tidy) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with running(fresh, work) as (runner, task, pool):
        runner.give_back()
        async with asyncio.timeout(10):
            while not await pool.fetchval("SELECT max(attempts) FROM pgqueuer.pgqueuer"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        runner.stop()
        await asyncio.wait_for(task, 10)
        left = await pool.fetch("SELECT status::text FROM pgqueuer.pgqueuer")
    assert not begun.is_set()
    assert [row["status"] for row in left] == ["queued"]


async def test_a_job_that_was_given_back_is_done_by_the_next_worker(fresh: Database) -> None:
    times: list[int] = []
    begun, done = asyncio.Event(), asyncio.Event()

    async def work(_: Tidy) -> None:
        times.append(1)
        begun.set()
        if len(times) == 1:
            await asyncio.Event().wait()
        done.set()

    async with running(fresh, work) as (runner, task, pool):
        await begun.wait()
        runner.stop()
        runner.give_back()
        await task
        limits = RunnerLimits(2, dt.timedelta(seconds=30))
        after = Runner(pool, [Handler(Tidy, work)], limits, Metrics())
        again = asyncio.create_task(after.run())
        await asyncio.wait_for(done.wait(), 10)
        after.stop()
        await again
    assert len(times) == 2
