"""BOAMP and DECP against their interface with its habits: offsets that end, quotas, rows that come while one reads."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from scrapers.crawl import Order
from scrapers.cursor import Cursor
from scrapers.errors import SourceChanged, SourceMisconfigured
from scrapers.ods import OffsetOrExport
from scrapers.sources.boamp import Boamp
from scrapers.sources.decp import Decp
from tests.support.crawling import Store, crawl, parsed
from tests.support.portal import Hurry, Reply, hurried
from tests.support.portal_boamp import OdsPortal, call, contract

NOW = dt.datetime(2026, 9, 3, 14, 30, tzinfo=dt.UTC)


def timing(hurry: Hurry | None = None, now: dt.datetime = NOW):
    return replace(hurried(hurry), now=lambda: now)


@pytest.fixture
async def portal() -> AsyncIterator[OdsPortal]:
    async with OdsPortal() as running:
        yield running


def boamp(portal: OdsPortal, days: int = 3) -> Boamp:
    found = Boamp({"base_url": portal.url})
    found.first_days = days  # type: ignore[misc]
    return found


def notices(*counts: int) -> list[dict]:
    """So many calls on each day from the first of September on, numbered through."""
    rows: list[dict] = []
    for day, count in enumerate(counts, start=1):
        rows += [call(1_000 + len(rows) + n, f"2026-09-{day:02d}") for n in range(count)]
    return rows


async def run(portal: OdsPortal, store: Store, source: Boamp | Decp | None = None, **more):
    now = more.pop("now", NOW)
    client = portal.client("boamp", "decp", timing=timing(now=now), patience=200)
    return await crawl(source or boamp(portal), client, store, **more)


class TestDays:
    async def test_every_day_is_asked_for_once_the_present_one_too(self, portal: OdsPortal) -> None:
        portal.rows = notices(250, 0, 30)
        store = Store()
        report = await run(portal, store)
        assert (report.outcome, report.tally.expected, report.tally.seen) == ("complete", 280, 280)
        assert sorted(store.ids) == sorted(row["idweb"] for row in portal.rows)
        assert sorted(set(portal.days)) == [
            (f"2026-{first}", f"2026-{behind}")
            for first, behind in (("08-31", "09-01"), ("09-01", "09-02"), ("09-02", "09-03"), ("09-03", "09-04"))
        ]
        assert store.cursor.mark == NOW

    async def test_the_next_run_finds_what_was_published_late(self, portal: OdsPortal) -> None:
        portal.rows = notices(3, 3, 3)
        store = Store()
        await run(portal, store)
        portal.rows += [call(5_000, "2026-09-02"), call(5_001, "2026-09-03"), call(5_002, "2026-09-04")]
        report = await run(portal, store, now=NOW + dt.timedelta(hours=20))
        assert report.outcome == "complete"
        assert {"26-5000", "26-5001", "26-5002"} <= set(store.ids)

    async def test_a_named_day_is_that_day(self, portal: OdsPortal) -> None:
        portal.rows = notices(3, 3, 3)
        store = Store()
        order = Order(since=dt.datetime(2026, 9, 2, tzinfo=dt.UTC), until=dt.datetime(2026, 9, 3, tzinfo=dt.UTC))
        await run(portal, store, order=order)
        assert portal.days == [("2026-09-02", "2026-09-03")]
        assert len(store.ids) == 3

    async def test_an_empty_day_is_healthy(self, portal: OdsPortal) -> None:
        report = await run(portal, Store())
        assert report.empty
        assert report.outcome == "complete"

    @pytest.mark.parametrize(("rows", "furthest"), [(300, 200), (301, 0)])
    async def test_of_a_day_beyond_the_last_offset_the_export_is_asked_for(
        self, portal: OdsPortal, rows: int, furthest: int
    ) -> None:
        portal.rows, portal.most = notices(rows), 300
        source, store = boamp(portal), Store()
        source.paging = OffsetOrExport(most=300)
        report = await run(portal, store, source)
        assert (report.outcome, report.tally.expected, report.tally.seen) == ("complete", rows, rows)
        assert len(set(store.ids)) == rows
        assert max(portal.offsets) == furthest
        assert sum("exports" in path for path in portal.paths()) == (rows > 300)

    def test_the_bound_is_that_of_the_interface(self) -> None:
        assert Boamp().paging == Decp().paging == OffsetOrExport(most=10_000)


class TestWhatMoves:
    async def test_a_row_that_comes_between_two_pages_loses_none(self, portal: OdsPortal) -> None:
        portal.rows, portal.between = notices(250), [call(1, "2026-09-01")]
        store = Store()
        report = await run(portal, store)
        assert report.outcome == "complete"
        assert set(store.ids) >= {row["idweb"] for row in notices(250)}

    async def test_a_row_that_goes_between_two_pages_is_noticed(self, portal: OdsPortal) -> None:
        portal.rows, portal.gone = notices(250), {"26-1000"}
        store = Store()
        report = await run(portal, store)
        assert (report.outcome, report.reason) == ("partial", "short_count")
        assert (await run(portal, store)).outcome == "complete"
        assert set(store.ids) >= {row["idweb"] for row in portal.rows}

    async def test_more_announced_than_listed_is_partial(self, portal: OdsPortal) -> None:
        portal.rows, portal.lie = notices(30), 2
        store = Store()
        report = await run(portal, store)
        assert (report.outcome, report.reason) == ("partial", "short_count")
        assert store.cursor.mark is None


class TestBadDays:
    async def test_a_spent_quota_ends_the_run_and_the_next_goes_on(self, portal: OdsPortal) -> None:
        portal.rows, portal.quota = notices(250, 250), 4
        store = Store()
        first = await run(portal, store)
        assert (first.outcome, first.reason, first.retry_after) == ("partial", "unavailable", 3_600.0)
        portal.quota = None
        second = await run(portal, store, now=NOW + dt.timedelta(hours=2))
        assert second.outcome == "complete"
        assert sorted(store.ids) == sorted(row["idweb"] for row in portal.rows)
        assert second.until == NOW

    async def test_a_broken_page_is_asked_for_again(self, portal: OdsPortal) -> None:
        portal.rows = notices(30)
        packed = gzip.compress(json.dumps({"total_count": 0, "results": []}).encode())
        broken = Reply(200, packed[: len(packed) // 2], (("Content-Encoding", "gzip"),))
        portal.odd = [broken, Reply(200, b'{"total_count": 0, "results": []}', cut=9)]
        store = Store()
        report = await run(portal, store)
        assert report.outcome == "complete"
        assert len(store.ids) == 30

    async def test_a_slow_page_is_a_page(self, portal: OdsPortal) -> None:
        portal.odd = [Reply(200, b'{"total_count": 0, "results": []}', pause=0.001, chunked=True)]
        assert (await run(portal, Store())).outcome == "complete"

    @pytest.mark.parametrize(
        "body",
        [
            b'{"results": []}',
            b'{"total_count": "1", "results": []}',
            b'{"total_count": true, "results": []}',
            b'{"total_count": 1}',
            b'{"total_count": 1, "results": [1]}',
            b'{"error_code": "ODSQLError"}',
            b"<html>maintenance</html>",
            b"[",
            b"",
        ],
    )
    async def test_what_is_no_page_is_a_change_not_an_empty_day(self, portal: OdsPortal, body: bytes) -> None:
        portal.odd = [Reply(200, body)]
        report = await run(portal, Store())
        assert (report.outcome, report.reason) == ("partial", "changed")

    async def test_a_400_is_a_change_and_a_403_the_end(self, portal: OdsPortal) -> None:
        portal.odd = [Reply.json({"error_code": "ODSQLError"}, status=400)]
        assert (await run(portal, Store())).outcome == "partial"
        portal.odd = [Reply(403)]
        store = Store()
        assert (await run(portal, store)).outcome == "refused"
        asked = len(portal.paths())
        assert (await run(portal, store)).outcome == "refused"
        assert len(portal.paths()) == asked


class TestKilled:
    @pytest.mark.parametrize("kill_after", range(1, 8))
    async def test_killed_anywhere_nothing_is_lost_and_nothing_doubled(
        self, portal: OdsPortal, kill_after: int
    ) -> None:
        portal.rows = notices(250, 120)
        store = Store()
        await run(portal, store, kill_after=kill_after)
        report = await run(portal, store, now=NOW + dt.timedelta(hours=1))
        assert (report.outcome, report.tally.expected, report.tally.seen) == ("complete", 370, 370)
        assert sorted(store.ids) == sorted(row["idweb"] for row in portal.rows)
        assert parsed(boamp(portal), store.bundles) == [*store.records, *store.rejections]

    async def test_one_bad_notice_stops_no_other(self, portal: OdsPortal) -> None:
        portal.rows = [*notices(3), {"dateparution": "2026-09-01", "objet": "Sans numéro"}]
        store = Store(cursor=Cursor())
        report = await run(portal, store)
        assert report.outcome == "complete"
        assert len(store.ids) == 3
        assert [one.code for one in store.rejections] == ["boamp.no_id"]


class TestAwards:
    @pytest.fixture
    async def awarded(self) -> AsyncIterator[OdsPortal]:
        async with OdsPortal(dataset="decp-2022-marches-valides", day="datepublicationdonnees", key="id") as running:
            yield running

    def source(self, portal: OdsPortal, **settings: str) -> Decp:
        found = Decp({"base_url": portal.url, **settings})
        found.first_days = 3  # type: ignore[misc]
        return found

    @pytest.mark.parametrize("kill_after", [None, 1, 3])
    async def test_days_of_contracts(self, awarded: OdsPortal, kill_after: int | None) -> None:
        awarded.rows = [contract(n, f"2026-09-0{1 + n % 3}") for n in range(340)]
        store = Store()
        if kill_after:
            await run(awarded, store, self.source(awarded), kill_after=kill_after)
        report = await run(awarded, store, self.source(awarded))
        assert (report.outcome, report.tally.seen) == ("complete", 340)
        assert sorted(one.id for one in store.records) == sorted(f"21030310100018/2026M{n:05d}" for n in range(340))

    async def test_a_day_on_which_a_platform_publishes_its_year(self, awarded: OdsPortal) -> None:
        awarded.rows, awarded.most = [contract(n) for n in range(250)], 200
        source, store = self.source(awarded), Store()
        source.paging = OffsetOrExport(most=200)
        report = await run(awarded, store, source)
        assert report.outcome == "complete"
        assert len({one.id for one in store.records}) == 250

    async def test_a_consolidated_file_is_read_once_until_it_changes(self, awarded: OdsPortal) -> None:
        body = "\n".join(json.dumps(contract(n)) for n in range(1_200)).encode()
        awarded.route("/decp.json.gz", lambda _: Reply(200, gzip.compress(body, mtime=0), (("ETag", '"1"'),)))
        source = self.source(awarded, url=f"{awarded.url}/decp.json.gz")
        store = Store()
        await run(awarded, store, source, kill_after=1)
        report = await run(awarded, store, source)
        assert report.outcome == "complete"
        assert sorted(one.id for one in store.records) == sorted(f"21030310100018/2026M{n:05d}" for n in range(1_200))
        assert (await run(awarded, store, source)).tally.unchanged == 1

    def test_settings_that_are_none(self) -> None:
        with pytest.raises(SourceMisconfigured):
            Decp({"dataset": "../users"})

    async def test_rows_of_another_dataset_are_a_change(self, awarded: OdsPortal) -> None:
        awarded.rows = [{"datepublicationdonnees": "2026-09-01", "id": "1", "nom": "x"}]
        report = await run(awarded, Store(), self.source(awarded))
        assert report.reason == SourceChanged.code
