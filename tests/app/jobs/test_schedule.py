"""Recurring jobs over a real queue: once for all workers, made up for after a pause, by the clock alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.db.engine import create_engine
from app.db.session import Sessions, create_sessions
from app.jobs.messages import Tidy
from app.jobs.schedule import Recurring, Timetable
from tests.support.db import Database

NEVER_TODAY = Recurring("0 0 29 2 *", Tidy())


@pytest.fixture
async def pool(fresh: Database) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(host=fresh.host, user="postgres", database=fresh.name, min_size=2) as made:
        yield made


@pytest.fixture
async def sessions(fresh: Database) -> AsyncIterator[Sessions]:
    engine = create_engine(fresh.url, pool_size=4, statement_timeout_seconds=20)
    yield create_sessions(engine)
    await engine.dispose()


async def watched(pool: asyncpg.Pool, sessions: Sessions, *, workers: int) -> None:
    """Let some workers look at their timetables once."""
    tables = [Timetable(pool, sessions, [NEVER_TODAY]) for _ in range(workers)]
    running = [asyncio.create_task(table.run()) for table in tables]
    await asyncio.sleep(0.5)
    for table in tables:
        table.stop()
    await asyncio.gather(*running)


async def asked(pool: asyncpg.Pool) -> list[str]:
    return [row["entrypoint"] for row in await pool.fetch("SELECT entrypoint FROM pgqueuer.pgqueuer")]


async def test_what_is_not_due_is_not_asked_for(pool: asyncpg.Pool, sessions: Sessions) -> None:
    await watched(pool, sessions, workers=1)
    assert await asked(pool) == []


async def test_what_fell_due_while_nobody_watched_is_asked_for_once_by_all_workers(
    pool: asyncpg.Pool, sessions: Sessions
) -> None:
    await watched(pool, sessions, workers=1)
    await pool.execute("UPDATE pgqueuer.pgqueuer_schedules SET next_run = now() - interval '3 days'")
    await watched(pool, sessions, workers=3)
    assert await asked(pool) == ["tidy"]
    due = await pool.fetchval("SELECT next_run > now() AND status = 'queued' FROM pgqueuer.pgqueuer_schedules")
    assert due, "and it is due again at its next time"
