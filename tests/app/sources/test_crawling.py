"""Runs of a source into the database, against portals of the tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from tests.support.collecting import Collecting, collecting
from tests.support.db import Database
from tests.support.portal_ocds import OcdsPortal, release

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
SOURCE = "uk_find_a_tender"


@pytest.fixture
async def find_a_tender() -> AsyncIterator[OcdsPortal]:
    async with OcdsPortal() as portal:
        yield portal


@pytest.fixture
async def site(fresh: Database, find_a_tender: OcdsPortal) -> AsyncIterator[Collecting]:
    async with collecting(fresh, find_a_tender, SOURCE) as running:
        running.now.append(NOW)
        yield running


async def test_what_a_portal_publishes_becomes_calls_with_their_source(
    site: Collecting, find_a_tender: OcdsPortal
) -> None:
    find_a_tender.releases = [release(n, NOW - n * HOUR) for n in range(1, 31)]
    done = await site.crawl()
    assert done is not None
    assert done.report is not None
    assert (done.report.outcome, done.counts.created) == ("complete", 30)
    rows = await site.fetch(
        "SELECT tender.title, tender.status, source.name, source.attribution, organisation.name AS owner"
        " FROM tender JOIN source ON source.id = source_id JOIN organisation ON organisation.id = owner_id LIMIT 1"
    )
    assert dict(rows[0])["name"] == SOURCE
    (run,) = await site.fetch("SELECT outcome, seen, rejected, created, attempts, ended_at FROM crawl_run")
    assert dict(run) == {
        "outcome": "complete", "seen": 30, "rejected": 0, "created": 30, "attempts": 1, "ended_at": NOW,
    }  # fmt: skip
