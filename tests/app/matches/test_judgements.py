"""Decisions and feedback as judgements to learn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.db.session import reading
from app.matches.judgements import GRADES, feedback_set
from app.models.decision import DecisionKind, FeedbackVerdict
from app.runtime import open_ranker, open_runtime
from matching.errors import ModelError
from matching.model import Weights, model_text
from matching.registry import get_model
from tests.app.matches.test_live import SECURITY, entered, published
from tests.support.api import Api, settings_for
from tests.support.db import Database
from tests.support.factories import startup


def test_every_word_has_a_grade() -> None:
    assert set(GRADES) == {*DecisionKind, *FeedbackVerdict} - {FeedbackVerdict.NOTICE_ERROR}


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


async def test_a_service_given_a_model_ranks_by_it_and_publishes_it(fresh: Database, tmp_path: Path) -> None:
    model = replace(get_model(), version="ours", signals={"text.term": Weights(5.0, 5.0)})
    path = tmp_path / "weights.json"
    path.write_text(model_text(model), encoding="utf-8")
    async with open_runtime(settings_for(fresh, model=path)) as runtime, open_ranker(runtime) as ranker:
        used, *others = ranker.algorithms()
        assert (used.name, used.version, [signal.code for signal in used.signals]) == ("profile", "ours", ["text.term"])
        assert [(each.name, each.version) for each in others] == [("profile", "2")]
        assert ranker.index.matcher.algorithm.version == "ours"


async def test_a_model_that_is_none_is_told_at_the_start(fresh: Database, tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match=r"weights\.json: must be an object"):
        async with open_runtime(settings_for(fresh, model=path)):
            pass
