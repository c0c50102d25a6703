"""Runs of a source into the database, against a portal of the tests."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from app.db.session import unit_of_work
from app.models.crawl_run import CrawlKind
from app.sources import service
from app.sources.guarding import SourceBusy, alone
from app.sources.outcome import Asked, CrawlOvertaken, SourceHalted, SourceStopped, SourceWaits
from app.sources.plan import SourcesMisconfigured
from app.sources.repository import ALL, SourceRepository
from tests.app.sources.conftest import NOW
from tests.support.collecting import Collecting
from tests.support.portal import Reply
from tests.support.portal_ocds import OcdsPortal, release

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
SOURCE = "uk_find_a_tender"


async def test_what_a_portal_publishes_becomes_calls_with_their_source(site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(n, NOW - n * HOUR) for n in range(1, 31)]
    done = await site.crawl()
    assert done.report is not None
    assert (done.report.outcome, done.counts.created) == ("complete", 30)
    rows = await site.fetch(
        "SELECT count(*) AS calls, max(source.name) AS name, max(source.attribution) AS attribution,"
        " max(organisation.name) AS owner, max(tender.version) AS version FROM tender"
        " JOIN source ON source.id = source_id JOIN organisation ON organisation.id = owner_id"
    )
    assert rows[0]["calls"] == 30
    assert rows[0]["name"] == SOURCE
    assert rows[0]["attribution"].startswith("Contains public sector information")
    assert (rows[0]["owner"], rows[0]["version"]) == ("Find a Tender (UK)", 1)
    (run,) = await site.fetch("SELECT kind, outcome, seen, rejected, created, attempts, ended_at FROM crawl_run")
    assert dict(run) == {
        "kind": "regular", "outcome": "complete", "seen": 30, "rejected": 0, "created": 30, "attempts": 1,
        "ended_at": NOW,
    }  # fmt: skip


async def test_no_contact_person_reaches_a_call(site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(1, NOW - HOUR)]
    await site.crawl()
    (row,) = await site.fetch("SELECT record::text AS said FROM tender_version")
    assert "Jane" not in row["said"]
    assert "borough.example" not in row["said"]


async def test_the_same_run_again_changes_nothing(site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(n, NOW - n * HOUR / 4) for n in range(1, 9)]
    await site.crawl()
    site.now[0] = NOW + HOUR
    done = await site.crawl()
    assert (done.counts.created, done.counts.updated, done.counts.unchanged) == (0, 0, 8)
    assert {version for _, version in (await site.statuses()).values()} == {1}
    assert len(await site.fetch("SELECT 1 FROM crawl_run")) == 2


async def test_updates_cancellations_and_awards_are_versions_of_one_call(site: Collecting, uk: OcdsPortal) -> None:
    first = [release(n, NOW - n * HOUR) for n in (1, 2, 3)]
    uk.releases = first
    await site.crawl()
    later = NOW + HOUR
    award = {
        "id": "A1", "status": "active", "date": later.isoformat(), "value": {"amount": 1500.5, "currency": "GBP"},
        "suppliers": [{"id": "GB-COH-1", "name": "Winner Ltd"}, {"name": "Partner Ltd"}],
    }  # fmt: skip
    uk.releases = [
        *first,
        release(11, later, tag="tenderUpdate", ocid=first[0]["ocid"], title="Call 1, corrected"),
        release(12, later, tag="tenderCancellation", ocid=first[1]["ocid"], status="cancelled"),
        {**release(13, later, tag="award", ocid=first[2]["ocid"]), "awards": [award]},
    ]
    site.now[0] = NOW + 2 * HOUR
    done = await site.crawl()
    assert (done.counts.created, done.counts.updated, done.awards) == (0, 3, 1)
    statuses = await site.statuses()
    assert [statuses[one["ocid"]] for one in first] == [("published", 2), ("cancelled", 2), ("awarded", 2)]
    (corrected,) = await site.fetch(
        "SELECT title, record -> 'description' AS said FROM tender WHERE external_id = $1", first[0]["ocid"]
    )
    assert corrected["title"] == "Call 1, corrected"
    assert corrected["said"] is not None, "what the update left out is not gone"
    (kept,) = await site.fetch(
        "SELECT award.external_id, outcome, award.value_amount, award.value_currency, award.buyer_name, tender.external_id AS call,"
        " (SELECT array_agg(name ORDER BY position) FROM award_winner WHERE award_id = award.id) AS winners"
        " FROM award JOIN tender ON tender.id = tender_id"
    )
    assert dict(kept) == {
        "external_id": f"{first[2]['ocid']}/A1", "outcome": "awarded", "value_amount": 1500.5, "value_currency": "GBP",
        "buyer_name": "A Borough", "call": first[2]["ocid"], "winners": ["Winner Ltd", "Partner Ltd"],
    }  # fmt: skip
    told = await site.fetch(
        "SELECT type, (payload -> 'tender' ->> 'version')::int AS version, source_id IS NOT NULL AS sourced FROM event"
        " ORDER BY type, sequence"
    )
    assert [tuple(row) for row in told] == [
        ("tender.awarded", 2, True), ("tender.cancelled", 2, True), *[("tender.published", 1, True)] * 3,
        ("tender.updated", 2, True),
    ]  # fmt: skip


async def test_killed_behind_any_batch_it_goes_on_without_loss_or_double(site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(n, NOW - n * HOUR) for n in range(1, 31)]
    kills = 0
    while await site.killed_after(2):
        kills += 1
        assert kills < 100
    assert kills > 5
    assert len(await site.statuses()) == 30
    (row,) = await site.fetch("SELECT count(*) AS versions, max(version) AS newest FROM tender_version")
    assert (row["versions"], row["newest"]) == (30, 1)
    (told,) = await site.fetch("SELECT count(*) AS events, count(DISTINCT tender_id) AS calls FROM event")
    assert tuple(told) == (30, 30)
    (run,) = await site.fetch("SELECT outcome, attempts, created FROM crawl_run")
    assert dict(run) == {"outcome": "complete", "attempts": kills + 1, "created": 30}


async def test_a_batch_that_cannot_be_stored_leaves_nothing_of_itself(
    site: Collecting, uk: OcdsPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    uk.releases = [release(n, NOW - n * HOUR) for n in range(1, 4)]

    async def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr("app.sources.crawling.rank", broken)
        with pytest.raises(RuntimeError):
            await site.crawl()
    counts = await site.fetch(
        "SELECT (SELECT count(*) FROM tender) AS tenders, (SELECT count(*) FROM kept_body) AS bodies,"
        " (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM pgqueuer.pgqueuer) AS jobs, (SELECT cursor FROM source_state)::text AS cursor"
    )
    assert dict(counts[0]) == {"tenders": 0, "bodies": 0, "events": 0, "jobs": 0, "cursor": "{}"}
    (run,) = await site.fetch("SELECT outcome, reason, detail FROM crawl_run")
    assert dict(run) == {"outcome": "partial", "reason": "failed", "detail": "RuntimeError"}
    await site.crawl()
    assert len(await site.statuses()) == 3


async def test_a_bad_notice_is_kept_with_its_reason_and_stops_no_other(site: Collecting, uk: OcdsPortal) -> None:
    odd = release(2, NOW - HOUR)
    del odd["tender"]
    uk.releases = [release(1, NOW - HOUR), odd, release(3, NOW - HOUR, title="Half \ud83d of a pair")]
    uk.releases.append(release(4, NOW - HOUR, big=2**80, nul="a\x00b"))
    await site.crawl()
    rows = await site.fetch("SELECT code, position FROM crawl_rejection ORDER BY position")
    assert "ocds.no_tender" in {row["code"] for row in rows}
    assert [row["position"] for row in rows] == list(range(len(rows)))
    assert uk.releases[0]["ocid"] in await site.statuses()
    (run,) = await site.fetch("SELECT rejected, outcome FROM crawl_run")
    assert (run["rejected"], run["outcome"]) == (len(rows), "complete")


async def test_a_refusal_stops_the_source_until_a_person_restarts_it(site: Collecting, uk: OcdsPortal) -> None:
    uk.route("*", lambda _: Reply(403))
    done = await site.crawl()
    assert done.report is not None
    assert done.report.outcome == "refused"
    asked = len(uk.asked)
    with pytest.raises(SourceStopped, match="403"):
        await site.crawl()
    assert len(uk.asked) == asked
    async with unit_of_work(site.runtime.sessions) as session:
        assert await service.restart(session, SOURCE, NOW)
    await site.crawl()
    assert len(uk.asked) > asked


async def test_a_portal_that_asks_for_patience_is_left_alone_for_as_long(site: Collecting, uk: OcdsPortal) -> None:
    uk.route("*", lambda _: Reply(503, headers=(("Retry-After", "7200"),)))
    done = await site.crawl()
    assert done.report is not None
    assert (done.report.outcome, done.report.reason) == ("partial", "unavailable")
    asked = len(uk.asked)
    site.now[0] = NOW + HOUR
    with pytest.raises(SourceWaits, match="14:00"):
        await site.crawl()
    assert len(uk.asked) == asked
    site.now[0] = NOW + 3 * HOUR
    await site.crawl()
    assert len(uk.asked) > asked


async def test_a_sample_stores_a_few_and_leaves_the_cursor_where_it_is(site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(n, NOW - n * HOUR) for n in range(1, 31)]
    done = await site.crawl(Asked(sample=3))
    assert done.counts.created == 3
    (row,) = await site.fetch("SELECT kind, (SELECT cursor FROM source_state)::text AS cursor FROM crawl_run")
    assert row["kind"] == CrawlKind.SAMPLE.value
    assert '"mark": null' in row["cursor"]
    assert (await site.crawl()).counts.created == 27


async def test_a_window_is_asked_for_as_it_was_wanted(site: Collecting, uk: OcdsPortal) -> None:
    uk.releases = [release(n, NOW - n * DAY) for n in range(1, 31)]
    done = await site.crawl(Asked(since=NOW - 20.5 * DAY, until=NOW - 10.5 * DAY))
    assert done.counts.created == 10
    (run,) = await site.fetch("SELECT kind, since_at, until_at FROM crawl_run")
    assert (run["kind"], run["since_at"]) == ("window", NOW - 20.5 * DAY)


class TestSwitches:
    @pytest.mark.parametrize("name", [ALL, SOURCE])
    async def test_a_halted_source_asks_nobody(self, site: Collecting, uk: OcdsPortal, name: str) -> None:
        async with unit_of_work(site.runtime.sessions) as session:
            await SourceRepository(session).halt(name, "moving house", NOW)
        with pytest.raises(SourceHalted, match="moving house"):
            await site.crawl()
        assert uk.asked == []
        async with unit_of_work(site.runtime.sessions) as session:
            assert await SourceRepository(session).resume(name)
        await site.crawl()

    async def test_a_switch_set_during_a_run_ends_it_before_its_next_request(
        self, site: Collecting, uk: OcdsPortal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.sources.guarding.HALT_SECONDS", 0.01)
        usual = uk.routes["*"]

        async def halting(asked: object) -> Reply:
            async with unit_of_work(site.runtime.sessions) as session:
                await SourceRepository(session).halt(ALL, None, NOW)
            await asyncio.sleep(0.2)
            return usual(asked)  # type: ignore[arg-type,return-value]

        uk.route("*", halting)
        done = await site.crawl()
        assert done.report is not None
        assert (done.report.outcome, done.report.reason) == ("partial", "disabled")
        assert len(uk.paths()) == 1

    async def test_what_is_not_enabled_is_told_before_anything_happens(self, site: Collecting, uk: OcdsPortal) -> None:
        for name, said in (("nothing", "there is no source"), ("uk_contracts_finder", "SAFQA_SOURCES")):
            with pytest.raises(SourcesMisconfigured, match=said):
                await site.crawler.run(name)
        assert uk.asked == []


class TestTwoProcesses:
    async def test_only_one_crawls_a_source_at_a_time(self, site: Collecting, uk: OcdsPortal) -> None:
        async with alone(site.runtime.engine, site.plan.source(SOURCE)):
            with pytest.raises(SourceBusy):
                await site.crawl()
        assert uk.asked == []
        await site.crawl()

    async def test_one_that_lost_its_lock_gives_way_to_whoever_went_on(self, site: Collecting, uk: OcdsPortal) -> None:
        uk.releases = [release(n, NOW - n * HOUR) for n in range(1, 31)]
        (name,) = site.plan.enabled
        batches = 0

        async def moved() -> None:
            async with unit_of_work(site.runtime.sessions) as session:
                state = await SourceRepository(session).state_of(name)
                assert state is not None
                state.cursor = {**state.cursor, "mark": "2026-11-01T00:00:00+00:00"}

        usual = uk.routes["*"]

        async def interfering(asked: object) -> Reply:
            nonlocal batches
            batches += 1
            if batches == 3:
                await moved()
            return usual(asked)  # type: ignore[arg-type,return-value]

        uk.route("*", interfering)
        with pytest.raises(CrawlOvertaken):
            await site.crawl()
