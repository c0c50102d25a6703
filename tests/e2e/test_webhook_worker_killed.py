"""A real ``safqa worker``, ended with SIGKILL in the middle of bursts, again and again: no event is lost, ids stay.

The short form for everyday is in ``test_webhook_kills``, which kills the API and PostgreSQL too.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter

import asyncpg
import pytest

from tests.app.channels.webhooks.conftest import hook
from tests.support.api import SECRET, running_api
from tests.support.db import Database
from tests.support.processes import environment
from tests.support.receiver import Got, Receiver, answering, running_receiver

_EVENTS = """
INSERT INTO event (type, audience, key, payload, occurred_at)
SELECT 'tender.published', 'everyone', 'e2e:' || $1 || ':' || n, '{}', now() FROM generate_series(1, $2) AS n
"""
_PER_ROUND = 60


async def worker(database: Database, receiver: Receiver) -> asyncio.subprocess.Process:
    given = environment(database_url=database.url, secret=SECRET, webhook_addresses=receiver.address)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from app.cli import run; run()", "worker", env=given, start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def reaches(receiver: Receiver, count: int) -> None:
    async with asyncio.timeout(60):
        while len(receiver.got) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.e2e
@pytest.mark.soak
@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("kills", [200])
async def test_every_event_arrives_however_often_the_worker_is_killed(fresh: Database, kills: int) -> None:
    dice = random.Random(kills)
    async with running_receiver() as receiver, running_api(fresh, webhook_addresses=(receiver.address,)) as api:

        async def unsteady(got: Got, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(dice.random() / 50)
            await answering(204 if dice.random() > 0.05 else 500)(got, writer)

        receiver.otherwise = unsteady
        owner = await api.person("startup")
        made = await hook(owner, receiver.url)
        connection: asyncpg.Connection = await fresh.connect()
        try:
            for number in range(kills):
                await connection.execute(_EVENTS, str(number), _PER_ROUND)
                process = await worker(fresh, receiver)
                await reaches(receiver, len(receiver.got) + dice.randint(1, _PER_ROUND // 2))
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
                # What the dead one had claimed lapses in a minute, and what failed waits: both are due now.
                await connection.execute("UPDATE webhook_delivery SET due_at = now() WHERE state = 'waiting'")
            process = await worker(fresh, receiver)
            async with asyncio.timeout(120):
                while await connection.fetchval(
                    "SELECT (SELECT count(*) FROM webhook_outbox)"
                    " + (SELECT count(*) FROM webhook_delivery WHERE state <> 'delivered')"
                ):
                    await connection.execute(
                        "UPDATE webhook_delivery SET due_at = now() WHERE state = 'waiting' AND claim IS NULL"
                    )
                    await asyncio.sleep(0.1)
            os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
            events = {str(row["id"]) for row in await connection.fetch("SELECT id FROM event WHERE key LIKE 'e2e:%'")}
        finally:
            await connection.close()
        seen = Counter(got.webhook_id for got in receiver.got)
        told = f"{kills} kills: {len(events)} events, {len(receiver.got)} requests, {len(events - seen.keys())} lost\n"
        sys.stderr.write(told)
        assert set(seen) == events, told
        for got in receiver.got[-3:]:
            got.verified_by(made["secret"])
