"""An embedded PostgreSQL for measurements: the settings that users get, durable, in a folder of its own."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg

from app.db.embedded import EmbeddedPostgres
from app.db.engine import create_engine
from app.db.migrate import upgrade

_numbers = itertools.count()


@contextmanager
def running_server() -> Iterator[EmbeddedPostgres]:
    where = hashlib.sha256(os.fsencode(Path(__file__).resolve())).hexdigest()[:10]
    server = EmbeddedPostgres(Path(tempfile.gettempdir()) / f"safqa-bench-{os.getuid()}-{where}")
    server.start()
    try:
        yield server
    finally:
        server.stop()


@asynccontextmanager
async def fresh_database(server: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a migrated, empty database that is dropped afterwards."""
    name = f"bench_{os.getpid()}_{next(_numbers)}"
    await _admin(server, f"CREATE DATABASE {name}")
    try:
        engine = create_engine(server.url(name), pool_size=2, statement_timeout_seconds=60)
        await upgrade(engine)
        await engine.dispose()
        await _admin(server, "CHECKPOINT")
        yield server.url(name)
    finally:
        await _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


async def connect(url: str) -> asyncpg.Connection:
    """A plain connection with the session settings of the application's engine."""
    settings = {"timezone": "UTC", "jit": "off"}
    return await asyncpg.connect(url.replace("postgresql+asyncpg", "postgresql"), server_settings=settings)


async def _admin(server: EmbeddedPostgres, sql: str) -> None:
    for attempt in range(5):
        connection = await asyncpg.connect(host=str(server.socket_folder), user="postgres", database="postgres")
        try:
            await connection.execute(sql)
        except asyncpg.ObjectInUseError:
            await asyncio.sleep(0.2 * (attempt + 1))
        else:
            return
        finally:
            await connection.close()
