"""Events of calls: one per version, of whichever way it came in, and none of what nobody may see."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from app.db.session import driver_connection, unit_of_work
from app.events.tenders import tell_tenders
from app.ingest.mapping import Gathered, map_batch
from app.ingest.merging import merge
from app.ingest.outcome import Target
from app.kit.clock import utc_now
from app.models.import_run import ImportKind
from tests.support.api import Api, Person
from tests.support.events import log_of, types_of
from tests.support.factories import in_days, tender


async def posted(person: Person, status: str = "published", **fields: object) -> dict[str, str]:
    answer = await person.client.post("/v1/tenders", json=tender(**fields) | {"status": status})  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def patched(person: Person, made: dict[str, str], **fields: object) -> None:
    etag = (await person.client.get(f"/v1/tenders/{made['id']}")).headers["ETag"]
    headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    answer = await person.client.patch(f"/v1/tenders/{made['id']}", content=json.dumps(fields), headers=headers)
    assert answer.status_code == 200, answer.text


async def imported(api: Api, owner: Person, *records: dict[str, object]) -> None:
    given = Gathered()
    for line, record in enumerate(records, start=1):
        given.records.append(json.dumps(record).encode())
        given.lines.append(line)
    batch = map_batch(ImportKind.TENDERS, given)
    async with unit_of_work(api.runtime.sessions) as session:
        target = Target(owner.id, ImportKind.TENDERS, utc_now())
        taken = await merge(await driver_connection(session), target, batch)
    assert not taken.rejected


async def test_a_life_of_a_call_is_one_event_per_version(api: Api) -> None:
    buyer = await api.person("buyer")
    made = await posted(buyer, value={"amount": 1200000.5, "currency": "MAD"})
    await patched(buyer, made, description="Plus précisément")
    await patched(buyer, made, deadline=in_days(40), description="Et plus tard")
    for step in ("close", "cancel"):
        assert (await buyer.client.post(f"/v1/tenders/{made['id']}/{step}")).status_code == 200
    told = await log_of(api)
    assert [each.type for each in told] == [
        "tender.published", "tender.updated", "tender.deadline_moved", "tender.updated", "tender.cancelled",
    ]  # fmt: skip
    assert {each.audience for each in told} == {"everyone"}
    assert [each.data["tender"]["version"] for each in told] == [1, 2, 3, 4, 5]
    first, amended, moved, closed, cancelled = (each.data for each in told)
    assert first["tender"]["value"] == {"amount": 1200000.5, "currency": "MAD"}
    assert first["tender"]["deadline_at"] == "2099-12-31T11:00:00Z"
    assert amended["changes"]["description"] == {"old": None, "new": "Plus précisément", "abridged": False}
    assert set(moved["changes"]) == {"deadline", "description"}
    assert moved["changes"]["deadline"]["old"].startswith("2099-12-31T12:00:00")
    assert closed["changes"]["status"]["new"] == closed["tender"]["status"] == "closed"
    assert cancelled["changes"] == {"status": {"old": "closed", "new": "cancelled", "abridged": False}}


async def test_content_that_stays_the_same_tells_nothing(api: Api) -> None:
    buyer = await api.person("buyer")
    made = await posted(buyer)
    await patched(buyer, made, title=made["title"])
    assert await types_of(api) == ["tender.published"]


async def test_a_draft_is_nobodys_business_until_it_is_published(api: Api) -> None:
    buyer = await api.person("buyer")
    made = await posted(buyer, "draft", description="un secret")
    await patched(buyer, made, description="rien")
    assert await log_of(api) == []
    await buyer.client.post(f"/v1/tenders/{made['id']}/publish")
    (told,) = await log_of(api)
    assert told.type == "tender.published"
    assert "secret" not in json.dumps(told.data)


async def test_a_call_that_is_over_is_not_published_news(api: Api) -> None:
    await posted(await api.person("buyer"), deadline="2020-01-01T12:00:00Z")
    assert await log_of(api) == []


async def test_an_import_tells_what_each_record_did(api: Api) -> None:
    buyer = await api.person("buyer")
    stays, moves, new = tender(id="stays"), tender(id="moves", ocid="ocds-x-2"), tender(id="new")
    await imported(api, buyer, stays, moves, tender(id="over", ocid="ocds-x-1", status="complete"))
    moves |= {"deadline": in_days(30)}
    await imported(api, buyer, stays, moves, new)
    await imported(api, buyer, stays, moves | {"status": "cancelled"}, new)
    told = [(each.type, each.data["tender"]["version"]) for each in await log_of(api)]
    assert sorted(told[:3]) == [("tender.awarded", 1), ("tender.published", 1), ("tender.published", 1)]
    assert sorted(told[3:5]) == [("tender.deadline_moved", 2), ("tender.published", 1)]
    assert told[5:] == [("tender.cancelled", 3)]


async def test_nothing_is_told_of_what_was_rolled_back(api: Api) -> None:
    buyer = await api.person("buyer")

    async def failing() -> None:
        async with unit_of_work(api.runtime.sessions) as session:
            batch = map_batch(ImportKind.TENDERS, Gathered([json.dumps(tender()).encode()], [1]))
            await merge(await driver_connection(session), Target(buyer.id, ImportKind.TENDERS, utc_now()), batch)
            assert await session.scalar(text("SELECT count(*) FROM event")) == 1
            raise RuntimeError("something after it failed")

    with pytest.raises(RuntimeError, match="something after it"):
        await failing()
    assert await log_of(api) == []


async def test_the_same_version_is_told_once_however_often_it_is_told(api: Api) -> None:
    made = await posted(await api.person("buyer"))
    for _ in range(3):
        async with unit_of_work(api.runtime.sessions) as session:
            await tell_tenders(await driver_connection(session), [made["id"]])  # type: ignore[list-item]
    assert await types_of(api) == ["tender.published"]


async def test_an_event_stays_small_however_large_the_change_is(api: Api) -> None:
    buyer = await api.person("buyer")
    made = await posted(buyer)
    hostile = {f"{number}" + "\u0002" * 80: "ع" * 290 for number in range(60)}
    whole = tender("\u0001" * 400, id=made["external_id"], buyer={"name": "\u0001" * 400}, **hostile)
    await imported(api, buyer, whole | {"description": "م" * 50_000})
    told = (await log_of(api))[-1]
    assert told.type == "tender.updated"
    assert len(told.data["changes"]) <= 15
    assert told.data["more_changes"] > 40
    assert len(json.dumps(told.data, ensure_ascii=False).encode()) < 19_000
