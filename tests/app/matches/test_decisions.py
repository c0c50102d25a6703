"""Shortlist, invite, dismiss, save, look for partners, bid, and feedback."""

from __future__ import annotations

import uuid

from app.db.session import reading
from app.matches.judgements import feedback_set
from app.matches.lessons import LessonRepository
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


async def test_who_looks_for_a_partner_is_shown_to_others_that_may_bid_and_not_to_the_buyer(api: Api) -> None:
    firm, hidden, other = await api.person("startup"), await api.person("startup"), await api.person("startup")
    buyer = await api.person("buyer")
    mine = await entered(firm, "/v1/startups", startup(SECURITY))
    secret = await entered(hidden, "/v1/startups", startup(SECURITY))
    await hidden.client.post(f"/v1/startups/{secret['id']}/listing", json={"listed": False})
    call = await published(buyer)
    wanted = f"/v1/tenders/{call}/partners-wanted"
    assert (await other.client.get(wanted)).json()["items"] == []
    for who, what in ((firm, mine), (hidden, secret)):
        path = f"/v1/startups/{what['id']}/decisions/{call}"
        assert (await who.client.put(path, json={"kind": "partner_wanted", "note": "secret"})).status_code == 200
    answer = await other.client.get(wanted)
    assert [item["startup"]["id"] for item in answer.json()["items"]] == [mine["id"]]
    assert "secret" not in answer.text
    assert (await buyer.client.get(wanted)).status_code == 403
    assert (await firm.client.put(f"/v1/startups/{mine['id']}/decisions/{call}", json={"kind": "bid"})).is_success
    assert (await other.client.get(wanted)).json()["items"] == []
    refused = await buyer.client.put(f"/v1/tenders/{call}/decisions/{mine['id']}", json={"kind": "bid"})
    assert refused.status_code == 403


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


async def test_an_error_in_a_notice_is_told_to_its_buyer_and_the_operator_and_teaches_nothing(api: Api) -> None:
    firm, buyer, other = await api.person("startup"), await api.person("buyer"), await api.person("buyer")
    operator = await api.person("operator")
    mine = await entered(firm, "/v1/startups", startup(SECURITY))
    call = await published(buyer)
    said = {"tender_id": call, "startup_id": mine["id"], "verdict": "notice_error", "because": "objet faux"}
    said["part"] = "title"
    assert (await firm.client.post("/v1/feedback", json=said)).status_code == 201
    for who, expected in ((buyer, [call]), (operator, [call]), (other, [])):
        answer = await who.client.get("/v1/notice-errors")
        assert [item["tender"]["id"] for item in answer.json()["items"]] == expected
        assert mine["id"] not in answer.text
    assert (await firm.client.get("/v1/notice-errors")).status_code == 403
    (told,) = (await operator.client.get("/v1/notice-errors", params={"state": "open"})).json()["items"]
    assert (told["part"], told["passage"], told["answered"]) == ("title", told["tender"]["title"], None)
    path, sent = f"/v1/notice-errors/{told['id']}/answer", {"outcome": "as_published", "answer": "voir le portail"}
    assert [(await who.client.put(path, json=sent)).status_code for who in (firm, other, buyer)] == [403, 404, 200]
    (mended,) = (await firm.client.get(f"/v1/startups/{mine['id']}/notice-errors")).json()["items"]
    assert (mended["answered"]["outcome"], mended["answered"]["answer"]) == ("as_published", "voir le portail")
    for state, source, expected in (("open", None, 0), ("answered", None, 1), ("answered", "elsewhere", 0)):
        asked = {"state": state} | ({"source": source} if source else {})
        found = (await operator.client.get("/v1/notice-errors", params=asked)).json()["items"]
        assert (asked, len(found)) == (asked, expected)
    assert (await operator.client.delete(path)).status_code == 204
    (again,) = (await buyer.client.get("/v1/notice-errors", params={"state": "open"})).json()["items"]
    assert again["answered"] is None
    assert (await firm.client.post("/v1/feedback", json={**said, "verdict": "wrong"})).status_code == 422
    async with reading(api.runtime.read_sessions) as session:
        assert await LessonRepository(session).of_startups([uuid.UUID(mine["id"])]) == {}
        assert (await feedback_set(session)).qrels == {}
