"""Who may crawl now: one process per source and host, and nobody while a switch is set.

Advisory locks of PostgreSQL, held by a connection of their own: a killed process loses them with it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.db.session import Sessions, reading
from app.kit.observability import get_logger
from app.sources.repository import SourceRepository
from scrapers.base import Source

HALT_SECONDS = 2.0
"""How long a switch may go unnoticed by a crawl that is under way."""

log = get_logger(__name__)


class SourceBusy(Exception):
    """Another process crawls this source, or another source of its host."""


@asynccontextmanager
async def alone(engine: AsyncEngine, source: Source) -> AsyncIterator[None]:
    """Keep every other process from this source and its hosts while the block runs. Raises SourceBusy."""
    hosts = sorted(source.manners.hosts) if source.network else []
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            await _take(connection, [f"source {source.name}", *(f"host {host}" for host in hosts)])
            yield
        finally:
            with contextlib.suppress(SQLAlchemyError, OSError):  # a lost connection has lost its locks, too
                await connection.execute(text("SELECT pg_advisory_unlock_all()"))


async def _take(connection: AsyncConnection, names: Iterable[str]) -> None:
    for name in names:
        taken = await connection.scalar(
            text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), {"name": f"safqa {name}"}
        )
        if not taken:
            raise SourceBusy(f"another process is at work on the {name}")


class HaltWatch:
    """Follows the switches of the database during a crawl; ``is_set()`` is what the permit asks."""

    def __init__(self, sessions: Sessions, name: str) -> None:
        self._sessions = sessions
        self._name = name
        self._set = False

    def is_set(self) -> bool:
        """Whether a switch was set when last looked."""
        return self._set

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look every other second while the block runs."""
        watching = asyncio.create_task(self._watch(), name=f"halt watch of {self._name}")
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(HALT_SECONDS)
            try:
                async with reading(self._sessions) as session:
                    self._set = await SourceRepository(session).halted([self._name]) is not None
            except (SQLAlchemyError, OSError) as fault:  # the crawl itself will meet it at its next batch
                log.warning("source.halt_unknown", source=self._name, error=type(fault).__name__)
