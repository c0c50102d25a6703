"""The worker, the API and PostgreSQL ended with SIGKILL under load, again and again: what was committed is delivered.

Calls are posted without pause to a real ``safqa api``; a real ``safqa worker`` sends their events to a receiver that is
slow and sometimes refuses. Each round ends one of the three: PostgreSQL with all its processes, and durable, as users
have it. In the end the event log is compared with what arrived.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import asyncpg
import httpx
import psutil
import pytest

from app.db.embedded import EmbeddedError, EmbeddedPostgres
from app.db.engine import create_engine
from app.db.migrate import upgrade
from tests.app.channels.webhooks.conftest import hook
from tests.support.api import SECRET, Person, running_api
from tests.support.db import Database
from tests.support.factories import tender
from tests.support.processes import data_folder, environment, free_port
from tests.support.receiver import Got, Receiver, answering, running_receiver

VICTIMS = ("worker", "api", "postgres")
POSTERS = 3
PATIENCE_SECONDS = 90
_WAITING = """
SELECT (SELECT count(*) FROM webhook_outbox) + (SELECT count(*) FROM webhook_delivery WHERE state <> 'delivered')
"""
# What a dispatcher holds just now is passed over: waiting for it, each could wait for the other.
_DUE_NOW = """
UPDATE webhook_delivery SET due_at = now() WHERE id IN (
    SELECT id FROM webhook_delivery WHERE state = 'waiting' AND due_at > now() FOR UPDATE SKIP LOCKED
)
"""


@dataclass
class Town:
    """Everything that runs, and what was answered to those who posted."""

    server: EmbeddedPostgres
    receiver: Receiver
    port: int
    folder: str
    running: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)
    posted: set[str] = field(default_factory=set)
    cut: int = 0

    async def start(self, what: str) -> None:
        given = environment(
            database_url=self.server.url(), secret=SECRET, webhook_addresses=self.receiver.address, rate_limit="0",
            data_dir=self.folder, cpu_threads="1",
        )  # fmt: skip
        command = ["worker"] if what == "worker" else ["api", "--port", str(self.port)]
        self.running[what] = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from app.cli import run; run()", *command, env=given, start_new_session=True,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def kill(self, what: str) -> None:
        """End it without warning, and start it again."""
        if what == "postgres":
            postmaster = psutil.Process(int((self.server.data / "postmaster.pid").read_text().split(maxsplit=1)[0]))
            for process in (postmaster, *postmaster.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self.server.is_running():  # noqa: ASYNC110 (a signal takes its time to kill)
                    await asyncio.sleep(0.01)
                while not self.server.is_running():
                    with suppress(EmbeddedError):  # its last processes may still be dying
                        await asyncio.to_thread(self.server.revive)
            return
        process = self.running.pop(what)
        with suppress(ProcessLookupError):  # it had ended by itself just then
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await self.start(what)

    async def keep(self) -> None:
        """Start again, until cancelled, what ended by itself because the database was away while it began; whoever runs
        such processes has somebody who does (systemd, a container's restart policy).
        """
        while True:
            await asyncio.sleep(0.2)
            for what, process in list(self.running.items()):
                if process.returncode is not None and self.running.get(what) is process:
                    await self.start(what)

    async def stop(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def post(self, person: Person) -> None:
        """Post calls until cancelled. What is cut off may have been committed or not."""
        keyed = {"Authorization": f"Bearer {person.token}"}
        url = f"http://127.0.0.1:{self.port}"
        async with httpx.AsyncClient(base_url=url, headers=keyed, trust_env=False, timeout=10) as client:
            while True:
                body = tender() | {"status": "published"}
                try:
                    answer = await client.post("/v1/tenders", json=body)
                except httpx.HTTPError:
                    self.cut += 1
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code == 201:
                    self.posted.add(str(answer.json()["id"]))
                else:
                    assert answer.status_code in {500, 503}, answer.text
                    self.cut += 1
                await asyncio.sleep(0.02)

    async def connect(self) -> asyncpg.Connection:
        return await asyncpg.connect(host=str(self.server.socket_folder), user="postgres", database="postgres")

    async def reaches(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.receiver.got) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@asynccontextmanager
async def inhabited(dice: random.Random) -> AsyncIterator[tuple[Town, Person]]:
    """A town with its own durable database, one buyer, and an endpoint of his."""

    async def unsteady(got: Got, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(dice.random() / 50)
        await answering(204 if dice.random() > 0.05 else 500)(got, writer)

    with data_folder() as folder:
        server = EmbeddedPostgres(folder)
        await asyncio.to_thread(server.start)
        try:
            engine = create_engine(server.url(), pool_size=2, statement_timeout_seconds=60)
            await upgrade(engine)
            await engine.dispose()
            async with running_receiver() as receiver:
                database = Database("postgres", server.url(), str(server.socket_folder))
                async with running_api(database, webhook_addresses=(receiver.address,)) as api:
                    buyer = await api.person("buyer")
                    await hook(buyer, receiver.url, types=["tender.published"])
                receiver.otherwise = unsteady
                town = Town(server, receiver, free_port(), str(folder))
                try:
                    await town.start("api")
                    await town.start("worker")
                    yield town, buyer
                finally:
                    await town.stop()
        finally:
            await asyncio.to_thread(server.stop)


@asynccontextmanager
async def kept(town: Town) -> AsyncIterator[None]:
    """While the block runs, what ends by itself is started again."""
    keeping = asyncio.create_task(town.keep())
    try:
        yield
    finally:
        keeping.cancel()


async def all_sent(town: Town) -> None:
    """Nobody posts any more: until nothing waits. What the dead had claimed, and what failed, is made due at once."""
    connection = await town.connect()
    try:
        async with asyncio.timeout(2 * PATIENCE_SECONDS):
            while await connection.fetchval(_WAITING):
                await connection.execute(_DUE_NOW)
                await asyncio.sleep(1)
    finally:
        await connection.close()


@pytest.mark.e2e
@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(3, marks=pytest.mark.timeout(400)),
        pytest.param(300, marks=[pytest.mark.soak, pytest.mark.timeout(10_800)]),
    ],
)
async def test_what_was_committed_is_delivered_whatever_is_killed(kills: int) -> None:
    dice = random.Random(kills)
    killed: Counter[str] = Counter()
    async with inhabited(dice) as (town, buyer), kept(town):
        posting = [asyncio.create_task(town.post(buyer)) for _ in range(POSTERS)]
        await town.reaches(1)
        for number in range(kills):
            await town.reaches(len(town.receiver.got) + dice.randint(1, 30))
            await asyncio.sleep(dice.random() / 4)
            victim = VICTIMS[number] if number < len(VICTIMS) else dice.choice(VICTIMS)
            await town.kill(victim)
            killed[victim] += 1
        await town.reaches(len(town.receiver.got) + 5)
        for task in posting:
            task.cancel()
        ended = await asyncio.gather(*posting, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended
        await all_sent(town)
        connection = await town.connect()
        rows = await connection.fetch("SELECT id, tender_id FROM event WHERE type = 'tender.published'")
        await connection.close()
    events = {str(row["id"]) for row in rows}
    seen = Counter(got.webhook_id for got in town.receiver.got)
    lost = events - seen.keys()
    again = sum(seen.values()) - len(seen)
    told = (
        f"{kills} kills ({', '.join(f'{n} {what}' for what, n in sorted(killed.items()))}): {len(town.posted)} calls"
        f" answered 201, {town.cut} cut off; {len(events)} events, {len(seen)} delivered, {again} requests more with the"
        f" same id, {len(lost)} lost\n"
    )
    sys.stderr.write(told)
    assert town.posted <= {str(row["tender_id"]) for row in rows}, "what was answered is committed, and told"
    assert len(rows) == len({row["tender_id"] for row in rows}), "each call is told once"
    assert set(seen) == events, told
