"""An installation with a source that has run thrice, once under way, with refusals and drift."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.models.crawl_run import CrawlKind
from app.sources.repository import Card, RunKey, SourceRepository
from scrapers.payload import Rejection
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.portal import CONTACT

NAME = "uk_find_a_tender"
HOSTILE = "<script>alert('x')</script>"


@dataclass
class Site:
    """``runs``: the ids of the runs, the oldest first; the last one is under way."""

    api: Api
    operator: Person
    runs: list[str]


@pytest.fixture(scope="package")
async def site(cluster: Cluster) -> AsyncIterator[Site]:
    async with (
        cluster.copy("operator") as database,
        running_api(database, sources=(NAME, "uk_contracts_finder"), source_contact=CONTACT) as api,
    ):
        operator = await api.person("operator", "Opérateur")
        yield Site(api, operator, [str(run) for run in await _crawled(api)])


async def _crawled(api: Api) -> list[object]:
    now, made = utc_now(), []
    drift = [{"field": "deadline", "before": 0.98, "now": 0.4}]
    async with unit_of_work(api.runtime.sessions) as session:
        sources = SourceRepository(session)
        state = await sources.enter(Card(NAME, "Find a Tender", "OGL 3.0", "Crown copyright"), now)
        state.drift = list(drift)
        for days, counts in (
            (3, {"outcome": "complete", "reason": None, "drift": []}),
            (1, {"outcome": "partial", "reason": "unavailable", "drift": drift}),
            (0, {}),
        ):
            begun = now - dt.timedelta(days=days)
            key = RunKey(state.source_id, CrawlKind.REGULAR, begun, begun, begun)
            run = await sources.begin_run(key, anew=False)
            ended = {"ended_at": begun + dt.timedelta(minutes=4)} if counts else {}
            await sources.set_run(
                run.id, {"seen": 120, "created": 7, "rejected": 2, "expected": 300, **counts, **ended}
            )
            refused = [
                Rejection(code="notice.invalid", reason=f"title: {HOSTILE}", ref=f"n-{number}", excerpt=HOSTILE * 20)
                for number in range(2)
            ]
            await sources.keep_rejections(run.id, 0, refused)
            made.append(run.id)
    return made
