"""Events reach real receivers, signed; failures come back by the schedule; a killed worker loses nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
import json

import pytest
from standardwebhooks import WebhookVerificationError

from app.channels.webhooks.claiming import Held, claim
from app.channels.webhooks.desk import DispatchLimits
from app.channels.webhooks.selection import fan_out
from app.housekeeping import Housekeeping
from app.jobs.messages import Tidy
from app.kit.ids import new_uuid
from tests.app.channels.webhooks.conftest import Office, hook
from tests.support.receiver import answering, saying


async def log_of(person, endpoint, delivery=None):  # type: ignore[no-untyped-def]
    base = f"/v1/webhooks/{endpoint['id']}/deliveries"
    found = (await person.client.get(base)).json()["items"]
    return (await person.client.get(f"{base}/{delivery or found[0]['id']}")).json()


async def test_an_event_arrives_signed_once_and_is_logged(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    event_id = await office.event(to=owner, grade="strong", title="Études à Aïn Lilia")
    assert await office.drain() == 1
    assert await office.drain() == 0
    (got,) = office.receiver.got
    message = got.verified_by(endpoint["secret"])
    assert got.webhook_id == str(event_id) == message["id"]
    assert (message["type"], message["data"]) == ("match.created", {"grade": "strong", "title": "Études à Aïn Lilia"})
    assert got.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        got.verified_by("whsec_" + "A" * 43 + "=")
    delivery = await log_of(owner, endpoint)
    assert (delivery["state"], delivery["attempts"], delivery["due_at"]) == ("delivered", 1, None)
    (tried,) = delivery["log"]
    assert (tried["number"], tried["status"], tried["error"]) == (1, 204, None)


async def test_the_whole_schedule_with_one_id_and_fresh_signatures(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    office.receiver.otherwise = answering(500, b"\0nope")
    await office.event(to=owner)
    assert await office.drain() == 1
    for waits in ({"seconds": 5}, {"minutes": 5}, {"minutes": 30}, {"hours": 2}, {"hours": 5}, {"hours": 10}, {"hours": 14},
                  {"hours": 20}, {"hours": 24}):  # fmt: skip
        early = {unit: amount * 0.9 for unit, amount in waits.items()}
        rest = {unit: amount * 0.11 for unit, amount in waits.items()}
        assert await office.drain(**early) == 0, waits
        assert await office.drain(**rest) == 1, waits
    assert await office.drain(days=30) == 0
    assert len({got.webhook_id for got in office.receiver.got}) == 1
    assert len({got.body for got in office.receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in office.receiver.got}) == 10
    delivery = await log_of(owner, endpoint)
    assert (delivery["state"], len(delivery["log"])) == ("failed", 10)
    assert delivery["log"][9]["response"] == "\N{REPLACEMENT CHARACTER}nope"


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (answering(302, location="http://127.0.0.1:1/"), 302, None),
        (answering(404), 404, None),
        (saying(b""), None, "protocol"),
        (saying(b"SSH-2.0-nonsense\r\n"), None, "protocol"),
    ],
    ids=["redirect", "404", "closing", "lying"],
)
async def test_anything_but_2xx_is_a_failure(office: Office, answer, status, error) -> None:  # type: ignore[no-untyped-def]
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    office.receiver.answers = [answer]
    await office.event(to=owner)
    assert await office.drain() == 1
    delivery = await log_of(owner, endpoint)
    assert delivery["state"] == "waiting"
    assert (delivery["log"][0]["status"], delivery["log"][0]["error"]) == (status, error)
    assert await office.drain(seconds=6) == 1
    assert (await log_of(owner, endpoint))["state"] == "delivered"


@pytest.mark.parametrize(
    "answer",
    [
        answering(200, b"x" * 3_000_000),
        saying(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nshort"),
        saying(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope"),
    ],
    ids=["enormous", "cut off", "lying about its encoding"],
)
async def test_the_status_counts_whatever_the_body_does(office: Office, answer) -> None:  # type: ignore[no-untyped-def]
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    office.receiver.answers = [answer]
    await office.event(to=owner)
    assert await office.drain() == 1
    delivery = await log_of(owner, endpoint)
    assert delivery["state"] == "delivered"
    assert len(delivery["log"][0]["response"]) <= 2_000


async def test_410_switches_the_endpoint_off_and_its_owner_on_again(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    office.receiver.answers = [answering(410)]
    await office.event(to=owner)
    assert await office.drain() == 1
    url = f"/v1/webhooks/{endpoint['id']}"
    assert (await owner.client.get(url)).json()["state"] == "gone"
    await office.event(to=owner)
    assert await office.drain(days=1) == 0
    refused = await owner.client.post(f"{url}/ping")
    assert (refused.status_code, refused.json()["state"]) == (409, "gone")
    assert (await owner.client.patch(url, json={"enabled": True})).json()["state"] == "enabled"
    await office.event(to=owner)
    assert await office.drain() == 1


async def test_days_of_failures_switch_an_endpoint_off(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    office.receiver.otherwise = answering(503)
    for _ in range(6):
        await office.event(to=owner)
        await office.drain(days=1)
    shown = (await owner.client.get(f"/v1/webhooks/{endpoint['id']}")).json()
    assert shown["state"] == "failing"
    seen = len(office.receiver.got)
    assert await office.drain(days=30) == 0
    assert len(office.receiver.got) == seen


async def test_one_success_forgives_what_failed(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    office.receiver.answers = [answering(500)]
    await office.event(to=owner)
    await office.drain()
    url = f"/v1/webhooks/{endpoint['id']}"
    assert (await owner.client.get(url)).json()["failing_since"] is not None
    await office.drain(seconds=6)
    assert (await owner.client.get(url)).json()["failing_since"] is None


async def test_retry_after_is_honoured_for_the_whole_endpoint_within_bounds(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    office.receiver.answers = [answering(429, retry_after="600")]
    await office.event(to=owner)
    assert await office.drain() == 1
    await office.event(to=owner)
    assert await office.drain(seconds=590) == 0
    assert await office.drain(seconds=11) == 2
    office.receiver.answers = [answering(429, retry_after="99999999")]
    await office.event(to=owner)
    assert await office.drain() == 1
    assert await office.drain(minutes=61) == 1


async def test_a_worker_killed_between_sending_and_recording(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    event_id = await office.event(to=owner)
    doomed = office.dispatcher()
    await doomed.turn()
    while not office.receiver.got:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await doomed.close()  # nothing of it is recorded
    assert [row["state"] for row in await office.deliveries()] == ["waiting"]
    assert await office.drain(seconds=30) == 0, "the claim still holds"
    assert await office.drain(seconds=31) == 1
    assert [got.webhook_id for got in office.receiver.got] == [str(event_id)] * 2
    for got in office.receiver.got[:1]:
        got.verified_by(endpoint["secret"])
    assert (await office.deliveries())[0]["attempts"] == 1


async def test_what_a_late_worker_says_counts_for_nothing(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    await office.event(to=owner)
    held = asyncio.Event()

    async def slow(got, writer) -> None:  # type: ignore[no-untyped-def]
        await held.wait()
        await answering(500)(got, writer)

    office.receiver.answers = [slow]
    late = office.dispatcher()
    await late.turn()
    while not office.receiver.got:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert await office.drain(seconds=61) == 1
    held.set()
    await late.drain()
    delivery = await log_of(owner, endpoint)
    assert (delivery["state"], [tried["status"] for tried in delivery["log"]]) == ("delivered", [204])


async def test_two_workers_share_the_work_without_double_claims(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    ids = {str(await office.event(to=owner)) for _ in range(60)}
    workers = [office.dispatcher() for _ in range(3)]
    await asyncio.gather(*(worker.drain() for worker in workers))
    assert sorted(got.webhook_id for got in office.receiver.got) == sorted(ids)


async def test_a_slow_receiver_delays_nobody_else(office: Office) -> None:
    slow, fast = office.receivers
    held = asyncio.Event()

    async def stuck(got, writer) -> None:  # type: ignore[no-untyped-def]
        await held.wait()
        await answering(204)(got, writer)

    slow.otherwise = stuck
    first, second = await office.api.person("startup"), await office.api.person("startup")
    await hook(first, slow.url)
    await hook(second, fast.url)
    for _ in range(20):
        await office.event(to=first)
        await office.event(to=second)
    worker = office.dispatcher(DispatchLimits(total=8, per_endpoint=4))
    while len(fast.got) < 20:
        await worker.turn()
        await asyncio.sleep(0.01)
    assert slow.most_under_way == 4
    held.set()
    await worker.drain()
    assert len(slow.got) == 20
    assert slow.most_under_way == 4


async def test_a_rate_is_kept(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url, rate_per_second=1)
    for _ in range(3):
        await office.event(to=owner)
    assert await office.drain() == 1
    assert await office.drain(seconds=1.01) == 1
    assert await office.drain(seconds=1.01) == 1


async def test_an_endpoint_deleted_in_flight(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    await office.event(to=owner)
    held = asyncio.Event()

    async def slow(got, writer) -> None:  # type: ignore[no-untyped-def]
        await held.wait()
        await answering(500)(got, writer)

    office.receiver.answers = [slow]
    worker = office.dispatcher()
    await worker.turn()
    assert (await owner.client.delete(f"/v1/webhooks/{endpoint['id']}")).status_code == 204
    held.set()
    await worker.drain()
    assert await office.deliveries() == []


async def test_the_worker_sends_by_itself_at_once(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    async with office.api.worker():
        await office.event(to=owner)
        async with asyncio.timeout(10):
            while not office.receiver.got:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert office.receiver.got[0].verified_by(endpoint["secret"])["type"] == "match.created"
    assert [row["state"] for row in await office.deliveries()] == ["delivered"]


async def test_an_endpoint_deleted_while_its_deliveries_are_made(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receivers[1].url)
    gone = await hook(owner, office.receiver.url)
    await office.event(to=owner)
    async with office.pool.acquire() as deleting, office.pool.acquire() as making:
        transaction = deleting.transaction()
        await transaction.start()
        await deleting.execute("DELETE FROM webhook_endpoint WHERE id = $1", gone["id"])
        made = asyncio.create_task(fan_out(making, office.now(), 10))
        async with asyncio.timeout(10):
            while not await office.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await transaction.commit()
        assert await made == 0
    assert await office.drain() == 1
    assert (len(office.receiver.got), len(office.receivers[1].got)) == (0, 1)


async def test_an_event_that_was_rolled_back_is_never_sent(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    async with office.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(
            "INSERT INTO event (type, audience, key, payload, occurred_at)"
            " VALUES ('tender.published', 'everyone', 'k', '{}', now())"
        )
        assert await office.drain() == 0
        await transaction.rollback()
    assert await office.drain() == 0


async def test_the_largest_event_stays_under_20_kb(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    data = {f"k{number:05}": "é" * 20 for number in range(350)}
    assert 18_000 < len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()) < 19_000
    await office.event(to=owner, **data)
    await office.drain()
    assert len(office.receiver.got[0].body) < 20_000


async def test_claims_of_one_endpoint_are_bounded_by_what_is_under_way(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    for _ in range(10):
        await office.event(to=owner)
    await office.dispatcher(DispatchLimits(total=0)).turn()
    async with office.pool.acquire() as connection:
        now = office.now()
        busy = {(await office.deliveries())[0]["endpoint_id"]: Held(3)}
        taken = await claim(connection, now, new_uuid(), 64, 4, busy)
        assert len(taken) == 1
        assert str(taken[0].endpoint_id) == endpoint["id"]
        lease = await connection.fetchval("SELECT due_at FROM webhook_delivery WHERE id = $1", taken[0].id)
        assert lease == now + dt.timedelta(minutes=1)


async def test_deliveries_go_with_their_events_and_pings_by_age(office: Office) -> None:
    owner = await office.api.person("startup")
    endpoint = await hook(owner, office.receiver.url)
    await office.event(to=owner)
    await owner.client.post(f"/v1/webhooks/{endpoint['id']}/ping")
    await office.drain()
    keeping = Housekeeping(office.api.runtime.sessions, office.now)
    await keeping.tidy(Tidy())
    assert len(await office.deliveries()) == 2
    office.waited = dt.timedelta(days=91)
    await keeping.tidy(Tidy())
    assert await office.deliveries() == []
    assert await office.pool.fetchval("SELECT count(*) FROM webhook_attempt") == 0


async def test_all_answers_are_recorded_while_others_are_awaited(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)

    async def uneven(got, writer) -> None:  # type: ignore[no-untyped-def]
        await asyncio.sleep(len(office.receiver.got) % 7 / 500)
        await answering(204)(got, writer)

    office.receiver.otherwise = uneven
    for _ in range(80):
        await office.event(to=owner)
    worker = office.dispatcher()
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        while len(office.receiver.got) < 80:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    worker.stop()
    await running
    assert {row["state"] for row in await office.deliveries()} == {"delivered"}
    assert await office.pool.fetchval("SELECT count(*) FROM webhook_attempt") == 80
    assert office.receiver.most_under_way <= 4


async def test_a_listening_connection_that_breaks_is_replaced(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    listening = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%safqa_webhook%'"
    )
    worker = office.dispatcher()
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(20):
        while (before := await office.pool.fetchval(listening)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert await office.pool.fetchval("SELECT pg_terminate_backend($1)", before)
        while await office.pool.fetchval(listening) in {None, before}:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await office.event(to=owner)
        while not office.receiver.got:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    worker.stop()
    await running
    assert office.pool.get_size() - office.pool.get_idle_size() == 0, "no connection is held"
