"""Shortlist, invite, dismiss, save, and feedback."""

from __future__ import annotations

import uuid

from tests.app.matches.test_live import SECURITY, entered, published
from tests.support.api import Api
from tests.support.factories import startup, tender


async def test_a_shortlist_an_invitation_and_what_the_startup_sees_of_it(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    mine = await entered(firm, "/v1/startups", startup(SECURITY))
    call = await published(buyer)
    path = f"/v1/tenders/{call}/decisions/{mine['id']}"
    listed = await buyer.client.put(path, json={"kind": "shortlisted", "note": "à rencontrer"})
    assert listed.status_code == 200
    page = (await buyer.client.get(f"/v1/tenders/{call}/candidates")).json()
    assert page["items"][0]["decision"] == "shortlisted"
    assert (await firm.client.get(f"/v1/startups/{mine['id']}/invitations")).json()["items"] == []
    await buyer.client.put(path, json={"kind": "invited", "note": "visite le 3"})
    (item,) = (await buyer.client.get(f"/v1/tenders/{call}/decisions")).json()["items"]
    assert (item["kind"], item["startup"]["id"]) == ("invited", mine["id"])
    (invited,) = (await firm.client.get(f"/v1/startups/{mine['id']}/invitations")).json()["items"]
    assert (invited["tender"]["id"], invited["note"]) == (call, "visite le 3")
    assert (await buyer.client.delete(path)).status_code == 204
    assert (await buyer.client.delete(path)).status_code == 404


async def test_a_startup_saves_and_dismisses_and_keeps_it_to_itself(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    async with api.worker():
        mine = await entered(firm, "/v1/startups", startup(SECURITY))
        call = await published(buyer)
    path = f"/v1/startups/{mine['id']}/decisions/{call}"
    assert (await firm.client.put(path, json={"kind": "saved"})).status_code == 200
    (match,) = (await firm.client.get(f"/v1/startups/{mine['id']}/matches")).json()["items"]
    assert match["decision"] == "saved"
    page = (await buyer.client.get(f"/v1/tenders/{call}/candidates")).json()
    assert page["items"][0]["decision"] is None


async def test_decisions_of_the_other_side_and_about_strangers_things_are_refused(api: Api) -> None:
    firm, buyer, other = await api.person("startup"), await api.person("buyer"), await api.person("buyer")
    mine = await entered(firm, "/v1/startups", startup(SECURITY))
    call = await published(buyer)
    draft = (await entered(buyer, "/v1/tenders", tender("Brouillon")))["id"]
    ours = f"/v1/tenders/{call}/decisions/{mine['id']}"
    assert (await buyer.client.put(ours, json={"kind": "saved"})).status_code == 403
    assert (await other.client.put(ours, json={"kind": "invited"})).status_code == 404
    assert (await other.client.get(f"/v1/tenders/{call}/decisions")).status_code == 404
    secret = f"/v1/startups/{mine['id']}/decisions/{draft}"
    assert (await firm.client.put(secret, json={"kind": "saved"})).status_code == 404
    nobody = f"/v1/tenders/{call}/decisions/{uuid.uuid4()}"
    assert (await buyer.client.put(nobody, json={"kind": "invited"})).status_code == 404


async def test_feedback_keeps_the_score_of_its_moment(api: Api) -> None:
    firm, buyer, other = await api.person("startup"), await api.person("buyer"), await api.person("buyer")
    async with api.worker():
        mine = await entered(firm, "/v1/startups", startup(SECURITY))
        call = await published(buyer)
    said = {"tender_id": call, "startup_id": mine["id"], "verdict": "wrong", "because": "déjà titulaire"}
    answer = await buyer.client.post("/v1/feedback", json=said)
    assert answer.status_code == 201
    (match,) = (await firm.client.get(f"/v1/startups/{mine['id']}/matches")).json()["items"]
    assert answer.json()["score"] == match["score"]
    assert (await other.client.post("/v1/feedback", json=said)).status_code == 404
