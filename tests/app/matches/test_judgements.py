"""Decisions and feedback as judgements to learn from."""

from __future__ import annotations

from app.db.session import reading
from app.matches.judgements import GRADES, feedback_set
from app.models.decision import DecisionKind, FeedbackVerdict
from tests.app.matches.test_live import SECURITY, entered, published
from tests.support.api import Api
from tests.support.factories import startup


def test_every_word_has_a_grade() -> None:
    assert set(GRADES) == {*DecisionKind, *FeedbackVerdict}


async def test_what_people_decided_and_said_becomes_grades(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    mine = await entered(firm, "/v1/startups", startup(SECURITY))
    other = await entered(firm, "/v1/startups", startup("Imprimerie et reliure"))
    call, silent = await published(buyer), await published(buyer)
    for who, kind in ((mine, "invited"), (other, "dismissed")):
        path = f"/v1/tenders/{call}/decisions/{who['id']}"
        assert (await buyer.client.put(path, json={"kind": kind})).status_code == 200
    said = {"tender_id": call, "startup_id": mine["id"], "verdict": "right"}
    assert (await buyer.client.post("/v1/feedback", json=said)).status_code in {200, 201, 204}
    async with reading(api.runtime.read_sessions) as session:
        judged = await feedback_set(session)
    assert judged.qrels == {call: {mine["id"]: 2.5, other["id"]: 0.0}}
    assert [tender.id for tender in judged.tenders] == [call]
    assert {startup.id for startup in judged.startups} >= {mine["id"], other["id"]}
    assert silent not in judged.qrels
