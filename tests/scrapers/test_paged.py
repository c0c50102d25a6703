"""Pages and totals: when a walk is over, and whether that was all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import orjson
import pytest

from scrapers.base import Read
from scrapers.client import Request
from scrapers.errors import SourceChanged
from scrapers.json_text import at
from scrapers.manners import Manners
from scrapers.normalise import parse_iso
from scrapers.paged import NextLink, Offset, Page, PagedApi, PageNumber, linked, query
from scrapers.payload import Bundle
from tests.support.crawling import Store, crawl
from tests.support.portal import Asked, Portal, Reply, hurried

NOW = dt.datetime(2026, 9, 8, tzinfo=dt.UTC)


class Notices(PagedApi):
    """An interface that announces its total, as those of Opendatasoft do."""

    name, title = "notices", "Notices"
    licence = attribution = "none"
    paging = Offset(most=100)
    page_size = 10

    @property
    def manners(self) -> Manners:
        return Manners(hosts=self.hosts(), interval_seconds=0)

    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:
        parameters = {"since": since.date().isoformat(), "until": until.date().isoformat()}
        return Request(url=query(self.base, "/records", **parameters, limit=self.page_size, offset=token or 0))

    def page(self, document: object) -> Page:
        total, results = at(document, ("total_count",)), at(document, ("results",))
        if not isinstance(total, int) or not isinstance(results, list):
            raise SourceChanged("no total")
        return Page(refs=tuple(str(one["id"]) for one in results), total=total)

    def read(self, bundle: Bundle):

        for payload in bundle:
            for one in orjson.loads(payload.body)["results"]:
                found: Read = {"id": one["id"], "title": f"Avis {one['id']}"}
                yield found


class Daily(Notices):
    window = dt.timedelta(days=1)


def serve(portal: Portal, counts: dict[str, int], *, lie: int = 0) -> None:
    """So many notices a day; ``lie`` is how many more are announced than there are."""

    def records(asked: Asked) -> Reply:
        first, last = (parse_iso(asked.query[name]) for name in ("since", "until"))
        days = [day for day in counts if str(first) <= day < str(last)]
        found = [{"id": f"{day}-{n}"} for day in days for n in range(counts[day])]
        start = int(asked.query["offset"])
        return Reply.json({"total_count": len(found) + lie, "results": found[start : start + 10]})

    portal.route("/records", records)


async def run(portal: Portal, source: PagedApi, store: Store, **more: object):
    client = portal.client("notices", timing=replace(hurried(), now=lambda: NOW))
    return await crawl(source, client, store, **more)


@pytest.mark.parametrize("kind", [Notices, Daily])
@pytest.mark.parametrize("counts", [{}, {"2026-09-01": 10}, {"2026-09-01": 25, "2026-09-05": 30, "2026-09-07": 9}])
async def test_totals_of_all_windows_agree(portal: Portal, kind: type[Notices], counts: dict[str, int]) -> None:
    serve(portal, counts)
    store = Store()
    report = await run(portal, kind({"base_url": portal.url}), store)
    assert (report.outcome, report.tally.expected, report.tally.seen) == (
        "complete",
        sum(counts.values()),
        len(store.ids),
    )
    assert report.empty == (not counts)


async def test_fewer_than_announced_is_partial_and_the_window_comes_again(portal: Portal) -> None:
    serve(portal, {"2026-09-01": 25}, lie=3)
    store = Store()
    report = await run(portal, Notices({"base_url": portal.url}), store)
    assert (report.outcome, report.reason) == ("partial", "short_count")
    assert (store.cursor.mark, store.cursor.run) == (None, None)


async def test_an_offset_that_the_interface_does_not_pass_is_not_complete(portal: Portal) -> None:
    serve(portal, {"2026-09-01": 200})
    report = await run(portal, Notices({"base_url": portal.url}), Store())
    assert (report.outcome, report.reason, report.tally.seen) == ("partial", "short_count", 100)


@pytest.mark.parametrize("kill_after", range(9))
async def test_killed_between_windows_the_totals_still_agree(portal: Portal, kill_after: int) -> None:
    serve(portal, {"2026-09-01": 25, "2026-09-03": 12})
    store = Store()
    await run(portal, Daily({"base_url": portal.url}), store, kill_after=kill_after)
    report = await run(portal, Daily({"base_url": portal.url}), store)
    assert (report.outcome, report.tally.expected, report.tally.seen) == ("complete", 37, 37)
    assert len(store.ids) == len(set(store.ids)) == 37


async def test_a_position_that_nobody_can_read_begins_the_window_anew(portal: Portal) -> None:
    serve(portal, {"2026-09-01": 25})
    store = Store()
    await run(portal, Notices({"base_url": portal.url}), store, kill_after=1)
    assert store.cursor.run is not None
    broken = store.cursor.run.model_copy(update={"position": {"since": "soon"}})
    store.cursor = store.cursor.model_copy(update={"run": broken})
    assert (await run(portal, Notices({"base_url": portal.url}), store)).reason == "changed"
    assert (await run(portal, Notices({"base_url": portal.url}), store)).outcome == "complete"


@pytest.mark.parametrize(
    ("paging", "document", "page", "token", "expected"),
    [
        (NextLink(), {"links": {"next": "u"}}, Page(items=3), None, "u"),
        (NextLink(), {"links": {"next": "u"}}, Page(), None, None),
        (NextLink(), {"links": {"next": ""}}, Page(items=3), None, None),
        (NextLink(), {}, Page(items=3), None, None),
        (PageNumber(), {}, Page(items=10), None, "2"),
        (PageNumber(first=0), {}, Page(items=10), "4", "5"),
        (PageNumber(), {}, Page(items=9), "2", None),
        (Offset(), {}, Page(items=10), None, "10"),
        (Offset(), {}, Page(items=9), "10", None),
        (Offset(), {}, Page(items=9, total=30), "10", "19"),
        (Offset(), {}, Page(items=10, total=20), "10", None),
        (Offset(), {}, Page(items=0, total=20), "10", None),
        (Offset(most=30), {}, Page(items=10, total=90), "10", "20"),
        (Offset(most=30), {}, Page(items=10, total=90), "20", None),
    ],
)
def test_the_next_page(paging, document: object, page: Page, token: str | None, expected: str | None) -> None:
    assert paging.after(document, page, token, 10) == expected


def test_a_next_link_that_is_no_text() -> None:
    with pytest.raises(SourceChanged):
        NextLink().after({"links": {"next": 5}}, Page(items=1), None, 10)


def test_an_address_with_its_parameters() -> None:
    assert query("https://x.example", "/a", q="b c&d", t="2026-09-01T00:00:00", none=None) == (
        "https://x.example/a?q=b%20c%26d&t=2026-09-01T00:00:00"
    )
    assert query("https://x.example", "/a") == "https://x.example/a"


def test_a_next_link_that_is_no_address() -> None:
    assert linked("https://example.org/api", "?page=2") == "https://example.org/api/?page=2"
    with pytest.raises(SourceChanged, match="no address"):
        linked("https://example.org", "http://[::1")
