"""Documents that are asked for only when they have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scrapers.base import Read, attempted
from scrapers.bulk import FeedSource
from scrapers.client import Request
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.manners import Manners
from scrapers.normalise import HOME_ZONE
from scrapers.payload import Bundle
from tests.support.crawling import Store, crawl
from tests.support.portal import Asked, Portal, Reply


class Lines(FeedSource):
    """A feed of the tests: a call a line."""

    name, title = "lines", "Lines"
    licence = attribution = "none"

    @property
    def manners(self) -> Manners:
        return Manners(hosts=self.hosts(), interval_seconds=0)

    def requests(self) -> Iterable[Request]:
        return [Request(url=f"{self.base}/{name}") for name in ("a", "b")]

    def read(self, bundle: Bundle) -> Iterator[Read]:
        (payload,) = bundle
        if not payload.body.startswith(b"calls"):
            raise SourceChanged("not the feed")
        yield from attempted(self._call, payload.body.decode().splitlines()[1:])

    def _call(self, line: str) -> dict[str, object]:
        if not line:
            raise RecordRejected("lines.empty", "nothing in it")
        return {"id": line, "title": line, **self.local_time("deadline", "30/09/2026 16:00", "end")}


def tagged(body: bytes, tag: str):
    def reply(asked: Asked) -> Reply:
        return Reply(304) if asked.headers.get("if-none-match") == tag else Reply(body=body, headers=(("ETag", tag),))

    return reply


async def test_what_has_not_changed_is_not_sent_again(portal: Portal) -> None:
    portal.route("/a", tagged(b"calls\none\n\ntwo", '"1"'))
    portal.route("/b", tagged(b"calls\nthree", '"1"'))
    store = Store()
    source = Lines({"base_url": portal.url})
    source.zone = None
    source.country = "MA"
    first = await crawl(source, portal.client("lines"), store)
    assert (first.outcome, first.tally.parsed, first.tally.rejected) == ("complete", 0, 4)  # no zone, no guess
    source.zone = HOME_ZONE
    store = Store()
    first = await crawl(source, portal.client("lines"), store)
    assert (first.outcome, first.tally.parsed, first.tally.rejected) == ("complete", 3, 1)
    portal.route("/b", tagged(b"calls\nthree\nfour", '"2"'))
    again = await crawl(source, portal.client("lines"), store)
    assert (again.outcome, again.tally.parsed, again.tally.unchanged) == ("complete", 2, 1)
    deadline = store.tenders[0]
    assert str(deadline.deadline) == "2026-09-30 16:00:00+01:00"
    assert (deadline.deadline_basis, (deadline.model_extra or {})["deadline_text"]) == ("zone", "30/09/2026 16:00")


async def test_killed_between_two_documents_the_first_is_not_lost(portal: Portal) -> None:
    """Its validators stand in the cursor of its own batch: killed before that is kept, it is sent again."""
    portal.route("/a", tagged(b"calls\none", '"1"'))
    portal.route("/b", tagged(b"calls\ntwo", '"1"'))
    for kill_after in range(3):
        store = Store()
        source = Lines({"base_url": portal.url})
        source.zone = HOME_ZONE
        await crawl(source, portal.client("lines"), store, kill_after=kill_after)
        report = await crawl(source, portal.client("lines"), store)
        assert report.outcome == "complete"
        assert sorted(store.ids) == ["one", "two"]


async def test_another_page_in_its_place_is_not_remembered(portal: Portal) -> None:
    portal.script("/a", Reply(body=b"<html>maintenance</html>"))
    store = Store()
    report = await crawl(Lines({"base_url": portal.url}), portal.client("lines"), store)
    assert (report.outcome, report.reason, store.cursor.known) == ("partial", "changed", {})
