"""The national portal of Morocco against a portal with its habits: sessions, state, silent first pages, refusals."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from scrapers.crawl import Order
from scrapers.records import AwardRecord
from scrapers.sources.morocco_pmmp import MoroccoPmmp
from tests.support.crawling import Store, crawl, parsed
from tests.support.pmmp_pages import FakeCall, FakeLot, detail
from tests.support.portal import Hurry, Reply, hurried
from tests.support.portal_pmmp import PmmpPortal

NOW = dt.datetime(2026, 11, 12, 9, tzinfo=dt.UTC)
LOTS = (
    FakeLot("Postes fictifs", "500 000,00", "10 000,00 MAD"),
    FakeLot("Licences fictives", "250 000,50", "5 000,00"),
)


def calls(count: int, first: int = 1_000_001) -> list[FakeCall]:
    return [FakeCall(first + n, title=f"Fourniture fictive n° {n}", reference=f"{n}/2026") for n in range(count)]


def results(count: int, kind: str = "4", published: str = "10/11/2026") -> list[FakeCall]:
    label = "Annonce de résultat définitif" if kind == "4" else "Annonce d'extrait de PV"
    first = 2_000_000 + int(kind) * 10_000
    return [
        FakeCall(first + n, reference=f"{n}/2026", kind=kind, published=published, announcement=label, files=(7,))
        for n in range(count)
    ]


@pytest.fixture
async def pmmp() -> AsyncIterator[PmmpPortal]:
    async with PmmpPortal(calls=calls(12), announcements=[*results(3), *results(2, "5")]) as running:
        yield running


def timing(hurry: Hurry | None = None):
    return replace(hurried(hurry), now=lambda: NOW)


async def run(
    portal: PmmpPortal,
    store: Store,
    *,
    kill_after: int | None = None,
    budget: int = 10_000,
    order: Order | None = None,
    **more: object,
):
    source = MoroccoPmmp({"base_url": portal.url, "budget": str(budget)})
    client = portal.client("morocco_pmmp", timing=timing(), **more)
    return await crawl(source, client, store, kill_after=kill_after, order=order)


def awards(store: Store) -> list[AwardRecord]:
    return [record for record in store.records if isinstance(record, AwardRecord)]


class TestComplete:
    @pytest.mark.parametrize("count", [1, 10, 11, 23])
    async def test_every_call_with_its_page(self, pmmp: PmmpPortal, count: int) -> None:
        pmmp.calls = calls(count)
        store = Store()
        report = await run(pmmp, store)
        assert (report.outcome, report.detail) == ("complete", "")
        assert sorted(store.ids) == [f"{call.ref}-z9y" for call in pmmp.calls]
        assert (report.tally.expected, report.tally.seen, report.tally.rejected) == (count + 5, count + 5, 0)
        assert store.cursor.mark == NOW

    async def test_five_hundred_a_page_and_the_next_pages(self, pmmp: PmmpPortal) -> None:
        pmmp.calls, pmmp.announcements = calls(1_020), results(1)
        store = Store()
        await run(pmmp, store, kill_after=3)
        assert pmmp.targets()[:3] == ["listePageSizeTop", "ctl2", "ctl2"]
        assert len(store.refs) == 1_020

    async def test_what_the_page_says_that_the_list_does_not(self, pmmp: PmmpPortal) -> None:
        pmmp.calls = [
            FakeCall(1_000_001, lots=LOTS, estimate="0,00", bond="-", reserved="Oui", places=("FES", "MEKNES", "TAZA"))
        ]
        store = Store()
        await run(pmmp, store)
        call = store.tenders[0].model_dump(mode="json", exclude_defaults=True)
        assert call["value"] == {"amount": "750000.50", "currency": "MAD", "tax_included": True}
        assert call["value_from_lots"] is True
        assert [(lot["title"], lot["bond"]["amount"]) for lot in call["lots"]] == [
            ("Postes fictifs", "10000.00"),
            ("Licences fictives", "5000.00"),
        ]
        assert (call["reserved_sme"], call["place"]) == (True, "FES, MEKNES, TAZA")
        assert call["buyer"] == {"id": "z9y", "name": "COMMUNE FICTIVE D'AIN TEST"}
        assert call["deadline"] == "2026-12-15T11:00:00+01:00"
        assert (call["published"], call["published_basis"]) == ("2026-11-02", "day")

    async def test_no_contact_person_is_kept(self, pmmp: PmmpPortal) -> None:
        store = Store()
        await run(pmmp, store)
        kept = "".join(record.model_dump_json() for record in store.records)
        assert "Personne" not in kept
        assert "@" not in kept
        assert "0600000000" not in kept

    async def test_lots_are_asked_for_where_the_list_shows_them(self, pmmp: PmmpPortal) -> None:
        pmmp.calls[4] = replace(pmmp.calls[4], lots=LOTS)
        await run(pmmp, Store())
        assert pmmp.read("PopUpDetailLots") == [str(pmmp.calls[4].ref)]

    async def test_what_was_kept_parses_without_the_network(self, pmmp: PmmpPortal) -> None:
        store = Store()
        await run(pmmp, store)
        assert parsed(MoroccoPmmp(), store.bundles) == store.records


class TestResults:
    async def test_announcements_are_awards_without_winners(self, pmmp: PmmpPortal) -> None:
        store = Store()
        await run(pmmp, store)
        found = awards(store)
        assert {award.id for award in found} == {f"{one.ref}-z9y" for one in pmmp.announcements}
        assert {str(award.date) for award in found} == {"2026-11-10"}
        assert all(award.tender_id is None and not award.winners and award.value is None for award in found)
        assert {award.outcome for award in found} == {"unknown"}

    async def test_only_what_is_new_is_walked(self, pmmp: PmmpPortal) -> None:
        pmmp.announcements = [*results(5), *results(600, published="01/03/2026"), *results(2, "5")]
        store = Store()
        report = await run(pmmp, store)
        assert (report.outcome, len(awards(store))) == ("complete", 7)
        # Twice a search, twice 500 a page, and the one page behind the first.
        assert pmmp.targets().count("ctl2") <= 1

    async def test_a_search_that_finds_nothing_is_no_empty_one(self, pmmp: PmmpPortal) -> None:
        pmmp.announcements = results(3)
        report = await run(pmmp, Store())
        assert (report.outcome, report.reason) == ("partial", "no_end")
        assert "minutes" in report.detail

    async def test_they_can_be_left_out(self, pmmp: PmmpPortal) -> None:
        source = MoroccoPmmp({"base_url": pmmp.url, "results": "no"})
        store = Store()
        report = await crawl(source, pmmp.client("morocco_pmmp", timing=timing()), store)
        assert (report.outcome, awards(store)) == ("complete", [])


class TestChanges:
    async def test_an_unchanged_call_is_left_alone_for_a_week(self, pmmp: PmmpPortal) -> None:
        store = Store()
        await run(pmmp, store)
        pmmp.calls[2] = replace(pmmp.calls[2], deadline="22/12/2026 10:00")
        before = len(pmmp.read("EntrepriseDetailsConsultation"))
        report = await run(pmmp, store)
        assert pmmp.read("EntrepriseDetailsConsultation")[before:] == [str(pmmp.calls[2].ref)]
        assert (report.outcome, report.tally.parsed, report.tally.unchanged) == ("complete", 1, 16)

    async def test_a_call_that_was_cancelled_in_place_is_read_within_a_week(self, pmmp: PmmpPortal) -> None:
        store = Store()
        await run(pmmp, store)
        pmmp.calls[0] = replace(pmmp.calls[0], cancelled=True)
        source = MoroccoPmmp({"base_url": pmmp.url})
        later = replace(hurried(), now=lambda: NOW + dt.timedelta(days=7))
        await crawl(source, pmmp.client("morocco_pmmp", timing=later), store)
        found = [one for one in store.tenders if one.id == f"{pmmp.calls[0].ref}-z9y"]
        assert [(one.model_extra or {}).get("status") for one in found] == [None, "cancelled"]

    async def test_a_list_that_moves_is_walked_until_nothing_is_new(self, pmmp: PmmpPortal) -> None:
        pmmp.calls = calls(600)
        source = MoroccoPmmp({"base_url": pmmp.url, "results": "no"})
        # Between pages 1 and 2 a call of page 1 is withdrawn: the first of page 2 slips onto page 1, unseen.
        pmmp.moves = {2: ([], [pmmp.calls[3].ref])}
        slipped = f"{pmmp.calls[500].ref}-z9y"
        store = Store()
        known = dict.fromkeys((f"{call.ref}-z9y" for call in pmmp.calls), "")
        await crawl(
            source, pmmp.client("morocco_pmmp", timing=timing()), store, order=Order(known=known.get), kill_after=8
        )
        assert slipped in store.refs
        assert pmmp.targets().count("listePageSizeTop") == 2


class TestVanished:
    async def test_the_page_of_a_call_that_left_the_list_tells_whether_it_was_cancelled(self, pmmp: PmmpPortal) -> None:
        cancelled, closed, missing = calls(3, first=3_000_001)
        pmmp.gone = [replace(cancelled, cancelled=True), closed]
        store = Store()
        order = Order(
            known=store.fingerprints.get, open=frozenset(f"{one.ref}-z9y" for one in (cancelled, closed, missing))
        )
        report = await run(pmmp, store, order=order)
        assert report.outcome == "complete"  # the third has no page any more: its consumer closes it
        (update,) = [one for one in store.tenders if one.id.startswith("3000")]
        told = update.model_extra or {}
        assert (update.id, told["status"], told["delta"]) == ("3000001-z9y", "cancelled", True)
        assert parsed(MoroccoPmmp(), store.bundles) == store.records

    async def test_when_very_many_are_gone_nobody_is_asked(self, pmmp: PmmpPortal) -> None:
        order = Order(open=frozenset(f"{number}-z9y" for number in range(5_000_000, 5_000_300)))
        report = await run(pmmp, Store(), order=order)
        assert report.outcome == "complete"
        assert not [each for each in pmmp.read("DetailsConsultation") if each.startswith("5")]

    async def test_an_announced_result_is_not_its_call_on_the_list(self, pmmp: PmmpPortal) -> None:
        pmmp.announcements = [replace(one, ref=1_000_001) for one in results(1)]
        store = Store()
        await run(pmmp, store)
        assert len([ref for ref in store.fingerprints if "1000001" in ref]) == 2


class TestThreeEnds:
    async def test_no_open_call_is_empty_when_two_sessions_say_so(self, pmmp: PmmpPortal) -> None:
        pmmp.calls, pmmp.announcements = [], [*results(1), *results(1, "5")]
        report = await run(pmmp, Store())
        assert (report.outcome, report.tally.expected) == ("complete", 2)
        assert sum("EnCours" in asked.raw_query for asked in pmmp.asked) == 2

    async def test_a_false_zero_is_not_believed(self, pmmp: PmmpPortal) -> None:
        pmmp.zero_first = 1
        store = Store()
        report = await run(pmmp, store)
        assert (report.outcome, len(store.ids)) == ("complete", 12)

    async def test_a_zero_behind_a_count_is_a_lost_session(self, pmmp: PmmpPortal) -> None:
        pmmp.calls, pmmp.zero_at = calls(501), 2
        report = await run(pmmp, Store())
        assert (report.outcome, report.reason) == ("partial", "changed")

    async def test_a_page_without_its_counter_is_a_changed_page(self, pmmp: PmmpPortal) -> None:
        pmmp.counter = False
        report = await run(pmmp, Store())
        assert (report.outcome, report.reason, report.empty) == ("partial", "changed", False)

    @pytest.mark.parametrize(
        "reply", [Reply(403), Reply(429), Reply(406), Reply.html("ok", headers=(("x-deny-id", "7"),))]
    )
    async def test_a_refusal_stops_it_for_good(self, pmmp: PmmpPortal, reply: Reply) -> None:
        pmmp.answers[pmmp.calls[5].ref] = reply
        store = Store()
        report = await run(pmmp, store)
        assert (report.outcome, store.cursor.stop is not None, len(store.ids)) == ("refused", True, 5)
        asked = len(pmmp.asked)
        await run(pmmp, store)
        assert len(pmmp.asked) == asked


class TestFaults:
    async def test_a_session_that_is_lost_shows_page_1_and_is_noticed(self, pmmp: PmmpPortal) -> None:
        pmmp.calls, pmmp.lose_after = calls(1_001), 3
        report = await run(pmmp, Store())
        assert (report.outcome, report.reason) == ("partial", "changed")
        assert "page 3" in report.detail

    async def test_page_sizes_that_are_not_listened_to_are_noticed(self, pmmp: PmmpPortal) -> None:
        pmmp.deaf = True
        report = await run(pmmp, Store())
        assert (report.outcome, report.reason) == ("partial", "changed")
        assert "500 a page" in report.detail

    async def test_broken_gzip_of_one_call_is_a_gap(self, pmmp: PmmpPortal) -> None:
        packed = gzip.compress(b"<html>" + b"x" * 900)
        pmmp.answers[pmmp.calls[1].ref] = Reply(200, packed[:-20], (("Content-Encoding", "gzip"),))
        store = Store()
        report = await run(pmmp, store)
        assert (report.outcome, report.reason, len(store.ids)) == ("partial", "no_end", 11)
        pmmp.answers.clear()
        report = await run(pmmp, store)
        assert (report.outcome, len(set(store.ids)), len(store.ids)) == ("complete", 12, 12)

    async def test_a_slow_body_is_read(self, pmmp: PmmpPortal) -> None:
        pmmp.calls = calls(1)
        pmmp.answers[pmmp.calls[0].ref] = replace(pmmp_detail(pmmp.calls[0]), pause=0.00001)
        report = await run(pmmp, store := Store())
        assert (report.outcome, len(store.ids)) == ("complete", 1)

    async def test_a_page_about_another_call_is_not_taken_for_this_one(self, pmmp: PmmpPortal) -> None:
        pmmp.answers[pmmp.calls[2].ref] = pmmp_detail(pmmp.calls[3])
        store = Store()
        report = await run(pmmp, store)
        assert (report.outcome, len(store.ids), report.rejections) == ("complete", 11, {"page.changed": 1})
        assert store.rejections[0].ref == f"{pmmp.calls[2].ref}-z9y"

    async def test_lots_that_cannot_be_read_do_not_cost_the_call(self, pmmp: PmmpPortal) -> None:
        pmmp.calls[0] = replace(pmmp.calls[0], lots=LOTS)
        store = Store()
        pmmp.route("/index.php", without_popups(pmmp))
        report = await run(pmmp, store)
        assert (report.outcome, len(store.ids)) == ("complete", 12)
        assert report.rejections == {"pmmp.lots": 1}


def pmmp_detail(call: FakeCall) -> Reply:
    return Reply.html(detail(call))


def without_popups(portal: PmmpPortal):
    return lambda asked: Reply.html("<p>Session expirée") if "PopUp" in asked.raw_query else portal._index(asked)


@pytest.mark.parametrize("kill_after", range(6))
async def test_killed_at_any_point_it_goes_on_without_loss_or_double(pmmp: PmmpPortal, kill_after: int) -> None:
    """One page of list, two hauls of details, two of announcements."""
    pmmp.calls = calls(30)
    store = Store()
    await run(pmmp, store, kill_after=kill_after)
    report = await run(pmmp, store)
    assert report.outcome == "complete"
    assert sorted(store.ids) == [f"{call.ref}-z9y" for call in pmmp.calls]
    assert sorted(one.id for one in awards(store)) == sorted(f"{one.ref}-z9y" for one in pmmp.announcements)
    assert report.tally.seen == 35
