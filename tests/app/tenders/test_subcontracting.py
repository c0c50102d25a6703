"""Calls of those who won or bid for something larger, for subcontractors."""

from __future__ import annotations

import pytest

from scrapers.files.columns import field_of
from tests.support.api import Api, Person
from tests.support.factories import startup, tender

PART = {"id": "AO-9/2026", "title": "Ligne fictive de tramway", "buyer": "Société fictive du tram", "role": "winner"}
TEXT = "Capteurs et télésurveillance de caténaires"


async def ids(person: Person, path: str, **asked: object) -> list[str]:
    answer = await person.client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return [one.get("tender", one)["id"] for one in answer.json()["items"]]


async def test_they_are_shown_and_found_as_such_and_matched_like_any_other(api: Api) -> None:
    lead, owner = await api.person("buyer", "Entreprise générale fictive"), await api.person("startup")
    mine = (await owner.client.post("/v1/startups", json=startup(TEXT))).json()["id"]
    private = {"status": "published", "sector": "private"}
    async with api.worker():
        part = await lead.client.post("/v1/tenders", json=tender(TEXT, part_of=PART, **private))
        whole = await lead.client.post("/v1/tenders", json=tender(TEXT, **private))
    assert part.status_code == whole.status_code == 201, part.text
    part_id, whole_id = part.json()["id"], whole.json()["id"]
    assert part.json()["part_of"] == PART
    assert whole.json()["part_of"] is None
    for path in ("/v1/tenders", f"/v1/startups/{mine}/matches"):
        assert await ids(owner, path, subcontracting=True) == [part_id]
        assert await ids(owner, path, subcontracting=False) == [whole_id]
        assert sorted(await ids(owner, path)) == sorted([part_id, whole_id])
    (shown,) = (await owner.client.get("/v1/tenders", params={"subcontracting": True})).json()["items"]
    assert shown["part_of"] == PART
    changed = await lead.client.patch(
        f"/v1/tenders/{part_id}", json={"part_of": None},
        headers={"If-Match": part.headers["ETag"], "Content-Type": "application/merge-patch+json"},
    )  # fmt: skip
    assert changed.json()["part_of"] is None
    assert await ids(owner, "/v1/tenders", subcontracting=True) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"part_of": PART, "sector": "public"},
        {"part_of": PART},
        {"part_of": {**PART, "role": "friend"}, "sector": "private"},
        {"part_of": "AO-9", "sector": "private"},
    ],
)
async def test_a_public_call_is_no_subcontract(api: Api, wrong: dict[str, object]) -> None:
    lead = await api.person("buyer")
    answer = await lead.client.post("/v1/tenders", json=tender(**wrong))
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("name", PART)
def test_tables_have_columns_for_it(name: str) -> None:
    assert field_of(f"part_of.{name}", "tender") == f"part_of.{name}"
