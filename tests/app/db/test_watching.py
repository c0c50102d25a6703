"""A server that is killed under its users comes back by itself, with its data."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.db import watching
from app.db.embedded import EmbeddedPostgres
from app.db.outages import DATABASE_ERRORS, passing

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    with tempfile.TemporaryDirectory(prefix="safqa-watched-") as made:
        Path(made).chmod(0o755)
        server = EmbeddedPostgres(Path(made) / "data", extra="shared_buffers = 16MB")
        server.start()
        yield server
        server.stop()


async def ask(server: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(host=str(server.socket_folder), user="postgres", database="postgres")
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_a_killed_server_is_started_again(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "LOOK_SECONDS", 0.05)
    await ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    watch = asyncio.create_task(watching.keep_running(server))
    assert server.is_running()
    os.kill(int((server.data / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
    async with asyncio.timeout(90):
        while True:
            try:
                assert await ask(server, "SELECT answer FROM kept") == 42
                break
            except DATABASE_ERRORS as away:
                if passing(away) is None:
                    raise
                await asyncio.sleep(0.1)
    watch.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watch
    assert server.is_running()
