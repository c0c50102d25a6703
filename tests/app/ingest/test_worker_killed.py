"""A real worker process, ended with SIGKILL in the middle of an import."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.api import SECRET, Api
from tests.support.db import Database
from tests.support.factories import tender
from tests.support.imports import counts, jsonl, send

RECORDS = 12_000
"""Three batches: the second is under way when the first worker is killed."""
EVERY = 20
"""One call in so many is open, and told of when it is stored."""


@contextmanager
def worker(database: Database) -> Iterator[subprocess.Popen[bytes]]:
    """``safqa worker`` in a process group of its own."""
    environment = {
        **os.environ,
        "SAFQA_DATABASE_URL": database.url,
        "SAFQA_SECRET": SECRET,
        "SAFQA_JOB_HEARTBEAT_SECONDS": "1",
    }
    command = [sys.executable, "-c", "from app.cli import run; run()", "worker"]
    running = subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        yield running
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


@pytest.mark.e2e
@pytest.mark.timeout(180)
class TestAWorkerThatIsKilled:
    async def test_its_import_goes_on_elsewhere_and_nothing_is_stored_twice(self, api: Api, fresh: Database) -> None:
        buyer = await api.person("buyer")
        past = {"deadline": "2020-01-01T00:00:00+01:00"}  # so that the workers rank little afterwards
        calls = (tender(f"Appel {n}", id=f"A-{n}", **({} if n % EVERY == 0 else past)) for n in range(RECORDS))
        content = jsonl(calls) + b"{broken\n"
        where = (await send(buyer, "tenders", content)).headers["Location"]

        async def run() -> dict[str, object]:
            found: dict[str, object] = (await buyer.client.get(where)).json()
            return found

        with worker(fresh) as first:
            while not (seen := (await run())["seen"]):
                assert first.poll() is None
                await asyncio.sleep(0.02)
            os.killpg(first.pid, signal.SIGKILL)
            first.wait()
        left = await run()
        assert left["state"] == "running", "the import was over before it could be interrupted"
        assert 0 < seen <= left["seen"] < RECORDS
        with worker(fresh) as second:
            while (now := await run())["state"] == "running":
                assert second.poll() is None
                await asyncio.sleep(0.1)
        assert now["state"] == "finished"
        assert counts(now) == {
            "seen": RECORDS + 1,
            "created": RECORDS,
            "updated": 0,
            "unchanged": 0,
            "rejected": 1,
        }
        connection = await fresh.connect()
        stored = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM tender) AS tenders, (SELECT count(*) FROM tender_version) AS versions,"
            " (SELECT max(version) FROM tender_version) AS newest,"
            " (SELECT count(*) FROM import_chunk) AS chunks,"
            " (SELECT count(*) FROM event WHERE type = 'tender.published') AS published,"
            " (SELECT count(DISTINCT tender_id) FROM event WHERE type = 'tender.published') AS calls,"
            " (SELECT count(*) FROM event WHERE type = 'import.finished') AS ended"
        )
        await connection.close()
        told = RECORDS // EVERY
        assert dict(stored) == {
            "tenders": RECORDS, "versions": RECORDS, "newest": 1, "chunks": 0,
            "published": told, "calls": told, "ended": 1,
        }  # fmt: skip
