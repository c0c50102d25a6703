"""Windows and marks: which stretch of time a run covers, and when it counts as brought in."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace

import pytest

from scrapers.base import Haul, Read, Run, Source
from scrapers.crawl import Order
from scrapers.cursor import Cursor
from scrapers.errors import SourceDisabled, SourceError, SourceUnavailable
from scrapers.manners import Manners
from scrapers.payload import Bundle, Payload
from tests.support.crawling import Store, crawl
from tests.support.portal import Portal, hurried

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


class Days(Source):
    """Gives one record per day of its window, and fails where it is told to."""

    name, title = "days", "Days"
    licence = attribution = "none"
    overlap = DAY
    first_days = 3

    def __init__(self, fails_at: int | None = None, error: SourceError | None = None) -> None:
        super().__init__(base_url="http://127.0.0.1")
        self.fails_at, self.error = fails_at, error or SourceUnavailable("busy", retry_after=60)

    @property
    def manners(self) -> Manners:
        return Manners(hosts=self.hosts())

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        done = int(str((run.position or {}).get("done", 0)))
        for number in range(done, (run.until - run.since).days):
            if number == self.fails_at:
                raise self.error
            body = (run.since + number * DAY).date().isoformat().encode()
            yield Haul(
                bundles=(Bundle((Payload(source="days", kind="page", body=body),)),), position={"done": number + 1}
            )

    def read(self, bundle: Bundle) -> Iterator[Read]:
        text = bundle.payloads[0].body.decode()
        yield {"id": text, "title": text}


async def run(source: Days, store: Store, now: dt.datetime = NOW, **order: object):
    portal = Portal()
    client = portal.client("days", timing=replace(hurried(), now=lambda: now))
    return await crawl(source, client, store, order=Order(**order))  # type: ignore[arg-type]


async def test_each_run_reaches_back_behind_the_last_by_the_overlap() -> None:
    store = Store()
    assert (await run(Days(), store)).outcome == "complete"
    assert store.ids == ["2026-11-19", "2026-11-20", "2026-11-21"]
    assert store.cursor.mark == NOW
    report = await run(Days(), store, NOW + DAY)
    assert (report.since, report.until, store.cursor.mark) == (NOW - DAY, NOW + DAY, NOW + DAY)


async def test_an_interrupted_run_goes_on_in_its_own_window() -> None:
    store = Store()
    report = await run(Days(fails_at=2), store)
    assert (report.outcome, report.reason, report.retry_after) == ("partial", "unavailable", 60)
    report = await run(Days(), store, NOW + 5 * DAY)
    assert (report.outcome, report.until, report.tally.parsed) == ("complete", NOW, 3)
    assert store.ids == ["2026-11-19", "2026-11-20", "2026-11-21"]
    assert store.cursor.mark == NOW


async def test_a_window_beyond_the_mark_leaves_the_mark_where_it_was() -> None:
    store = Store(cursor=Cursor(mark=NOW - 10 * DAY))
    assert (await run(Days(), store, since=NOW - 2 * DAY)).outcome == "complete"
    assert store.cursor.mark == NOW - 10 * DAY
    assert (await run(Days(), store, since=NOW - 20 * DAY, until=NOW - 15 * DAY)).outcome == "complete"
    assert store.cursor.mark == NOW - 10 * DAY
    assert (await run(Days(), store, since=NOW - 11 * DAY)).outcome == "complete"
    assert store.cursor.mark == NOW


async def test_a_later_window_does_not_leave_out_what_the_first_run_missed() -> None:
    store = Store()
    await run(Days(fails_at=1), store)
    report = await run(Days(), store, since=NOW - DAY)
    assert report.since == NOW - 3 * DAY
    assert set(store.ids) == {"2026-11-19", "2026-11-20", "2026-11-21"}


async def test_a_sample_changes_nothing() -> None:
    store = Store()
    await run(Days(fails_at=1), store)
    before = store.cursor
    report = await run(Days(), store, sample=1)
    assert (report.reason, store.cursor) == ("sample", before)


async def test_a_source_that_is_not_enabled_is_told_by_an_error() -> None:
    client = Portal().client("another")
    with pytest.raises(SourceDisabled):
        await crawl(Days(), client, Store())


async def test_a_fault_of_the_parser_is_not_hidden_and_moves_nothing() -> None:
    class Broken(Days):
        def read(self, bundle: Bundle) -> Iterator[Read]:
            raise ZeroDivisionError

    store = Store()
    with pytest.raises(ZeroDivisionError):
        await run(Broken(), store)
    assert store.cursor == Cursor()
