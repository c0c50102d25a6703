"""Match jobs under bad luck: one document that can't be ranked keeps no other from its matches."""

from __future__ import annotations

import uuid

import pytest

from app.jobs.messages import MatchStartups
from app.kit.clock import utc_now
from app.matches.ranking import Ranker
from app.matches.tasks import MatchJobs
from matching.types import Ranking, StartupDoc
from tests.app.matches.test_kept import matches_of
from tests.app.matches.test_live import SECURITY, entered, published
from tests.support.api import Api
from tests.support.factories import startup


async def test_a_batch_goes_on_after_one_that_fails(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    poison = uuid.UUID(str((await entered(firm, "/v1/startups", startup(SECURITY, id="poison")))["id"]))
    sound = uuid.UUID(str((await entered(firm, "/v1/startups", startup(SECURITY, id="sound")))["id"]))
    await published(buyer)
    rank = Ranker.matches_of_startup

    async def failing(self: Ranker, doc: StartupDoc, **rest: object) -> tuple[Ranking, Ranking]:
        if doc.id == str(poison):
            raise ValueError("a document that nobody thought of")
        return await rank(self, doc, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Ranker, "matches_of_startup", failing)
    jobs = MatchJobs(api.runtime.sessions, api.ranker, utc_now)
    await jobs.match_startups(MatchStartups(startup_ids=(poison, sound)))
    assert len(await matches_of(firm, sound)) == 1
    waiting = await api.runtime.hot.fetch(
        "SELECT payload FROM pgqueuer.pgqueuer WHERE entrypoint = 'match_startups' AND payload IS NOT NULL"
    )
    alone = MatchStartups(startup_ids=(poison,))
    assert [MatchStartups.model_validate_json(row["payload"]) for row in waiting] == [alone]
    with pytest.raises(ValueError, match="nobody thought of"):
        await jobs.match_startups(alone)
