"""The change feed: in order, resumable, and without a hole whatever commits when."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import create_engine
from app.db.session import Sessions, create_sessions
from app.tenders.repository import TenderRepository
from tests.app.tenders.calls import posted
from tests.support.api import Api, Person
from tests.support.db import Database

_OWNER = uuid.UUID(int=1)
_BEGINNING = (0, uuid.UUID(int=0))


async def _insert(connection: asyncpg.Connection, tender_id: uuid.UUID, status: str = "published") -> None:
    await connection.execute(
        "INSERT INTO tender (id, owner_id, external_id, ocid, status, title, record, content_hash) "
        "VALUES ($1, $2, $4, $4, $3, 'x', '{}', '') "
        "ON CONFLICT (id) DO UPDATE SET version = tender.version + 1",
        tender_id,
        _OWNER,
        status,
        str(tender_id),
    )


async def _owner(connection: asyncpg.Connection) -> None:
    await connection.execute(
        "INSERT INTO organisation (id, kind, name) VALUES ($1, 'buyer', 'x') ON CONFLICT DO NOTHING", _OWNER
    )


class _Reader:
    """Somebody who follows the feed page by page and keeps the last thing it said of each call."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.repository = TenderRepository(session)
        self.position = _BEGINNING
        self.known: dict[uuid.UUID, int] = {}

    async def poll(self, limit: int = 2) -> list[uuid.UUID]:
        rows = await self.repository.changed_after(self.position, limit)
        for row in rows:
            assert (row.changed_tx, row.id) > self.position
            self.position = (row.changed_tx, row.id)
            self.known[row.id] = row.version
        return [row.id for row in rows]

    async def catch_up(self, wanted: dict[uuid.UUID, int]) -> None:
        """Poll until everything is known; transactions of other tests on this server may delay it."""
        async with asyncio.timeout(30):
            while self.known != wanted:
                if not await self.poll():
                    await self.session.rollback()
                    await asyncio.sleep(0.02)


async def test_of_two_overlapping_transactions_neither_is_lost(fresh: Database) -> None:
    one, other, look = await fresh.connect(), await fresh.connect(), await fresh.connect()
    await _owner(look)
    engine = create_engine(fresh.url, pool_size=2, statement_timeout_seconds=20)
    first, second = uuid.uuid4(), uuid.uuid4()
    slow, quick = one.transaction(), other.transaction()
    await slow.start()
    await _insert(one, first)  # the older transaction writes first ...
    await quick.start()
    await _insert(other, second)
    await quick.commit()  # ... and commits last
    async with create_sessions(engine)() as session:
        reader = _Reader(session)
        await reader.poll()
        assert reader.known == {}  # a naive feed would show the second now, and never the first
        await session.rollback()
        await slow.commit()
        await reader.catch_up({first: 1, second: 1})
        assert list(reader.known) == [first, second]
    for connection in (one, other, look):
        await connection.close()
    await engine.dispose()


@pytest.fixture
async def feed(fresh: Database) -> AsyncIterator[tuple[list[asyncpg.Connection], Sessions]]:
    """Three who write, and sessions to read by; all examples of a test have the same."""
    writers = [await fresh.connect() for _ in range(3)]
    await _owner(writers[0])
    engine = create_engine(fresh.url, pool_size=2, statement_timeout_seconds=20)
    yield writers, create_sessions(engine)
    for writer in writers:
        await writer.close()
    await engine.dispose()


_STEP = st.tuples(
    st.integers(0, 2), st.sampled_from(["write", "write", "commit", "rollback", "poll", "poll"]), st.integers(0, 5)
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_STEP, min_size=8, max_size=40))
async def test_a_reader_ends_up_knowing_every_row_whatever_commits_when(
    feed: tuple[list[asyncpg.Connection], Sessions], steps: list[tuple[int, str, int]]
) -> None:
    writers, sessions = feed
    for writer in writers:
        await writer.reset()  # an example that failed left its transactions open
    await writers[0].execute("DELETE FROM tender")  # of the example before; to truncate all that refers to it is slow
    async with sessions() as session:
        reader = _Reader(session)
        await _play(writers, reader, steps)
        rows = await writers[0].fetch("SELECT id, version FROM tender")
        await reader.catch_up({uuid.UUID(str(row["id"])): row["version"] for row in rows})


async def _play(writers: list[asyncpg.Connection], reader: _Reader, steps: list[tuple[int, str, int]]) -> None:
    open_: dict[int, asyncpg.transaction.Transaction] = {}
    for who, what, row in steps:
        if what == "poll":
            await reader.poll()
            await reader.session.rollback()
        elif what == "write":
            if who not in open_:
                open_[who] = writers[who].transaction()
                await open_[who].start()
            await _insert(writers[who], uuid.UUID(int=100 * who + row + 1))  # rows of its own: none waits
        elif who in open_:
            transaction = open_.pop(who)
            await (transaction.commit() if what == "commit" else transaction.rollback())
    for transaction in open_.values():
        await transaction.commit()


async def _changes(reader: Person, items: int, **asked: object) -> dict[str, object]:
    """The feed once it tells of ``items`` changes; transactions of other tests on this server may delay it."""
    async with asyncio.timeout(30):
        while True:
            answer = await reader.client.get("/v1/changes/tenders", params=asked)
            assert answer.status_code == 200, answer.text
            if len(answer.json()["items"]) >= items:
                found: dict[str, object] = answer.json()
                return found
            await asyncio.sleep(0.02)


class TestThroughTheApi:
    async def test_what_happened_in_the_order_it_happened(self, api: Api) -> None:
        buyer, reader = await api.person("buyer"), await api.person("startup")
        one, other = await posted(buyer), await posted(buyer, status="draft")
        first = await _changes(reader, 1)
        assert [(i["operation"], i["id"], i["version"], i["status"]) for i in first["items"]] == [
            ("upsert", one["id"], 1, "published")
        ]
        await buyer.client.post(f"/v1/tenders/{other['id']}/publish")
        await buyer.client.post(f"/v1/tenders/{one['id']}/withdraw")
        second = await _changes(reader, 2, after=first["next"])
        assert [(i["operation"], i["id"], i["version"]) for i in second["items"]] == [
            ("upsert", other["id"], 2),
            ("delete", one["id"], 2),
        ]

    async def test_a_drained_feed_gives_the_same_cursor_again(self, api: Api) -> None:
        buyer = await api.person("buyer")
        empty = await _changes(buyer, 0)
        assert (empty["items"], empty["more"]) == ([], False)
        assert await _changes(buyer, 0, after=empty["next"]) == empty
        for _ in range(3):
            await posted(buyer)
        await _changes(buyer, 3)
        page = await _changes(buyer, 2, after=empty["next"], limit=2)
        assert (len(page["items"]), page["more"]) == (2, True)
        rest = await _changes(buyer, 1, after=page["next"], limit=2)
        assert (len(rest["items"]), rest["more"]) == (1, False)
        drained = await _changes(buyer, 0, after=rest["next"])
        assert (drained["items"], drained["next"]) == ([], rest["next"])

    async def test_a_cursor_that_was_changed_is_refused(self, api: Api) -> None:
        buyer = await api.person("buyer")
        cursor = (await buyer.client.get("/v1/changes/tenders")).json()["next"]
        for wrong in (cursor[:-2] + "AA", "x", "é", ""):
            answer = await buyer.client.get("/v1/changes/tenders", params={"after": wrong})
            assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-cursor")
