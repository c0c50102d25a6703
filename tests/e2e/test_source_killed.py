"""A real ``safqa ingest``, ended with SIGKILL in the middle of a crawl of a portal on loopback, and run again."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.api import SECRET
from tests.support.db import Database
from tests.support.portal import CONTACT, Asked, Reply
from tests.support.portal_ocds import OcdsPortal, release

CALLS, PAGE = 60, 4


def environment(database: Database, portal: OcdsPortal, folder: Path) -> dict[str, str]:
    options = folder / "sources.toml"
    address = f"{portal.url}{portal.list_path}?updatedFrom={{since}}&updatedTo={{until}}&limit={PAGE}"
    options.write_text(f'[ocds_test]\nkind = "ocds"\nurl = "{address}"\npaging = "links"\ninterval = 0.05\n')
    return {
        **os.environ,
        "SAFQA_DATABASE_URL": database.url,
        "SAFQA_SECRET": SECRET,
        "SAFQA_SOURCES": "ocds_test",
        "SAFQA_SOURCES_FILE": str(options),
        "SAFQA_SOURCE_CONTACT": CONTACT,
        "SAFQA_SOURCES_ADDRESSES": f"127.0.0.1:{portal.port}",
    }


async def ingest(given: dict[str, str]) -> asyncio.subprocess.Process:
    command = [sys.executable, "-c", "from app.cli import run; run()", "ingest", "ocds_test"]
    return await asyncio.create_subprocess_exec(
        *command, env=given, start_new_session=True, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@pytest.mark.e2e
@pytest.mark.timeout(180)
async def test_an_ingest_that_is_killed_goes_on_without_loss_or_double(fresh: Database, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    async with OcdsPortal(longest=dt.timedelta(days=30)) as portal:
        portal.releases = [release(n, now - n * dt.timedelta(hours=1)) for n in range(1, CALLS + 1)]
        usual, reached = portal.routes["*"], asyncio.Event()
        pages = 0

        async def watched(asked: Asked) -> Reply:
            nonlocal pages
            pages += 1
            if pages == 5:
                reached.set()
                await asyncio.sleep(1)  # the fourth page is stored by now, and the fifth never arrives
            reply = usual(asked)
            assert isinstance(reply, Reply)
            return reply

        portal.route("*", watched)
        given = environment(fresh, portal, tmp_path)
        first = await ingest(given)
        await reached.wait()
        os.killpg(first.pid, signal.SIGKILL)
        await first.communicate()
        connection = await fresh.connect()
        left = await connection.fetchval("SELECT count(*) FROM tender")
        assert 0 < left < CALLS, "it was over before it could be killed"
        asked = len(portal.paths())
        second = await ingest(given)
        out, said = await second.communicate()
        assert second.returncode == 0, said.decode()
        assert f"{CALLS - left} new" in out.decode()
        assert len(portal.paths()) - asked <= CALLS // PAGE - left // PAGE + 1, (
            "pages that were stored are not asked for"
        )
        stored = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM tender) AS tenders, (SELECT count(*) FROM tender_version) AS versions,"
            " (SELECT count(DISTINCT external_id) FROM tender) AS ids, (SELECT outcome FROM crawl_run) AS outcome,"
            " (SELECT attempts FROM crawl_run) AS attempts"
        )
        await connection.close()
        assert dict(stored) == {
            "tenders": CALLS, "versions": CALLS, "ids": CALLS, "outcome": "complete", "attempts": 2,
        }  # fmt: skip
