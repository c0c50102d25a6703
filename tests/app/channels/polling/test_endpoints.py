"""The event log over HTTP: everything one may hear of, nothing of others, in an order without holes."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import Any

import asyncpg
from sqlalchemy import event as listening

from app.accounts.caller import Caller
from app.channels.polling.repository import heard_after
from app.db.engine import create_engine
from app.db.session import create_sessions, unit_of_work
from app.events.catalogue import EVENT_TYPES
from app.events.log import OPERATORS, Audience, NewEvent, Subjects, append
from app.events.schemas.operations import ImportFinished, SourceRecovered
from app.kit.clock import utc_now
from app.kit.ids import ApiKeyId, OrganisationId
from app.models.organisation import OrganisationKind
from tests.app.events.test_matches import pair
from tests.support.api import Api, Person
from tests.support.db import Database


async def heard(
    api: Api, person: Person, after: str | None = None, **params: str | list[str]
) -> tuple[list[dict[str, Any]], str]:
    """All events after a place that were committed so far, and the new place."""
    await api.settled()
    found: list[dict[str, Any]] = []
    while True:
        answer = await person.client.get("/v1/events", params=params | ({"after": after} if after else {}))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        after = page["next"]
        if not page["more"]:
            assert after is not None
            return found, after


def news(key: str, audience: Audience) -> NewEvent:
    if audience == OPERATORS:
        data = SourceRecovered(source="x", title="X", accepted=False)
        return NewEvent(data, audience, key, Subjects(), utc_now())
    run = ImportFinished(
        import_id=uuid.uuid4(), kind="tenders", state="finished", seen=0, created=0, updated=0, unchanged=0, rejected=0,
        problem_code=None,
    )  # fmt: skip
    return NewEvent(run, audience, key, Subjects(import_id=run.import_id), utc_now())


async def test_each_hears_of_its_own_and_of_what_is_public(api: Api) -> None:
    firm, buyer, _, _ = await pair(api)
    stranger, rival = await api.person("startup"), await api.person("buyer")
    assert {(each["type"], each["data"].get("side")) for each in (await heard(api, firm))[0]} == {
        ("tender.published", None), ("match.created", "startup"),
    }  # fmt: skip
    assert {(each["type"], each["data"].get("side")) for each in (await heard(api, buyer))[0]} == {
        ("tender.published", None), ("match.created", "tender"),
    }  # fmt: skip
    for other in (stranger, rival):
        assert [each["type"] for each in (await heard(api, other))[0]] == ["tender.published"]


async def test_operators_alone_hear_of_running_the_installation(api: Api) -> None:
    operator, buyer = await api.person("operator"), await api.person("buyer")
    async with unit_of_work(api.runtime.sessions) as session:
        await append(session, news("a", OPERATORS), news("b", Audience.organisation(buyer.id)))
    assert [each["type"] for each in (await heard(api, operator))[0]] == ["source.recovered"]
    assert [each["type"] for each in (await heard(api, buyer))[0]] == ["import.finished"]


async def test_a_reader_may_ask_for_some_types_and_go_on_where_it_stood(api: Api) -> None:
    firm, _, _, _ = await pair(api)
    (match,), place = await heard(api, firm, type=["match.created", "match.withdrawn"])
    assert set(match) == {"id", "sequence", "type", "timestamp", "data"}
    assert (await heard(api, firm, place, type="match.created"))[0] == []
    one = await firm.client.get("/v1/events", params={"limit": 1})
    assert (len(one.json()["items"]), one.json()["more"]) == (1, True)
    rest, _ = await heard(api, firm, one.json()["next"])
    assert len({each["id"] for each in [*one.json()["items"], *rest]}) == 2


async def test_a_type_that_is_none_and_a_place_of_another_feed_are_refused(api: Api) -> None:
    firm = await api.person("startup")
    assert (await firm.client.get("/v1/events", params={"type": "tender.vanished"})).status_code == 422
    other = (await firm.client.get("/v1/changes/matches")).json()["next"]
    assert (await firm.client.get("/v1/events", params={"after": other})).status_code == 422


async def test_a_key_needs_the_scope(api: Api) -> None:
    person = await api.person("startup", scopes=("tenders:read",))
    assert (await person.client.get("/v1/events")).status_code == 403


async def test_writers_that_overlap_leave_no_hole(fresh: Database) -> None:
    """Forty transactions that end in another order than they began, read all along; every event comes once."""
    engine = create_engine(fresh.url, pool_size=12, statement_timeout_seconds=20)
    sessions = create_sessions(engine)
    owner = uuid.uuid4()
    reader = Caller(OrganisationId(owner), OrganisationKind.BUYER, frozenset(), ApiKeyId(owner))
    chance = random.Random(22)
    writing = 0

    async def write(number: int, pause: float) -> None:
        nonlocal writing
        async with sessions() as session:
            for part in range(3):
                await append(session, news(f"{number}:{part}", Audience.organisation(owner)))
                await asyncio.sleep(pause)
            await (session.rollback() if number % 7 == 0 else session.commit())
        writing -= 1

    seen: list[uuid.UUID] = []
    position = (0, 0)
    async with asyncio.TaskGroup() as group:
        for number in range(40):
            writing += 1
            group.create_task(write(number, chance.uniform(0, 0.03)))
        async with asyncio.timeout(30):
            while writing or len(seen) < 34 * 3:
                async with sessions() as session:
                    rows = await heard_after(session, reader, EVENT_TYPES, position, 10)
                seen += [row.id for row in rows]
                if rows:
                    position = (rows[-1].changed_tx, rows[-1].sequence)
                else:
                    await asyncio.sleep(0.005)
    await engine.dispose()
    connection = await fresh.connect()
    written = [row["id"] for row in await connection.fetch("SELECT id FROM event ORDER BY changed_tx, sequence")]
    await connection.close()
    assert seen == written
    assert len(written) == 34 * 3


async def test_one_index_answers_however_rare_the_type(fresh: Database) -> None:
    connection = await fresh.connect()
    await connection.execute(
        """INSERT INTO event (type, audience, key, payload, occurred_at)
        SELECT 'tender.published', 'everyone', 'k' || n, '{}', now() FROM generate_series(1, 5000) AS n"""
    )
    await connection.execute("ANALYZE event")
    plans = await _explained(fresh, connection)
    await connection.close()
    assert "Seq Scan on event" not in plans
    assert "ix_event_open" in plans
    assert "ix_event_own" in plans


async def _explained(fresh: Database, connection: asyncpg.Connection) -> str:
    engine = create_engine(fresh.url, pool_size=2, statement_timeout_seconds=20)
    sent: list[tuple[str, tuple[object, ...]]] = []

    def catch(_c: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        sent.append((statement, parameters))

    listening.listen(engine.sync_engine, "before_cursor_execute", catch)
    caller = Caller(OrganisationId(uuid.uuid4()), OrganisationKind.STARTUP, frozenset(), ApiKeyId(uuid.uuid4()))
    async with create_sessions(engine)() as session:
        await heard_after(session, caller, ["deadline.soon"], (0, 0), 101)
    await engine.dispose()
    statement, parameters = sent[-1]
    return "\n".join(row[0] for row in await connection.fetch("EXPLAIN " + statement, *parameters))
