"""Sessions: one transaction per request or job step, committed at the edge and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

Sessions = async_sessionmaker[AsyncSession]


def create_sessions(engine: AsyncEngine) -> Sessions:
    """The session factory of a process; objects stay readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def unit_of_work(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """One transaction for a job step: commits on leaving, rolls back on an exception."""
    async with sessions.begin() as session:
        yield session


@asynccontextmanager
async def reading(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    """A read-only transaction: a write in it is an error of ours and raises."""
    async with sessions.begin() as session:
        await session.execute(text("SET TRANSACTION READ ONLY"))
        yield session


async def driver_connection(session: AsyncSession) -> asyncpg.Connection:
    """The asyncpg connection under ``session``, inside the session's transaction.

    SQLAlchemy sends BEGIN with its own first statement only: whatever ran on the raw connection before would be
    committed by itself, and survive a rollback. So a statement is run first, and the result is checked.
    """
    connection = await session.connection()
    await connection.execute(text("SELECT 1"))
    raw = (await connection.get_raw_connection()).driver_connection
    if not isinstance(raw, asyncpg.Connection) or not raw.is_in_transaction():
        raise RuntimeError("the asyncpg connection is not inside the session's transaction")
    return raw
