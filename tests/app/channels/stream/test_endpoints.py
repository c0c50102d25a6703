"""The stream of events over real sockets: everything once, in order, whatever breaks; nothing to whom it may not go."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import uuid
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from app.accounts.caller import Caller
from app.channels.stream.bell import Bell
from app.channels.stream.errors import TooManyStreams
from app.channels.stream.service import Listener, StreamLimits, Streams, listen
from app.cli import http_bounds
from app.cli.serving import listen as listening_on
from app.db.session import unit_of_work
from app.events.log import OPERATORS, Audience, NewEvent, append
from app.kit.errors import ServiceUnavailable
from app.kit.ids import ApiKeyId, OrganisationId
from app.models.organisation import OrganisationKind
from tests.app.channels.polling.test_endpoints import news
from tests.support.api import Person, settings_for
from tests.support.db import Cluster, Database
from tests.support.streaming import Served, opened, serving


@pytest.fixture(scope="module")
async def database(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.copy("stream") as database:
        yield database


@pytest.fixture(scope="module")
async def served(database: Database) -> AsyncIterator[Served]:
    async with serving(database, streams=30) as served:
        yield served


async def happens(served: Served, *events: NewEvent) -> None:
    async with unit_of_work(served.api.runtime.sessions) as session:
        await append(session, *events)


def of(person: Person, count: int = 1) -> list[NewEvent]:
    return [news(str(uuid.uuid4()), Audience.organisation(person.id)) for _ in range(count)]


def keys(events: list[dict[str, object]]) -> list[str]:
    return [str(each["id"]) for each in events]


async def logged(served: Served, person: Person) -> list[str]:
    """What the log holds for somebody, in its order."""
    rows = await served.api.runtime.hot.fetch(
        "SELECT id FROM event WHERE organisation_id = $1 ORDER BY changed_tx, sequence", person.id
    )
    return [str(row["id"]) for row in rows]


async def test_what_happens_comes_while_it_happens_as_polling_tells_it(served: Served) -> None:
    buyer, other = await served.api.person("buyer"), await served.api.person("buyer")
    await happens(served, *of(buyer))
    await served.api.settled()
    async with opened(served.url, buyer.token) as reader:
        assert reader.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert reader.response.headers["cache-control"] == "no-store"
        await reader.begun()
        await happens(served, *of(other), *of(buyer, 2))
        told = await reader.events(2)
    await served.api.settled()
    polled = (await buyer.client.get("/v1/events")).json()["items"]
    assert told == polled[1:]  # what was before the stream began is not told
    assert keys(told) == (await logged(served, buyer))[1:]


async def test_a_stream_goes_on_where_a_stream_or_a_poll_ended(served: Served) -> None:
    buyer = await served.api.person("buyer")
    async with opened(served.url, buyer.token) as reader:
        await reader.begun()
        beginning = reader.last_id
    await happens(served, *of(buyer, 120))  # more than is read at once
    async with opened(served.url, buyer.token, beginning) as reader:
        first = await reader.events(70)
    async with opened(served.url, buyer.token, after=reader.last_id or "") as again:
        rest = await again.events(50)
    assert keys(first + rest) == await logged(served, buyer)
    await served.api.settled()
    page = (await buyer.client.get("/v1/events", params={"limit": 119})).json()
    async with opened(served.url, buyer.token, page["next"]) as reader:
        assert keys(await reader.events(1)) == keys(rest[-1:])


async def test_types_can_be_chosen(served: Served) -> None:
    operator = await served.api.person("operator")
    async with opened(served.url, operator.token, type=["source.recovered", "match.created"]) as reader:
        await reader.begun()
        await happens(served, *of(operator), news(str(uuid.uuid4()), Audience.organisation(operator.id)))
        await happens(served, news(str(uuid.uuid4()), OPERATORS))
        assert [each["type"] for each in await reader.events(1)] == ["source.recovered"]


@pytest.mark.parametrize(
    ("given", "status"),
    [({"type": "no.such"}, 422), ({"after": "made-up"}, 422), ({"headers": {"Last-Event-ID": "made-up"}}, 422)],
)
async def test_what_can_not_be_understood_is_refused(served: Served, given: dict, status: int) -> None:
    person = await served.api.person("startup")
    headers = {"Authorization": f"Bearer {person.token}", **given.pop("headers", {})}
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        answer = await client.get(f"{served.url}/v1/events/stream", params=given, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_nothing_is_lost_and_nothing_comes_twice_however_often_the_connection_breaks(served: Served) -> None:
    """Forty transactions that overlap and end in another order than they began, some rolled back, are told to a reader
    who is cut off all the time, sometimes in the middle of an event.
    """
    buyer = await served.api.person("buyer")
    chance = random.Random(5)
    seen: list[str] = []
    cuts = 0

    async def write(number: int) -> None:
        await asyncio.sleep(chance.uniform(0, 0.4))
        async with served.api.runtime.sessions() as session:
            for _ in range(3):
                await append(session, *of(buyer))
                await asyncio.sleep(chance.uniform(0, 0.05))
            await (session.rollback() if number % 8 == 0 else session.commit())

    async with opened(served.url, buyer.token) as reader:
        await reader.begun()
    place = reader.last_id
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            group.create_task(write(number))
        async with asyncio.timeout(60):
            while len(seen) < 35 * 3:
                async with opened(served.url, buyer.token, place) as reader:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(chance.uniform(0.05, 0.3)):
                            async for block in reader.blocks():
                                place = block.id or place
                                if block.data is not None:
                                    seen.append(block.data["id"])
                                if chance.random() < 0.05:
                                    break
                cuts += 1
    assert seen == await logged(served, buyer)
    assert cuts > 3


async def test_a_transaction_that_holds_events_back_delays_them_only(served: Served) -> None:
    buyer = await served.api.person("buyer")
    async with opened(served.url, buyer.token) as reader:
        await reader.begun()
        async with served.api.runtime.sessions() as slow:
            early = of(buyer)
            await append(slow, *early)
            await happens(served, *of(buyer))
            await asyncio.sleep(0.2)  # the notification has long been heard
            await slow.commit()
        assert keys(await reader.events(2)) == await logged(served, buyer)


async def test_a_revoked_key_hears_no_more(served: Served) -> None:
    buyer = await served.api.person("buyer")
    async with opened(served.url, buyer.token) as reader:
        await reader.begun()
        await happens(served, *of(buyer))
        assert len(await reader.events(1)) == 1
        (key,) = (await buyer.client.get("/v1/keys")).json()
        assert (await buyer.client.delete(f"/v1/keys/{key['id']}")).status_code == 204
        await happens(served, *of(buyer))
        assert [block async for block in reader.blocks() if block.data is not None] == []  # and it ends


async def test_places_are_bounded_and_come_back(served: Served) -> None:
    buyer, other = await served.api.person("buyer"), await served.api.person("buyer")
    async with contextlib.AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(opened(served.url, buyer.token)) for _ in range(20)]
        assert (await refused(served, buyer))["type"] == "/problems/too-many-streams"
        readers += [await stack.enter_async_context(opened(served.url, other.token)) for _ in range(10)]
        assert (await refused(served, other))["type"] == "/problems/service-unavailable"
        for reader in readers:
            await reader.begun()
        async with asyncio.timeout(30):
            while await connections(served) != (1, 0):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    async with asyncio.timeout(30):
        while not await admitted(served, other):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def connections(served: Served) -> tuple[int, int]:
    """How many connections to the database listen, and how many are in use by requests: none, while streams wait."""
    listening = await served.api.runtime.hot.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'safqa-stream' AND datname = current_database()"
    )
    return listening, served.api.runtime.engine.pool.checkedout()  # type: ignore[attr-defined]


async def refused(served: Served, person: Person) -> dict[str, object]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        answer = await client.get(f"{served.url}/v1/events/stream", headers={"Authorization": f"Bearer {person.token}"})
    assert answer.status_code in {429, 503}
    assert int(answer.headers["retry-after"]) > 0
    problem: dict[str, object] = answer.json()
    return problem


async def test_a_reader_that_takes_nothing_is_let_go(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_bounds, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(http_bounds, "STALLED_SECONDS", 2.0)
    buyer = await served.api.person("buyer")
    async with contextlib.AsyncExitStack() as stack:
        slow = stack.enter_context(socket.socket())
        await takes_nothing(served, buyer, slow)
        idle = [
            await stack.enter_async_context(opened(served.url, buyer.token, type="match.created")) for _ in range(18)
        ]
        async with opened(served.url, buyer.token) as quick:
            await quick.begun()
            assert (await refused(served, buyer))["type"] == "/problems/too-many-streams"
            reading = asyncio.create_task(quick.events(600))
            async with unit_of_work(served.api.runtime.sessions) as session:
                await session.execute(
                    text(
                        "INSERT INTO event (type, audience, organisation_id, key, payload, occurred_at)"
                        " SELECT 'import.finished', 'organisation', CAST(:owner AS uuid), gen_random_uuid()::text,"
                        " jsonb_build_object('x', repeat('x', 18000)), now() FROM generate_series(1, 600)"
                    ),
                    {"owner": buyer.id},
                )
            assert keys(await reading) == await logged(served, buyer)  # the slow one delayed nobody
            async with asyncio.timeout(60):
                while not await admitted(served, buyer):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        assert len(idle) == 18


async def takes_nothing(served: Served, person: Person, slow: socket.socket) -> None:
    """Open a stream whose reader reads a few bytes and no more."""
    where = urlsplit(served.url)
    loop = asyncio.get_running_loop()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    slow.setblocking(False)  # noqa: FBT003
    await loop.sock_connect(slow, (where.hostname, where.port))
    request = f"GET /v1/events/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {person.token}\r\n\r\n"
    await loop.sock_sendall(slow, request.encode())
    assert (await loop.sock_recv(slow, 50)).startswith(b"HTTP/1.1 200")


async def admitted(served: Served, person: Person) -> bool:
    headers = {"Authorization": f"Bearer {person.token}"}
    async with (
        httpx.AsyncClient(timeout=30, trust_env=False) as client,
        client.stream("GET", f"{served.url}/v1/events/stream", headers=headers) as answer,
    ):
        return answer.status_code == 200


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
def test_a_connection_whose_other_end_is_gone_does_not_last(database: Database) -> None:
    with listening_on(settings_for(database, port=0)) as listening, socket.socket() as caller:
        listening.setblocking(True)  # noqa: FBT003
        caller.connect(listening.getsockname())
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 60_000


async def test_a_stop_ends_streams_as_answers_end(database: Database) -> None:
    async with serving(database, stop_seconds=60) as served:
        person = await served.api.person("startup")
        async with opened(served.url, person.token) as reader:
            await reader.begun()
            served.stop.asked.set()
            async with asyncio.timeout(10):
                assert [block async for block in reader.blocks()] == []
                await served.ended


class TestStreams:
    """What needs no socket."""

    def caller(self) -> Caller:
        owner = uuid.uuid4()
        return Caller(OrganisationId(owner), OrganisationKind.BUYER, frozenset(), ApiKeyId(owner))

    async def test_a_quiet_stream_is_heard_to_live(self, served: Served) -> None:
        streams = Streams(served.api.runtime.read_sessions, Bell(), StreamLimits(1, heartbeat_seconds=0.01))

        async def yes() -> bool:
            return True

        told = listen(streams, Listener(self.caller(), ["match.created"], yes), (1, 1))
        assert [await anext(told) for _ in range(3)] == [(1, 1), None, None]
        streams.bell.stop()
        assert [each async for each in told] == []

    async def test_a_quiet_stream_ends_when_its_key_does(self, served: Served) -> None:
        streams = Streams(served.api.runtime.read_sessions, Bell(), StreamLimits(1, heartbeat_seconds=0.01))
        answers = iter([True, True, False])

        async def admitted() -> bool:
            return next(answers)

        told = listen(streams, Listener(self.caller(), ["match.created"], admitted), (1, 1))
        assert [each async for each in told] == [(1, 1), None, None]

    async def test_a_stream_ends_when_the_database_is_away_and_not_when_we_are_at_fault(self, served: Served) -> None:
        streams = Streams(served.api.runtime.read_sessions, Bell(), StreamLimits(1))

        async def away() -> bool:
            raise ConnectionResetError

        async def wrong() -> bool:
            raise ZeroDivisionError

        told = listen(streams, Listener(self.caller(), ["match.created"], away), (1, 1))
        assert [each async for each in told] == [(1, 1)]
        with pytest.raises(ZeroDivisionError):
            _ = [each async for each in listen(streams, Listener(self.caller(), ["match.created"], wrong), (1, 1))]

    def test_a_place_given_back_can_be_taken_again(self, served: Served) -> None:
        streams = Streams(served.api.runtime.read_sessions, Bell(), StreamLimits(2, per_organisation=1))
        one, two, three = self.caller(), self.caller(), self.caller()
        streams.enter(one)
        with pytest.raises(TooManyStreams):
            streams.enter(one)
        streams.enter(two)
        with pytest.raises(ServiceUnavailable):
            streams.enter(three)
        streams.leave(one)
        streams.enter(three)
        streams.bell.stop()
        streams.leave(two)
        with pytest.raises(ServiceUnavailable):
            streams.enter(two)


async def test_a_lost_connection_is_listened_on_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.channels.stream.bell._CONNECT_AGAIN_SECONDS", 0.01)
    buyer = await served.api.person("buyer")
    async with opened(served.url, buyer.token) as reader:
        await reader.begun()
        await _cut(served)
        await happens(served, *of(buyer))
        assert keys(await reader.events(1)) == await logged(served, buyer)


async def _cut(served: Served) -> None:
    plain = make_url(served.api.runtime.url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        async with asyncio.timeout(10):
            while not await connection.fetchval(  # noqa: ASYNC110
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'safqa-stream' AND datname = current_database()"
            ):
                await asyncio.sleep(0.02)
    finally:
        await connection.close()
