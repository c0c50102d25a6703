"""Workers that run beside each other, whatever their clocks say, and what they count."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from standardwebhooks import WebhookVerificationError

from app.channels.webhooks.backlog import tell_backlog
from app.channels.webhooks.dispatcher import Dispatcher, Outside
from app.kit.metrics import Metrics
from app.runtime import webhook_guard
from tests.app.channels.webhooks.conftest import Office, hook
from tests.support.receiver import Answer, Receiver, answering


def worker_of(office: Office, hours: float = 0.0, metrics: Metrics | None = None) -> Dispatcher:
    """One whose clock is wrong by so many hours."""

    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)

    outside = Outside(webhook_guard(office.api.runtime.settings), clock, metrics=metrics or Metrics())
    made = Dispatcher(office.pool, office.api.runtime.keyring, outside)
    office.dispatchers.append(made)
    return made


@asynccontextmanager
async def running(worker: Dispatcher) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await task


def holding(held: asyncio.Event, status: int) -> Answer:
    async def answer(got, writer) -> None:  # type: ignore[no-untyped-def]
        await held.wait()
        await answering(status)(got, writer)

    return answer


async def reached(receiver: Receiver, count: int) -> None:
    async with asyncio.timeout(20):
        while len(receiver.got) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_worker_an_hour_ahead_takes_nothing_that_another_is_sending(office: Office) -> None:
    slow, other = office.receivers
    owner = await office.api.person("startup")
    await hook(owner, slow.url, types=["match.created"])
    await hook(owner, other.url, types=["match.updated"])
    held = asyncio.Event()
    slow.otherwise = holding(held, 204)
    async with running(right := worker_of(office)):
        await office.event("match.created", to=owner)
        await reached(slow, 1)
        right.stop()  # it ends when its request does: what comes now is the other's
        async with running(worker_of(office, hours=1)):
            for count in (1, 2, 3):
                await office.event("match.updated", to=owner)
                await reached(other, count)
            assert len(slow.got) == 1, "its lease holds"
            held.set()
    assert len(slow.got) == 1
    assert {row["state"] for row in await office.deliveries()} == {"delivered"}


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_worker_with_a_wrong_clock_sends_at_once_and_signs_by_the_databases(office: Office, hours: int) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    async with running(worker_of(office, hours)):
        await office.event(to=owner)
        await reached(office.receiver, 1)
    office.receiver.got[0].verified_by(made["secret"])  # it refuses a timestamp that is off by five minutes
    tried = await office.pool.fetchval("SELECT started_at FROM webhook_attempt")
    assert abs(tried - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)


async def test_a_secret_replaced_in_flight_signs_the_next_attempt(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    held = asyncio.Event()
    office.receiver.answers = [holding(held, 500)]
    await office.event(to=owner)
    worker = office.dispatcher()
    await worker.turn()
    await reached(office.receiver, 1)
    fresh = (await owner.client.post(f"/v1/webhooks/{made['id']}/secret", json={"overlap_hours": 0})).json()
    held.set()
    await worker.drain()
    assert await office.drain(seconds=10) == 1
    before, after = office.receiver.got
    before.verified_by(made["secret"])
    after.verified_by(fresh["secret"])
    with pytest.raises(WebhookVerificationError):
        after.verified_by(made["secret"])


async def test_what_waits_for_an_endpoint_that_fails_is_given_back_untried(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    for _ in range(30):
        await office.event(to=owner)
    worker = office.dispatcher()
    await worker.turn()
    await reached(office.receiver, 4)
    office.receiver.otherwise = answering(503, retry_after="600")
    for _ in range(3):  # the line is filled ahead by now
        await worker.turn()
        await asyncio.sleep(0.02)
    await worker.drain()
    tried = await office.pool.fetchval("SELECT count(*) FROM webhook_attempt WHERE status = 503")
    rows = await office.deliveries()
    assert 1 <= tried <= 4, "those under way at once, and no more"
    assert sum(row["attempts"] for row in rows) == len(office.receiver.got)
    assert all(row["claim"] is None for row in rows)
    office.receiver.otherwise = answering(204)
    await office.drain(seconds=601)
    assert {row["state"] for row in await office.deliveries()} == {"delivered"}


async def test_attempts_and_what_waits_are_counted(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    office.receiver.answers = [answering(204), answering(503, retry_after="600")]
    metrics = Metrics()
    async with running(worker_of(office, metrics=metrics)):
        for count in (1, 2):
            await office.event(to=owner)
            await reached(office.receiver, count)
    async with office.pool.acquire() as connection:
        await tell_backlog(connection, metrics, dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1_000))
    told = metrics.render().decode()
    for line in (
        'safqa_webhook_attempts_total{outcome="delivered"} 1.0',
        'safqa_webhook_attempts_total{outcome="5xx"} 1.0',
        "safqa_webhook_attempt_seconds_count 2.0",
        "safqa_webhook_deliveries_due 1.0",
        'safqa_webhook_endpoints{state="enabled"} 1.0',
        'safqa_webhook_endpoints{state="gone"} 0.0',
    ):
        assert line in told
    (oldest,) = [line for line in told.splitlines() if line.startswith("safqa_webhook_oldest_due_seconds ")]
    assert 300 < float(oldest.split()[1]) < 401
