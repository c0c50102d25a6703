"""TED against a portal with its habits: tokens without an end, pages cut by time, notices that are not there."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from scrapers.errors import SourceChanged, SourceMisconfigured
from scrapers.payload import Bundle, Payload
from scrapers.sources.ted import Ted
from tests.support.crawling import Store, crawl, parsed
from tests.support.portal import CONTACT, Hurry, Reply, hurried
from tests.support.portal_ted import Published, TedPortal, published
from tests.support.processes import ROOT
from tests.support.ted_notices import eforms

NOW = dt.datetime(2026, 11, 6, 15, 30, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
async def ted() -> AsyncIterator[TedPortal]:
    async with TedPortal() as running:
        yield running


def source(portal: TedPortal, days: int = 2) -> Ted:
    found = Ted({"base_url": portal.url})
    found.first_days = days
    found.page_size = 10
    return found


def client(portal: TedPortal, hurry: Hurry | None = None, **more: float):
    return portal.client("ted", timing=replace(hurried(hurry), now=lambda: NOW), **more)


class TestList:
    async def test_three_days_are_listed_to_their_totals(self, ted: TedPortal) -> None:
        ted.notices = [*published(23, TODAY - 2 * DAY), *published(20, TODAY - DAY, first=100),
                       *published(5, TODAY, first=200)]  # fmt: skip
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, report.reason) == ("complete", None)
        assert (report.tally.expected, report.tally.seen, report.tally.parsed) == (48, 48, 48)
        assert len(set(store.ids)) == 48
        assert store.cursor.mark == NOW
        # Three pages, two (the total is reached, though a token leads on), one.
        assert len(ted.searches) == 6
        assert store.refs == {one.number for one in ted.notices}

    async def test_every_day_is_asked_for_once_as_the_interface_wants_dates(self, ted: TedPortal) -> None:
        await crawl(source(ted), client(ted), Store())
        windows = [asked["query"].partition(" AND PD")[2].partition(" SORT")[0] for asked in ted.searches]
        assert windows == [" = (20261104 <> 20261104)", " = (20261105 <> 20261105)", " = (20261106 <> 20261106)"]
        assert "place-of-performance IN (AGO" in ted.searches[0]["query"]
        assert ted.searches[0]["paginationMode"] == "ITERATION"

    async def test_nothing_found_is_empty_and_complete(self, ted: TedPortal) -> None:
        report = await crawl(source(ted), client(ted), Store())
        assert report.outcome == "complete"
        assert report.summary()["empty"] is True

    async def test_fewer_than_the_total_and_then_an_empty_page_is_no_complete_run(self, ted: TedPortal) -> None:
        ted.notices = published(8, TODAY)
        ted.loses_one = True
        report = await crawl(source(ted), client(ted), Store())
        assert (report.outcome, report.reason) == ("partial", "short_count")

    async def test_a_page_cut_by_time_is_no_page(self, ted: TedPortal) -> None:
        ted.notices = published(8, TODAY)
        ted.timed_out = 1
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, report.reason) == ("partial", "unavailable")
        assert store.records == []
        assert (await crawl(source(ted), client(ted), store)).outcome == "complete"
        assert len(store.ids) == 8

    async def test_an_expired_token_lists_anew_and_loses_nothing(self, ted: TedPortal) -> None:
        ted.notices = published(25, TODAY)
        ted.expired = True
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, report.reason) == ("partial", "unavailable")
        ted.expired = False
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, report.tally.seen) == ("complete", 25)
        assert sorted(store.ids) == sorted({*store.ids})

    async def test_too_many_requests_wait_as_long_as_they_are_told(self, ted: TedPortal) -> None:
        ted.notices = published(2, TODAY)
        ted.replies["1-2026"] = [Reply(429, b"", (("Retry-After", "50"),))]
        hurry = Hurry()
        assert (await crawl(source(ted), client(ted, hurry), Store())).outcome == "complete"
        assert max(hurry.slept) >= 45

    async def test_a_long_wait_is_handed_to_the_schedule(self, ted: TedPortal) -> None:
        ted.notices = published(2, TODAY)
        ted.replies["2-2026"] = [Reply(429, b"", (("Retry-After", "900"),))]
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, report.reason, report.retry_after) == ("partial", "unavailable", 900.0)
        assert len(store.ids) == 1, "what was fetched before is kept"
        assert (await crawl(source(ted), client(ted), store)).outcome == "complete"
        assert ted.fetched().count("1-2026") == 1

    async def test_a_refused_request_names_the_reason(self, ted: TedPortal) -> None:
        wrong = source(ted)
        wrong.page_size = 300
        report = await crawl(wrong, client(ted), Store())
        assert (report.outcome, report.reason) == ("partial", "changed")
        ted.script("/v3/notices/search", Reply(403))
        assert (await crawl(source(ted), client(ted), Store())).outcome == "refused"

    @pytest.mark.parametrize(
        "answer",
        [
            {"message": "no"},
            {"notices": [{}], "totalNoticeCount": 1, "timedOut": False},
            {"notices": [], "timedOut": False},
            {"notices": [], "totalNoticeCount": "7", "timedOut": False},
            {"notices": [{"publication-number": "1-2026"}], "totalNoticeCount": 0, "timedOut": False},
            {"notices": [{"publication-number": "1-2026"}], "totalNoticeCount": 9, "timedOut": False},
            {"notices": [{"publication-number": "../1"}], "totalNoticeCount": 1, "timedOut": False},
            {"notices": [{"publication-number": "1-2026"}], "totalNoticeCount": {}, "timedOut": False},
            [],
        ],
    )
    async def test_another_answer_is_a_changed_source(self, ted: TedPortal, answer: object) -> None:
        ted.script("/v3/notices/search", Reply.json(answer))
        report = await crawl(source(ted), client(ted), Store())
        assert (report.outcome, report.reason) == ("partial", "changed")


class TestNotices:
    async def test_versions_of_a_call_are_read_in_the_order_of_their_numbers(self, ted: TedPortal) -> None:
        call = eforms(number="")
        ted.notices = [Published(number, TODAY, call) for number in ("1000-2026", "999-2026", "20-2026")]
        store = Store()
        await crawl(source(ted), client(ted), store)
        assert [bundle.ref for bundle in store.bundles] == ["20-2026", "999-2026", "1000-2026"]

    async def test_a_notice_is_fetched_once(self, ted: TedPortal) -> None:
        ted.notices = published(12, TODAY)
        store = Store()
        await crawl(source(ted), client(ted), store)
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, report.tally.unchanged, report.tally.parsed) == ("complete", 12, 0)
        assert len(ted.fetched()) == 12

    @pytest.mark.parametrize("kept", range(6))
    async def test_a_kill_after_any_batch_loses_and_doubles_nothing(self, ted: TedPortal, kept: int) -> None:
        ted.notices = [*published(25, TODAY - DAY), *published(24, TODAY, first=50)]
        store = Store()
        await crawl(source(ted), client(ted), store, kill_after=kept)
        report = await crawl(source(ted), client(ted), store)
        assert report.outcome == "complete"
        assert sorted(store.ids) == sorted(f"00000000-0000-4000-8000-{n:012d}" for n in [*range(1, 26), *range(50, 74)])
        assert parsed(source(ted), store.bundles) == store.records

    async def test_a_notice_without_its_xml_is_told_and_asked_for_again(self, ted: TedPortal) -> None:
        ted.notices = published(3, TODAY)
        ted.replies["2-2026"] = [Reply(404)]
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert report.outcome == "complete"
        assert [(one.code, one.ref) for one in store.rejections] == [("ted.no_xml", "2-2026")]
        await crawl(source(ted), client(ted), store)
        assert len(store.ids) == 3

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(500),
            Reply(200, b"\x1f\x8bnot packed", (("Content-Encoding", "gzip"),)),
            Reply(200, eforms(), cut=300),
            Reply(200, eforms(), cut=300, chunked=True),
        ],
        ids=["fault", "broken_gzip", "cut", "cut_chunks"],
    )
    async def test_one_that_cannot_be_read_makes_the_run_partial(self, ted: TedPortal, reply: Reply) -> None:
        ted.notices = published(3, TODAY)
        ted.replies["2-2026"] = [reply] * 3
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, report.reason, len(store.ids)) == ("partial", "no_end", 2)
        assert (await crawl(source(ted), client(ted), store)).outcome == "complete"
        assert len(set(store.ids)) == len(store.ids) == 3

    async def test_a_site_that_is_down_ends_the_run(self, ted: TedPortal) -> None:
        ted.notices = published(9, TODAY)
        ted.replies = {one.number: [Reply(503)] * 3 for one in ted.notices}
        report = await crawl(source(ted), client(ted), Store())
        assert (report.outcome, report.reason) == ("partial", "unavailable")
        assert len(ted.fetched()) == 9, "three notices, three times each"

    async def test_a_slow_body_with_half_a_notice_is_a_rejection(self, ted: TedPortal) -> None:
        ted.notices = published(1, TODAY)
        ted.replies["1-2026"] = [Reply(200, eforms()[:120], pause=0.001)]
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert [one.code for one in store.rejections] == ["page.changed"]
        assert report.outcome == "complete"

    async def test_what_is_no_notice_is_rejected_and_the_others_are_kept(self, ted: TedPortal) -> None:
        ted.notices = [*published(3, TODAY), Published("9-2026", TODAY, b"<html>Maintenance</html>")]
        store = Store()
        report = await crawl(source(ted), client(ted), store)
        assert (report.outcome, len(store.ids)) == ("complete", 3)
        assert [(one.code, one.ref) for one in store.rejections] == [("page.changed", "9-2026")]

    async def test_the_listing_tells_what_the_xml_does_not(self, ted: TedPortal) -> None:
        ted.notices = [Published("7-2026", TODAY, eforms(number=""))]
        store = Store()
        await crawl(source(ted), client(ted), store)
        assert store.tenders[0].published == TODAY
        assert store.tenders[0].url == "https://ted.europa.eu/en/notice/-/detail/7-2026"
        assert "jeanne" not in store.tenders[0].model_dump_json().casefold()


_RUN = """
import sys
from scrapers import details
from scrapers.__main__ import main
from scrapers.manners import Manners
from scrapers.net import AddressGuard
from scrapers.sources.ted import Ted
details._PER_HAUL = 3
Ted.manners = property(lambda self: Manners(hosts=self.hosts(), interval_seconds=0.02))
sys.exit(main(sys.argv[2:], AddressGuard(exceptions=frozenset({("127.0.0.1", int(sys.argv[1]))}))))
"""


class TestKilled:
    @pytest.mark.parametrize("after", [5])
    async def test_kill_9_in_the_middle_and_every_notice_is_there_once(
        self, ted: TedPortal, tmp_path: Path, after: int
    ) -> None:
        ted.notices = published(14, TODAY)
        out = tmp_path / "out.jsonl"
        command = ["run", "ted", "--contact", CONTACT, "--out", str(out), "--state", str(tmp_path / "state"),
                   "--since", str(TODAY), "--until", str(TODAY + DAY), "--set", f"base_url={ted.url}"]  # fmt: skip

        async def started() -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-c", _RUN, str(ted.port), *command, cwd=ROOT,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip

        process = await started()
        while len(ted.fetched()) < after:
            assert process.returncode is None
            await asyncio.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        process = await started()
        _, told = await process.communicate()
        assert process.returncode == 0, told
        ids = [json.loads(line)["id"] for line in out.read_text().splitlines()]
        assert sorted(ids) == [f"00000000-0000-4000-8000-{number:012d}" for number in range(1, 15)]
        assert len(ted.fetched()) <= 14 + 4, "only what was not stored is asked for again"


class TestDeclaration:
    @pytest.mark.parametrize("query", ["PD >= 20260101", "publication-date = 2026", "FT ~ x SORT BY y"])
    def test_the_window_is_the_runs(self, query: str) -> None:
        with pytest.raises(SourceMisconfigured):
            Ted({"query": query})

    def test_a_query_of_ones_own_and_none_at_all(self) -> None:
        asked = json.loads(Ted({"query": "classification-cpv = 72*"}).request(NOW, NOW + DAY, None).content)
        assert asked["query"].startswith("(classification-cpv = 72*) AND PD = (20261106 <> 20261107)")
        assert json.loads(Ted({"query": ""}).request(NOW, NOW, None).content)["query"] == "PD = (20261106 <> 20261106)"

    def test_a_saved_answer_of_the_search_is_read_by_its_rows(self) -> None:
        row = Published("5-2026", TODAY, b"").row() | {
            "estimated-value-proc": "1200",
            "estimated-value-cur-proc": "EUR",
        }
        strange = row | {"publication-number": "6-2026", "notice-type": "letter"}
        body = json.dumps({"notices": [row, strange], "totalNoticeCount": 2, "timedOut": False}).encode()
        ted = Ted()
        bundle = Bundle((Payload(source="ted", kind=ted.kind_of(body), body=body),))
        call, refused = ted.parse(bundle)
        assert (call.id, call.country, str(call.value.amount)) == ("5-2026", "MA", "1200")  # type: ignore[union-attr]
        assert call.model_extra["delta"] is True  # type: ignore[union-attr,index]
        assert refused.code == "ted.unknown_type"  # type: ignore[union-attr]

    @pytest.mark.parametrize("body", [b"", b"{}", b"%PDF", b"<a/>", b'{"message": "no"}', b"\xff\xfe"])
    def test_what_the_source_does_not_send(self, body: bytes) -> None:
        ted = Ted()
        with pytest.raises(SourceChanged):
            list(ted.parse(Bundle((Payload(source="ted", kind=ted.kind_of(body), body=body),))))
