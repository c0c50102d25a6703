"""A source whose complete list tells which calls have vanished: what closes, what reopens, what is asked again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.sources.plan import PlannedSource
from scrapers.base import Source
from tests.app.sources.conftest import NOW
from tests.support.collecting import Collecting, planned_crawls
from tests.support.db import Database
from tests.support.portal_listing import ListedCalls, ListPortal, list_portal


class _Planned(PlannedSource):
    def make(self) -> Source:
        return ListedCalls(self.options)


@pytest.fixture
async def portal() -> AsyncIterator[ListPortal]:
    async with list_portal(30) as running:
        yield running


@pytest.fixture
async def site(fresh: Database, portal: ListPortal) -> AsyncIterator[Collecting]:
    planned = _Planned("listed_calls", "listed_calls", {"base_url": portal.url}, "0 * * * *")
    async with planned_crawls(fresh, portal, planned) as running:
        running.now.append(NOW)
        yield running


def later(site: Collecting) -> None:
    site.now[0] = site.now[0].replace(hour=site.now[0].hour + 1)


async def closed(site: Collecting) -> set[str]:
    return {ref for ref, (status, _) in (await site.statuses()).items() if status == "closed"}


async def test_a_call_that_a_complete_list_no_longer_shows_is_closed(site: Collecting, portal: ListPortal) -> None:
    await site.crawl()
    del portal.calls[7], portal.calls[8]
    later(site)
    done = await site.crawl()
    assert done.closed == 2
    assert await closed(site) == {"7", "8"}
    (version,) = await site.fetch(
        "SELECT tender_version.status, changes::text AS said FROM tender_version JOIN tender ON tender.id = tender_id"
        " WHERE external_id = '7' AND tender_version.version = 2"
    )
    assert (version["status"], "published" in version["said"]) == ("closed", True)
    later(site)
    assert (await site.crawl()).closed == 0


async def test_one_that_is_listed_again_is_open_again(site: Collecting, portal: ListPortal) -> None:
    await site.crawl()
    title = portal.calls.pop(7)
    later(site)
    await site.crawl()
    portal.calls[7] = title
    later(site)
    await site.crawl()
    assert (await site.statuses())["7"] == ("published", 3)
    later(site)
    await site.crawl()
    assert (await site.statuses())["7"] == ("published", 3)
    told = await site.fetch(
        "SELECT type, payload -> 'changes' -> 'status' ->> 'new' AS status FROM event"
        " JOIN tender ON tender.id = tender_id WHERE external_id = '7' ORDER BY sequence"
    )
    assert [tuple(row) for row in told] == [
        ("tender.published", None), ("tender.updated", "closed"), ("tender.updated", "published"),
    ]  # fmt: skip


async def test_a_run_that_is_not_complete_closes_nothing(site: Collecting, portal: ListPortal) -> None:
    await site.crawl()
    del portal.calls[7]
    portal.moods.add("no_counter")
    later(site)
    done = await site.crawl()
    assert done.report is not None
    assert (done.report.outcome, done.report.reason) == ("partial", "changed")
    assert await closed(site) == set()


async def test_most_of_a_list_is_closed_only_when_two_complete_runs_say_so(
    site: Collecting, portal: ListPortal
) -> None:
    await site.crawl()
    calls = dict(portal.calls)
    portal.calls.clear()
    portal.calls[1] = calls[1]
    later(site)
    assert (await site.crawl()).closed == 0
    later(site)
    assert (await site.crawl()).closed == 29
    assert (await site.statuses())["1"] == ("published", 1)


async def test_what_has_not_changed_is_not_asked_for_again(site: Collecting, portal: ListPortal) -> None:
    await site.crawl()
    asked = portal.paths().count("/call/5")
    portal.calls[5] = "Appel 5, rectifié"
    later(site)
    done = await site.crawl()
    assert (done.counts.updated, done.tally.unchanged) == (1, 29)
    assert portal.paths().count("/call/5") == asked + 1
    assert portal.paths().count("/call/6") == 1
    assert (await site.statuses())["5"] == ("published", 2)


async def test_a_page_that_was_another_one_is_asked_for_again(site: Collecting, portal: ListPortal) -> None:
    portal.odd = {4}
    await site.crawl()
    assert "4" not in await site.statuses()
    (row,) = await site.fetch("SELECT code, ref FROM crawl_rejection")
    assert dict(row) == {"code": "page.changed", "ref": "4"}
    portal.odd.clear()
    later(site)
    await site.crawl()
    assert (await site.statuses())["4"] == ("published", 1)


async def test_killed_behind_any_batch_it_neither_loses_nor_closes_anything(
    site: Collecting, portal: ListPortal
) -> None:
    kills = 0
    while await site.killed_after(kills + 1):
        kills += 1
        assert await closed(site) == set()
    assert kills > 3
    assert len(await site.statuses()) == 30
    assert {version for _, version in (await site.statuses()).values()} == {1}
    details = [path for path in portal.paths() if path.startswith("/call/")]
    assert len(details) <= 30 + 20, "details that were stored are asked for again"


async def test_the_same_list_after_the_runs_of_a_day_is_all_there_is(site: Collecting) -> None:
    for _ in range(3):
        await site.crawl()
        later(site)
    (row,) = await site.fetch(
        "SELECT count(*) AS refs, count(vanished_at) AS gone, count(external_id) AS named FROM listed_notice"
    )
    assert dict(row) == {"refs": 30, "gone": 0, "named": 30}
