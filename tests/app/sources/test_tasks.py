"""Crawls by the clock: one job for each slot, whatever became of the source meanwhile."""

from __future__ import annotations

import datetime as dt

import pytest

from app.db.session import unit_of_work
from app.jobs.errors import Discard, Retry
from app.jobs.messages import CrawlSource
from app.jobs.queue import enqueue
from app.kit.metrics import Metrics
from app.sources.guarding import alone
from app.sources.repository import ALL, SourceRepository
from app.sources.tasks import SourceJobs
from tests.app.sources.conftest import NOW
from tests.support.collecting import Collecting
from tests.support.portal_ocds import OcdsPortal, release

NAME = "uk_find_a_tender"


def jobs(site: Collecting) -> SourceJobs:
    return SourceJobs(site.crawler, Metrics())


async def test_a_slot_is_a_crawl_that_is_counted(site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(n, NOW - n * dt.timedelta(hours=1)) for n in range(1, 4)]
    work = jobs(site)
    await work.crawl(CrawlSource(source=NAME))
    assert len(await site.statuses()) == 3
    told = work.metrics.render().decode()
    assert f'safqa_source_runs_total{{outcome="complete",source="{NAME}"}} 1.0' in told
    assert f'safqa_source_status{{source="{NAME}",status="ok"}} 1.0' in told
    assert f'safqa_source_last_complete_timestamp_seconds{{source="{NAME}"}} {NOW.timestamp()!r}'[:70] in told


async def test_two_slots_of_one_source_wait_as_one_job(site: Collecting) -> None:
    async with unit_of_work(site.runtime.sessions) as session:
        for _ in range(2):
            await enqueue(session, CrawlSource(source=NAME))
        await enqueue(session, CrawlSource(source="another"))
    (row,) = await site.fetch("SELECT count(*) AS waiting FROM pgqueuer.pgqueuer")
    assert row["waiting"] == 2


async def test_a_halted_source_is_left_for_its_next_slot(site: Collecting, uk: OcdsPortal) -> None:
    async with unit_of_work(site.runtime.sessions) as session:
        await SourceRepository(session).halt(ALL, None, NOW)
    work = jobs(site)
    await work.crawl(CrawlSource(source=NAME))
    assert uk.asked == []
    assert f'safqa_source_status{{source="{NAME}",status="halted"}} 1.0' in work.metrics.render().decode()


async def test_a_busy_one_is_tried_again_soon_and_a_disabled_one_never(site: Collecting) -> None:
    async with alone(site.runtime.engine, site.plan.source(NAME)):
        with pytest.raises(Retry):
            await jobs(site).crawl(CrawlSource(source=NAME))
    with pytest.raises(Discard):
        await jobs(site).crawl(CrawlSource(source="ocds"))
