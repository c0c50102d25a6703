"""Find a Tender and Contracts Finder against a portal with their habits, good and bad."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from scrapers.cursor import Cursor
from scrapers.manners import Manners
from scrapers.payload import Bundle, Payload
from scrapers.records import AwardRecord
from scrapers.sources.uk_contracts_finder import ContractsFinder
from scrapers.sources.uk_find_a_tender import FindATender
from tests.support.crawling import Store, crawl, parsed
from tests.support.portal import Hurry, Reply, hurried
from tests.support.portal_ocds import OcdsPortal, release

NOW = dt.datetime(2026, 9, 3, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def timing(hurry: Hurry | None = None, now: dt.datetime = NOW):
    return replace(hurried(hurry), now=lambda: now)


@pytest.fixture
async def fts() -> AsyncIterator[OcdsPortal]:
    async with OcdsPortal() as running:
        yield running


def calls(count: int, start: dt.datetime = NOW - 2 * DAY, every: dt.timedelta = dt.timedelta(minutes=7)) -> list[dict]:
    return [release(number, start + number * every) for number in range(1, count + 1)]


def source(portal: OcdsPortal) -> FindATender:
    found = FindATender({"base_url": portal.url})
    found.first_days = 2
    return found


class TestFindATender:
    async def test_two_days_are_complete_in_windows_of_six_hours(self, fts: OcdsPortal) -> None:
        fts.releases = calls(400)
        store = Store()
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        assert (report.outcome, report.reason) == ("complete", None)
        assert sorted(set(store.ids)) == sorted(one["ocid"] for one in fts.releases)
        assert report.tally.seen == 400
        assert store.cursor.mark == NOW
        assert store.cursor.run is None

    async def test_pages_follow_their_links(self, fts: OcdsPortal) -> None:
        fts.releases = calls(350, every=dt.timedelta(minutes=1))
        store = Store()
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        assert report.outcome == "complete"
        assert len(set(store.ids)) == 350

    async def test_a_full_page_without_its_link_is_asked_for_in_halves(self, fts: OcdsPortal) -> None:
        fts.releases = calls(250, every=dt.timedelta(minutes=1))
        fts.lost_links = 1
        store = Store()
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        assert report.outcome == "complete"
        assert len(set(store.ids)) == 250

    async def test_where_links_stay_lost_the_run_says_that_it_is_not_complete(self, fts: OcdsPortal) -> None:
        fts.releases = calls(150, every=dt.timedelta(seconds=1))
        fts.lost_links = 1_000
        store = Store()
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        assert (report.outcome, report.reason) == ("partial", "no_end")
        assert store.cursor.mark is None

    async def test_an_empty_window_is_healthy(self, fts: OcdsPortal) -> None:
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), Store())
        assert report.empty
        assert report.outcome == "complete"

    async def test_the_limit_of_the_interface_is_kept_and_a_429_waited_for(self, fts: OcdsPortal) -> None:
        fts.releases, fts.limit = calls(100), 5
        hurry, store = Hurry(), Store()
        client = fts.client("uk_find_a_tender", timing=timing(hurry), patience=200)
        report = await crawl(source(fts), client, store)
        assert report.outcome == "complete"
        assert len(set(store.ids)) == 100
        assert hurry.at - 1_000 >= 10 * (report.tally.requests - 1)

    async def test_a_429_that_takes_too_long_ends_the_run_and_the_next_goes_on(self, fts: OcdsPortal) -> None:
        fts.releases, fts.limit = calls(400), 4
        store = Store()
        first = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        assert (first.outcome, first.reason, first.retry_after) == ("partial", "unavailable", 120.0)
        fts.limit = None
        later = NOW + dt.timedelta(hours=1)
        second = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing(now=later)), store)
        assert second.outcome == "complete"
        assert sorted(set(store.ids)) == sorted(one["ocid"] for one in fts.releases)
        assert second.until == NOW  # the window of the interrupted run, to its end
        assert store.cursor.mark == NOW

    async def test_an_update_alone_brings_the_whole_record(self, fts: OcdsPortal) -> None:
        deadline = {"tenderPeriod": {"endDate": "2026-10-08T12:00:00+01:00"}}
        fts.releases = [
            release(1, NOW - 90 * DAY, title="Data platform", tenderPeriod={"endDate": "2026-10-01T12:00:00+01:00"}),
            release(2, NOW - 1.1 * DAY, tag="tenderUpdate", ocid="ocds-h6vhtk-000001", **deadline),
        ]
        store = Store()
        await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        (tender,) = store.tenders
        assert tender.title == "Data platform"
        assert str(tender.deadline) == "2026-10-08 12:00:00+01:00"
        assert tender.published is not None
        assert tender.published.date() == (NOW - 90 * DAY).date()
        assert "delta" not in (tender.model_extra or {})
        assert parsed(source(fts), store.bundles) == list(store.records)

    async def test_an_update_whose_record_is_missing_says_that_it_is_only_one(self, fts: OcdsPortal) -> None:
        fts.releases = [
            release(2, NOW - 1.1 * DAY, tag="tenderUpdate", ocid="ocds-h6vhtk-000001", title="Data platform")
        ]
        fts.record_path = "/nowhere/"
        store = Store()
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        (tender,) = store.tenders
        assert (tender.model_extra or {})["delta"] is True
        assert report.outcome == "complete"

    @pytest.mark.parametrize("reply", [Reply(500), Reply.html("<html>"), Reply(410)])
    async def test_a_record_that_cannot_be_had_does_not_hold_up_the_others(self, fts: OcdsPortal, reply: Reply) -> None:
        fts.releases = [
            release(2, NOW - 1.1 * DAY, tag="tenderUpdate", ocid="ocds-h6vhtk-000001", title="Data platform"),
            *calls(3, start=NOW - 1.1 * DAY),
        ]
        fts.releases[1]["ocid"] = "ocds-h6vhtk-00000f"
        fts.script("/api/1.0/ocdsRecordPackages/ocds-h6vhtk-000001", reply)
        store = Store()
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        assert report.outcome == "complete"
        assert len(set(store.ids)) == 4

    async def test_contact_persons_stay_outside(self, fts: OcdsPortal) -> None:
        fts.releases = [release(1, NOW - 1.1 * DAY, description="Ask jane.roe@borough.example, tel. 020 7946 0000.")]
        store = Store()
        await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        text = store.tenders[0].model_dump_json()
        assert "jane" not in text.casefold()
        assert "7946" not in text

    async def test_awards_name_who_won(self, fts: OcdsPortal) -> None:
        award = release(1, NOW - 1.1 * DAY, tag="tender")
        award["tag"] = ["tender", "award"]
        award["awards"] = [
            {"id": "1", "status": "active", "value": {"amount": 1000, "currency": "GBP"}, "date": "2026-09-01T00:00:00Z",
             "suppliers": [{"id": "GB-COH-1", "name": "One Ltd"}, {"id": "GB-COH-2", "name": "Two Ltd"}]},
            {"id": "2", "status": "pending"},
            {"id": "3", "status": "unsuccessful"},
        ]  # fmt: skip
        fts.releases = [award]
        store = Store()
        await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        won, lost = (record for record in store.records if isinstance(record, AwardRecord))
        assert [winner.name for winner in won.winners] == ["One Ltd", "Two Ltd"]
        assert won.value is not None
        assert (won.value.amount, won.outcome, lost.outcome) == (1000, "awarded", "unsuccessful")

    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (Reply.html("<html>We are improving our service</html>"), "changed"),
            (Reply.json({"message": "ok"}), "changed"),
            (Reply.json({"releases": {"0": {}}}), "changed"),
            (Reply(400, b"bad"), "changed"),
            (Reply(500, b"oops"), "unavailable"),
            (Reply(302, headers=(("Location", "http://169.254.169.254/"),)), "address"),
        ],
    )
    async def test_what_is_not_a_package_is_never_an_empty_one(
        self, fts: OcdsPortal, reply: Reply, reason: str
    ) -> None:
        fts.script("*", reply)
        store = Store()
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        assert (report.outcome, report.reason, report.empty) == ("partial", reason, False)
        assert store.cursor.mark is None

    async def test_a_next_link_to_another_host_is_not_followed(self, fts: OcdsPortal) -> None:
        page = {"releases": calls(1), "links": {"next": "https://elsewhere.example/next"}}
        fts.script("*", Reply.json(page))
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), Store())
        assert (report.outcome, report.reason) == ("partial", "address")

    async def test_paging_in_circles_ends(self, fts: OcdsPortal) -> None:
        fts.script(
            "*", Reply.json({"releases": calls(100), "links": {"next": "/api/1.0/ocdsReleasePackages?cursor=a"}})
        )
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), Store())
        assert (report.outcome, report.reason) == ("partial", "changed")
        assert len(fts.paths()) == 2


class TestRefusal:
    async def test_it_stops_the_source_until_a_person_restarts_it(self, fts: OcdsPortal) -> None:
        fts.script("*", Reply(403))
        store = Store()
        client = fts.client("uk_find_a_tender", timing=timing())
        first = await crawl(source(fts), client, store)
        assert (first.outcome, first.reason) == ("refused", "refused")
        asked = len(fts.asked)
        again = await crawl(source(fts), client, store)
        assert again.outcome == "refused"
        assert len(fts.asked) == asked
        fts.releases = calls(3)
        fts.route("*", fts._answer)
        store.cursor = store.cursor.restarted()
        assert (await crawl(source(fts), client, store)).outcome == "complete"
        assert len(store.ids) == 3

    def test_a_stop_survives_being_stored(self) -> None:
        text = '{"stop": {"at": "2026-11-01T00:00:00Z", "reason": "403"}}'
        assert Cursor.model_validate_json(text).stop is not None


class TestContractsFinder:
    async def test_its_403_means_wait(self) -> None:
        portal = OcdsPortal(
            too_many=403,
            limit=3,
            longest=2 * DAY,
            list_path="/Published/Notices/OCDS/Search",
            record_path="/Published/OCDS/Record/",
            names=("publishedFrom", "publishedTo"),
        )
        async with portal:
            portal.releases = calls(300)
            found = ContractsFinder({"base_url": portal.url})
            found.first_days = 2
            store = Store()
            client = portal.client("uk_contracts_finder", timing=timing())
            first = await crawl(found, client, store)
            assert (first.outcome, first.reason, first.retry_after) == ("partial", "unavailable", 300.0)
            portal.limit = None
            client = portal.client("uk_contracts_finder", timing=timing())
            assert (await crawl(found, client, store)).outcome == "complete"
            assert len(set(store.ids)) == 300

    def test_its_notices_page_is_the_releases_guid(self) -> None:
        one = release(1, NOW)
        one |= {"ocid": "ocds-b5fd17-18de5078-9cf3-479b-9e38-8b9d3f7a0e39",
                "id": "0dbd2a57-18f9-4b60-b195-928dda88f4dd-581847"}  # fmt: skip
        body = (
            json.dumps({"releases": [one]})
            .replace("servers.", "servers. rnrn Caf\u00e9", 1)
            .encode("latin-1", "replace")
        )
        bundle = Bundle((Payload(source="uk_contracts_finder", kind="page", body=body),))
        (tender,) = ContractsFinder().parse(bundle)
        assert tender.url == "https://www.contractsfinder.service.gov.uk/Notice/0dbd2a57-18f9-4b60-b195-928dda88f4dd"
        assert "rnrn" not in tender.description


class TestKilled:
    @pytest.mark.parametrize("kill_after", range(9))
    async def test_whenever_it_is_killed_nothing_is_lost_and_nothing_comes_twice(
        self, fts: OcdsPortal, kill_after: int
    ) -> None:
        """Windows don't overlap here, so that a record that comes twice can only come from the kill."""
        fts.releases = calls(420, every=dt.timedelta(minutes=6, seconds=1))
        found = source(fts)
        found.window_overlap = dt.timedelta()
        store = Store()
        client = fts.client("uk_find_a_tender", timing=timing())
        await crawl(found, client, store, kill_after=kill_after)
        report = await crawl(found, client, store)
        assert report.outcome == "complete"
        assert sorted(store.ids) == sorted(one["ocid"] for one in fts.releases)
        assert report.tally.seen == 420
        assert store.cursor.mark == NOW

    async def test_the_next_run_reaches_back_and_stores_only_what_is_in_its_window(self, fts: OcdsPortal) -> None:
        fts.releases = calls(100)
        store = Store()
        await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing()), store)
        later = NOW + dt.timedelta(hours=2)
        report = await crawl(source(fts), fts.client("uk_find_a_tender", timing=timing(now=later)), store)
        assert (report.since, report.until) == (NOW - FindATender.overlap, later)


def test_the_manners_of_find_a_tender() -> None:
    manners: Manners = FindATender().manners
    assert manners.hosts == {"www.find-tender.service.gov.uk"}
    assert 120 / manners.interval_seconds <= 12
