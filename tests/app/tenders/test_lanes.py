"""The simplified-access lane: as columns, filter, badge and event."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from app.db.session import driver_connection, unit_of_work
from app.jobs.messages import DeriveLanes
from app.kit.clock import utc_now
from app.tenders.lanes import LaneColumns, lane_of, set_lane
from app.tenders.tasks import LaneJobs
from matching.requirements.findings import Finding, Kind, References
from scrapers.records import TenderRecord
from tests.app.tenders.calls import a_call, posted
from tests.support.api import Api, Person

SIMPLIFIED = "Appel d'offres ouvert simplifié"


def asks(*, required: bool) -> Finding:
    return Finding(Kind.REFERENCES, References(required=required), "", 0, 0, 0.9)


def record(**fields: object) -> TenderRecord:
    return TenderRecord.model_validate(a_call(sector="public") | fields)


@pytest.mark.parametrize(
    ("fields", "found", "expected"),
    [
        ({"procedure": SIMPLIFIED}, (), (True, ("simplified_call",))),
        ({"procedure": SIMPLIFIED, "published": "2023-08-31"}, (), (None, ())),
        ({"procedure": SIMPLIFIED, "published": "2023-09-01"}, (), (True, ("simplified_call",))),
        ({"procedure": SIMPLIFIED, "sector": "private"}, (), (None, ())),
        ({"procedure": SIMPLIFIED, "country": "FR"}, (), (None, ())),
        ({"procedure": SIMPLIFIED}, (asks(required=True),), (None, ("simplified_call",))),
        ({"procedure": "Bon de commande"}, (), (True, ("purchase_order",))),
        ({"procedure": "Appel d'offres ouvert"}, (), (None, ())),
        ({"procedure": "Appel d'offres ouvert", "reserved_sme": True}, (), (True, ("reserved_sme",))),
        ({"reserved_sme": True}, (asks(required=True),), (False, ())),
        ({"sector": "private"}, (asks(required=False),), (True, ("no_references",))),
        ({"sector": "private"}, (), (None, ())),
    ],
)
def test_a_lane(
    fields: dict[str, object], found: tuple[Finding, ...], expected: tuple[bool | None, tuple[str, ...]]
) -> None:
    assert lane_of(record(**fields), found) == LaneColumns(*expected)


async def _events(api: Api) -> list[tuple[str, list[str]]]:
    async with api.runtime.sessions() as db:
        rows = await db.execute(
            text(
                "SELECT payload #>> '{tender,title}', payload -> 'grounds' FROM event"
                " WHERE type = 'tender.simplified_access' ORDER BY sequence"
            )
        )
        return [(title, grounds) for title, grounds in rows]


@pytest.fixture
async def reader(api: Api) -> Person:
    return await api.person("startup")


async def test_a_call_shows_its_lane_and_is_found_by_it(api: Api, reader: Person) -> None:
    buyer = await api.person("buyer")
    lane = await posted(buyer, sector="public", procedure=SIMPLIFIED, reserved_sme=True)
    await posted(buyer, sector="public", procedure="Appel d'offres ouvert")
    answer = await reader.client.get("/v1/tenders", params={"simplified_access": "true"})
    (listed,) = answer.json()["items"]
    whole = (await reader.client.get(f"/v1/tenders/{lane['id']}")).json()
    for shown in (lane, listed, whole):
        assert shown["id"] == lane["id"]
        assert shown["simplified_access"] is True
        assert set(shown["simplified_grounds"]) == {"simplified_call", "reserved_sme"}


async def test_an_answer_sent_back_claims_no_lane(api: Api) -> None:
    buyer = await api.person("buyer")
    made = await posted(buyer, sector="private", simplified_access=True, simplified_grounds=["no_references"])
    assert (made["simplified_access"], made["simplified_grounds"]) == (None, [])


async def test_a_call_that_enters_the_lane_is_told_once(api: Api) -> None:
    buyer = await api.person("buyer")
    made = await posted(buyer, sector="public", title="Un site")
    assert await _events(api) == []
    for procedure in (SIMPLIFIED, "Appel d'offres ouvert", SIMPLIFIED):
        now = await buyer.client.get(f"/v1/tenders/{made['id']}")
        await buyer.client.patch(
            f"/v1/tenders/{made['id']}",
            json={"procedure": procedure},
            headers={"If-Match": now.headers["ETag"], "Content-Type": "application/merge-patch+json"},
        )
    assert await _events(api) == [("Un site", ["simplified_call"])]


async def test_neither_drafts_nor_calls_that_are_over_are_told(api: Api) -> None:
    buyer = await api.person("buyer")
    draft = await posted(buyer, status="draft", sector="public", procedure=SIMPLIFIED, title="Un brouillon")
    await posted(buyer, sector="public", procedure=SIMPLIFIED, deadline="2020-01-01T12:00:00Z")
    assert await _events(api) == []
    await buyer.client.post(f"/v1/tenders/{draft['id']}/publish")
    assert [title for title, _ in await _events(api)] == ["Un brouillon"]


async def test_what_documents_say_changes_the_lane_its_tag_and_is_told(api: Api, reader: Person) -> None:
    made = await posted(await api.person("buyer"), sector="private", title="Un site")
    path = f"/v1/tenders/{made['id']}"
    before = (await reader.client.get(path)).headers["ETag"]
    lane = lane_of(record(sector="private"), [asks(required=False)])
    for expected in (True, False):
        async with unit_of_work(api.runtime.sessions) as db:
            assert await set_lane(await driver_connection(db), uuid.UUID(made["id"]), lane, utc_now()) is expected
    answer = await reader.client.get(path, headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.json()["simplified_grounds"] == ["no_references"]
    assert await _events(api) == [("Un site", ["no_references"])]


async def test_calls_from_before_the_lane_are_filled_in_and_not_told(api: Api, reader: Person) -> None:
    buyer = await api.person("buyer")
    await posted(buyer, sector="public", procedure=SIMPLIFIED)
    await posted(buyer, sector="public")
    async with unit_of_work(api.runtime.sessions) as db:
        await db.execute(text("UPDATE tender SET simplified_access = NULL, simplified_grounds = '{}'"))
        await db.execute(text("DELETE FROM event"))
    await LaneJobs(api.runtime.sessions).derive(DeriveLanes())
    answer = await reader.client.get("/v1/tenders", params={"simplified_access": "true"})
    assert [item["simplified_grounds"] for item in answer.json()["items"]] == [["simplified_call"]]
    assert await _events(api) == []
