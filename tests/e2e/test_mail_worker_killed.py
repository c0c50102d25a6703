"""A real ``safqa worker``, ended with SIGKILL while it mails, again and again: no letter goes out twice, none is lost
without being told so.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import uuid
from collections import Counter

import asyncpg
import pytest

from app.channels.mail.tasks import MailJobs
from app.jobs.messages import MakeDigests
from app.searches.feeding import searched
from tests.app.channels.mail.conftest import Mailroom, mail_settings
from tests.support.api import SECRET, running_api
from tests.support.db import Database
from tests.support.factories import startup, tender
from tests.support.mail_server import MailBox, running_mail_server
from tests.support.processes import environment

_READERS = 20
_MATCHED = """
INSERT INTO match (id, tender_id, startup_id, score, grade, reasons, unknown, algorithm, tender_version,
    startup_version, for_tender, for_startup, public, state, created_at, updated_at)
SELECT gen_random_uuid(), $1, $2, 3, 'strong', '[]', '{}', 'profile-2', 1, 1, true, true, true, 'active', now(), now()
"""


async def worker(database: Database, box: MailBox) -> asyncio.subprocess.Process:
    settings = {name: str(value) for name, value in mail_settings(box).items()}
    given = environment(database_url=database.url, secret=SECRET, job_heartbeat_seconds="1", **settings)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", "from app.cli import run; run()", "worker", env=given, start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def issue(room: Mailroom, connection: asyncpg.Connection, firm: uuid.UUID) -> None:
    """Something new for every reader, due now."""
    buyer = await room.api.person("buyer")
    call = await buyer.client.post("/v1/tenders", json={**tender(), "status": "published"})
    await connection.execute(_MATCHED, uuid.UUID(call.json()["id"]), firm)
    await connection.execute("UPDATE digest_subscription SET state = 'confirmed', next_at = now()")
    await MailJobs(room.office(), searched).make(MakeDigests())


@pytest.mark.e2e
@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(1, marks=pytest.mark.timeout(600)),
        pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(7_200)]),
    ],
)
async def test_no_letter_goes_out_twice_however_often_the_worker_is_killed(fresh: Database, kills: int) -> None:
    dice = random.Random(kills)
    async with running_mail_server() as box, running_api(fresh, **mail_settings(box)) as api:
        room = Mailroom(api, box)
        owner = await api.person("startup")
        firm = uuid.UUID((await owner.client.post("/v1/startups", json=startup())).json()["id"])
        for number in range(_READERS):
            await room.subscribe(owner, f"reader{number}@firm.example", startup_id=str(firm))
        connection: asyncpg.Connection = await fresh.connect()
        await connection.execute("DELETE FROM letter")
        box.slow = 0.02
        try:
            for _ in range(kills):
                await issue(room, connection, firm)
                box.contents = ["451 4.3.0 later" if dice.random() < 0.05 else "250 2.0.0 kept" for _ in range(200)]
                process = await worker(fresh, box)
                until = len(box.got) + dice.randint(1, _READERS // 2)
                async with asyncio.timeout(60):
                    while len(box.got) < until:  # noqa: ASYNC110
                        await asyncio.sleep(0.002)
                await asyncio.sleep(dice.random() * box.slow)
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
                # As if ten minutes had passed: what the dead one had claimed lapses, what was refused is tried again.
                await connection.execute("UPDATE letter SET due_at = now() WHERE state IN ('queued', 'sending')")
            box.contents, box.slow = [], 0.0
            while await connection.fetchval("SELECT count(*) FROM letter WHERE state IN ('queued', 'sending')"):
                await room.minute(minutes=10)
            rows = await connection.fetch("SELECT id, state FROM letter WHERE kind = 'digest'")
        finally:
            await connection.close()
    state_of = {f"<{row['id']}@safqa.example>": row["state"] for row in rows}
    accepted = Counter(mail.message_id for mail in box.got)
    states = Counter(state_of.values())
    unknown_but_there = sum(1 for letter, state in state_of.items() if state == "uncertain" and letter in accepted)
    told = (
        f"{kills} kills: {len(rows)} letters, {states['sent']} sent, {states['uncertain']} uncertain "
        f"({unknown_but_there} of them accepted), {sum(accepted.values()) - len(accepted)} twice\n"
    )
    sys.stderr.write(told)
    assert max(accepted.values()) == 1, told
    assert set(states) <= {"sent", "uncertain"}, told
    assert states["uncertain"] <= 2 * kills, told
    assert {letter for letter, state in state_of.items() if state == "sent"} <= set(accepted), told
    assert set(accepted) <= set(state_of), told
