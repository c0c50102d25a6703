"""Everything about a startup given out, or gone: looked at in the tables themselves."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from app.matches.repository import Judged, KeptFor, MatchRepository
from matching.types import Grade, MatchResult, Reason
from tests.app.startups.records import atlas
from tests.app.startups.test_endpoints import make
from tests.support.api import Api, Person
from tests.support.db import Database

MARK = "zanzibarite"


async def _entangle(connection: asyncpg.Connection, startup: Person, buyer: Person, startup_id: str) -> uuid.UUID:
    """A tender with a match, decisions and feedback about the startup, each with words of it."""
    tender = uuid.uuid4()
    await connection.execute(
        "INSERT INTO tender (id, owner_id, external_id, ocid, status, title, record, content_hash)"
        " VALUES ($1, $2, 't', 'ocds-t', 'published', 'T', '{\"id\": \"t\", \"title\": \"T\"}', '')",
        tender,
        buyer.id,
    )
    await connection.execute(
        "INSERT INTO match (id, tender_id, startup_id, score, grade, reasons, unknown, algorithm, tender_version,"
        " startup_version, for_tender, for_startup, public, state)"
        " VALUES (gen_random_uuid(), $1, $2, 3.5, 'strong', $3, ARRAY['country'], 'a', 1, 1, true, true, true, 'active')",
        tender,
        uuid.UUID(startup_id),
        f'[{{"term": "{MARK}"}}]',
    )
    for person, kind in ((startup, "saved"), (buyer, "invited")):
        await connection.execute(
            "INSERT INTO decision (organisation_id, tender_id, startup_id, kind, note) VALUES ($1, $2, $3, $4, $5)",
            person.id, tender, uuid.UUID(startup_id), kind, f"{MARK} {kind}",
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO feedback (id, organisation_id, tender_id, startup_id, verdict, because)"
            " VALUES (gen_random_uuid(), $1, $2, $3, 'right', $4)",
            person.id, tender, uuid.UUID(startup_id), f"{MARK} {kind}",
        )  # fmt: skip
    return tender


async def _entangled(api: Api, fresh: Database) -> tuple[Person, Person, str, asyncpg.Connection]:
    """A claimed startup with everything that can be about one."""
    incubator, startup, buyer = [await api.person(kind) for kind in ("incubator", "startup", "buyer")]
    body = atlas(id=f"{MARK}-1", name=f"{MARK} SARL", description=MARK, note=MARK, city=MARK)
    made = await incubator.client.post("/v1/startups", json=body, headers={"Idempotency-Key": "made"})
    path = made.headers["Location"]
    claim = await incubator.client.post(f"{path}/claims", headers={"Idempotency-Key": "claim"})
    taken = await startup.client.post("/v1/claims", json={"token": claim.json()["token"]})
    assert taken.status_code == 200
    etag = (await startup.client.get(path)).headers["ETag"]
    changed = await startup.client.patch(path, json={"phone": f"+{MARK}"}, headers={"If-Match": etag})
    assert changed.status_code == 200
    told = {"labels": [{"name": MARK}]}
    first = (await startup.client.get(f"{path}/evidence")).headers["ETag"]
    assert (await startup.client.put(f"{path}/evidence", json=told, headers={"If-Match": first})).status_code == 200
    file = await startup.client.post(
        f"{path}/evidence/files?filename={MARK}", content=b"%PDF-1.7", headers={"Idempotency-Key": "file"}
    )
    assert file.status_code == 201
    connection = await fresh.connect()
    await _entangle(connection, startup, buyer, made.json()["id"])
    return startup, buyer, path, connection


async def _rows_with(connection: asyncpg.Connection, text: str) -> dict[str, int]:
    """How many rows of each table show a text in any column."""
    tables = await connection.fetch(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('public', 'pgqueuer')"
    )
    found = {}
    for table in tables:
        rows = await connection.fetch(f"SELECT * FROM {table['name']}")
        if count := sum(text in str(list(row.values())) for row in rows):
            found[table["name"]] = count
    return found


async def test_the_export_holds_all_that_is_the_startups(api: Api, fresh: Database) -> None:
    startup, buyer, path, connection = await _entangled(api, fresh)
    await connection.close()
    answer = await startup.client.get(f"{path}/export")
    assert answer.status_code == 200
    told = answer.json()
    assert told["startup"] == (await startup.client.get(path)).json()
    assert [one["version"] for one in told["history"]] == [1, 2]
    assert told["history"][1]["record"]["phone"] == f"+{MARK}"
    assert told["matches"][0]["reasons"] == [{"term": MARK}]
    assert [(one["kind"], one["note"]) for one in told["decisions"]] == [("saved", f"{MARK} saved")]
    assert [one["organisation_id"] for one in told["invitations"]] == [str(buyer.id)]
    assert [one["because"] for one in told["feedback"]] == [f"{MARK} saved"]
    assert told["evidence"][0]["document"] == {"labels": [{"name": MARK}]}
    assert [one["filename"] for one in told["evidence_files"]] == [MARK]
    assert told["claims"][0]["claimed_by_id"] == str(startup.id)


async def test_a_buyers_own_notes_are_not_in_it(api: Api, fresh: Database) -> None:
    startup, _, path, connection = await _entangled(api, fresh)
    await connection.close()
    assert f"{MARK} invited" not in (await startup.client.get(f"{path}/export")).text


async def test_erasing_leaves_nothing_of_it_in_any_table(api: Api, fresh: Database) -> None:
    startup, buyer, path, connection = await _entangled(api, fresh)
    startup_id = path.rpartition("/")[2]
    assert set(await _rows_with(connection, MARK)) == {
        "public.startup", "public.startup_version", "public.match", "public.decision", "public.feedback",
        "public.startup_evidence", "public.startup_evidence_version", "public.evidence_file",
    }  # fmt: skip
    assert (await startup.client.delete(path)).status_code == 204
    assert await _rows_with(connection, MARK) == {}
    for table in ("startup_version", "startup_claim", "decision", "feedback", "evidence_file"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    kept = await connection.fetch(
        "SELECT route FROM idempotency_key WHERE route IN ('/v1/startups', '/v1/startups/{startup_id}/evidence/files')"
    )
    assert kept == []  # its stored answer, encrypted or not, repeated the profile
    row = await connection.fetchrow("SELECT * FROM startup")
    assert (str(row["id"]), row["name"], row["record"], row["listed"], row["version"]) == (
        startup_id,
        "",
        "{}",
        False,
        3,
    )
    assert (row["search"], row["city"], row["employees"], row["country"]) == ("", None, None, None)
    assert row["deleted_at"] is not None
    match = await connection.fetchrow("SELECT * FROM match")
    assert (match["state"], match["reasons"], match["score"]) == ("withdrawn", "[]", 0)
    assert (match["for_tender"], match["for_startup"]) == (False, False)
    for person in (startup, buyer, await api.person("operator")):
        for address in (path, f"{path}/history", f"{path}/export"):
            assert (await person.client.get(address)).status_code == 404
        assert (await person.client.get("/v1/startups")).json()["items"] == []
    assert (await startup.client.delete(path)).status_code == 404
    await connection.close()


async def test_the_feeds_can_tell_of_it(api: Api, fresh: Database) -> None:
    startup, _, path, connection = await _entangled(api, fresh)
    before = {
        table: await connection.fetchval(f"SELECT changed_tx::text FROM {table}") for table in ("startup", "match")
    }
    await startup.client.delete(path)
    for table, tx in before.items():
        assert int(await connection.fetchval(f"SELECT changed_tx::text FROM {table}")) > int(tx)
    await connection.close()


async def test_an_erased_id_may_be_entered_again_and_is_another_startup(api: Api) -> None:
    startup = await api.person("startup")
    first = await make(startup)
    assert (await startup.client.delete(f"/v1/startups/{first['id']}")).status_code == 204
    second = await make(startup)
    assert second["id"] != first["id"]


async def test_an_unused_claim_of_an_erased_profile_is_void(api: Api) -> None:
    incubator, startup = await api.person("incubator"), await api.person("startup")
    path = f"/v1/startups/{(await make(incubator))['id']}"
    token = (await incubator.client.post(f"{path}/claims")).json()["token"]
    await incubator.client.delete(path)
    answer = await startup.client.post("/v1/claims", json={"token": token})
    assert answer.json()["type"] == "/problems/claim-not-found"


@pytest.mark.parametrize(("header", "status"), [("old", 412), ("present", 204), (None, 204)])
async def test_if_match_is_heeded_where_it_is_sent(api: Api, header: str | None, status: int) -> None:
    startup = await api.person("startup")
    path = f"/v1/startups/{(await make(startup))['id']}"
    present = (await startup.client.get(path)).headers["ETag"]
    headers = {} if header is None else {"If-Match": present if header == "present" else '"old"'}
    assert (await startup.client.delete(path, headers=headers)).status_code == status


async def test_a_ranking_that_was_under_way_brings_nothing_back(api: Api, fresh: Database) -> None:
    startup, _, path, connection = await _entangled(api, fresh)
    startup_id, tender_id = path.rpartition("/")[2], await connection.fetchval("SELECT id FROM tender")
    assert (await startup.client.delete(path)).status_code == 204
    async with api.runtime.sessions.begin() as session:
        await MatchRepository(session).replace(_late(tender_id, startup_id))
    assert await _rows_with(connection, MARK) == {}
    await connection.close()


async def test_an_erasure_waits_for_a_ranking_that_is_being_written(api: Api, fresh: Database) -> None:
    startup, _, path, connection = await _entangled(api, fresh)
    startup_id, tender_id = path.rpartition("/")[2], await connection.fetchval("SELECT id FROM tender")
    async with api.runtime.sessions.begin() as session:
        await MatchRepository(session).replace(_late(tender_id, startup_id))
        erasing = asyncio.create_task(startup.client.delete(path))
        while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not erasing.done()
            await asyncio.sleep(0.01)
    assert (await erasing).status_code == 204
    assert await _rows_with(connection, MARK) == {}
    await connection.close()


def _late(tender_id: uuid.UUID, startup_id: str) -> Judged:
    """A ranking of a tender, made before the startup was erased."""
    reason = Reason("text.term", 2.0, MARK)
    best = [MatchResult(str(tender_id), startup_id, 2.0, Grade.GOOD, reasons=(reason,))]
    return Judged(KeptFor.TENDER, tender_id, 1, algorithm="a", best=best, others=[])
