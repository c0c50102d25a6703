"""Senders: registered, shown, changed, their secrets replaced, revoked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.db.session import unit_of_work
from app.push import service
from tests.support.api import Api
from tests.support.push import Sender, message, sender


async def test_the_secret_is_shown_once_and_stored_sealed(push_api: Api) -> None:
    portal = await sender(push_api)
    assert portal.secret.startswith("whsec_")
    shown = (await portal.owner.client.get(f"/v1/senders/{portal.id}")).json()
    assert "secret" not in shown
    kept = await push_api.runtime.hot.fetchrow("SELECT secret FROM push_sender ORDER BY id DESC LIMIT 1")
    assert portal.secret.encode() not in kept["secret"]
    listed = await portal.owner.client.get("/v1/senders")
    assert [one["id"] for one in listed.json()] == [portal.id]


async def test_a_code_is_used_once_by_an_organisation(push_api: Api) -> None:
    portal = await sender(push_api)
    again = await portal.owner.client.post("/v1/senders", json={"code": "portail", "name": "Autre"})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/push-sender-exists")
    await sender(push_api)  # another organisation


async def test_senders_of_an_organisation_are_bounded(push_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_SENDERS", 2)
    portal = await sender(push_api)
    assert (await portal.owner.client.delete(f"/v1/senders/{portal.id}")).status_code == 204
    await sender(push_api, portal.owner, code="second")
    refused = await portal.owner.client.post("/v1/senders", json={"code": "third", "name": "Troisième"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-many-push-senders")
    await sender(push_api)  # another organisation


async def test_senders_are_no_sources_that_everybody_is_told_of(push_api: Api) -> None:
    await sender(push_api)
    anybody = await push_api.person("startup")
    told = (await anybody.client.get("/v1/sources")).json()
    assert [one["name"] for one in told if one["name"].startswith("push:")] == []


@pytest.mark.parametrize("kind", ["startup", "incubator"])
async def test_who_brings_no_calls_in_registers_no_sender(push_api: Api, kind: str) -> None:
    person = await push_api.person(kind, scopes=("imports:write",))
    answer = await person.client.post("/v1/senders", json={"code": "x", "name": "x"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/wrong-organisation-kind")


@pytest.mark.parametrize("wrong", [{"zone": "Mars/Olympus"}, {"zone": "../etc"}, {"country": "ma"}, {"code": "A b"}])
async def test_a_wrong_field_is_told(push_api: Api, wrong: dict[str, str]) -> None:
    person = await push_api.person("buyer")
    answer = await person.client.post("/v1/senders", json={"code": "x", "name": "x"} | wrong)
    assert answer.status_code == 422


async def test_what_is_somebody_elses_is_not_there(push_api: Api) -> None:
    portal, stranger = await sender(push_api), await push_api.person("operator")
    path = f"/v1/senders/{portal.id}"
    for method, where, body in (
        ("GET", path, None), ("PATCH", path, {"name": "x"}), ("DELETE", path, None),
        ("POST", f"{path}/secret", {}), ("GET", f"{path}/deliveries", None),
    ):  # fmt: skip
        assert (await stranger.client.request(method, where, json=body)).status_code == 404
    assert (await portal.push(message())).status_code == 202


async def test_a_change_leaves_what_is_not_named(push_api: Api) -> None:
    portal = await sender(push_api, zone="Africa/Casablanca", sector="public")
    changed = await portal.owner.client.patch(f"/v1/senders/{portal.id}", json={"zone": None, "name": "Nouveau"})
    told = changed.json()
    assert (told["zone"], told["name"], told["sector"]) == (None, "Nouveau", "public")


async def test_an_old_secret_is_taken_until_its_overlap_ends(push_api: Api) -> None:
    portal = await sender(push_api)
    rotated = await portal.owner.client.post(f"/v1/senders/{portal.id}/secret", json={"overlap_hours": 1})
    fresh = Sender(push_api, portal.owner, portal.id, rotated.json()["secret"])
    assert (await portal.push(message(id="a"))).status_code == 202
    assert (await fresh.push(message(id="b"))).status_code == 202
    async with unit_of_work(push_api.runtime.sessions) as session:
        await session.execute(text("UPDATE push_sender SET previous_until = now() - interval '1 second'"))
    assert (await portal.push(message(id="d"))).status_code == 401
    assert (await fresh.push(message(id="e"))).status_code == 202


async def test_without_an_overlap_the_old_secret_ends_at_once(push_api: Api) -> None:
    portal = await sender(push_api)
    await portal.owner.client.post(f"/v1/senders/{portal.id}/secret", json={"overlap_hours": 0})
    assert (await portal.push(message())).status_code == 401


async def test_a_revoked_sender_is_refused_and_its_calls_stay(push_api: Api) -> None:
    portal = await sender(push_api)
    made = await portal.done(message())
    assert (await portal.owner.client.delete(f"/v1/senders/{portal.id}")).status_code == 204
    assert (await portal.push(message(version=2))).status_code == 401
    assert (await portal.owner.client.delete(f"/v1/senders/{portal.id}")).status_code == 404
    assert (await portal.owner.client.get(f"/v1/tenders/{made['tender_id']}")).status_code == 200
    deliveries = (await portal.owner.client.get(f"/v1/senders/{portal.id}/deliveries")).json()["items"]
    assert [one["state"] for one in deliveries] == ["created"]
