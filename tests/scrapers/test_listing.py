"""Lists of web pages, against a portal that keeps its list in a session and has moods."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from scrapers.manners import Manners
from tests.support.crawling import Store, crawl, parsed
from tests.support.portal import Reply
from tests.support.portal_listing import ListedCalls, ListPortal, list_portal


async def run(portal: ListPortal, store: Store, **more: object):
    return await crawl(ListedCalls({"base_url": portal.url}), portal.client("listed_calls"), store, **more)


def details(portal: ListPortal) -> list[str]:
    return [path for path in portal.paths() if path.startswith("/call/")]


class TestComplete:
    @pytest.mark.parametrize("count", [1, 10, 11, 37])
    async def test_every_page_and_every_call(self, count: int) -> None:
        async with list_portal(count) as portal:
            store = Store()
            report = await run(portal, store)
            assert (report.outcome, report.tally.expected, report.tally.seen) == ("complete", count, count)
            assert sorted(store.ids, key=int) == [str(n) for n in range(1, count + 1)]
            assert store.refs == set(store.ids)

    async def test_what_has_not_changed_is_not_fetched_again(self) -> None:
        async with list_portal(25) as portal:
            store = Store()
            await run(portal, store)
            portal.calls[7] = "Appel 7, délai reporté"
            portal.calls[26] = "Appel 26"
            before = len(details(portal))
            report = await run(portal, store)
            assert sorted(details(portal)[before:]) == ["/call/26", "/call/7"]
            assert (report.outcome, report.tally.unchanged, report.tally.parsed) == ("complete", 24, 2)

    async def test_a_list_that_moves_is_read_until_nothing_new_turns_up(self) -> None:
        async with list_portal(45) as portal:
            portal.moods.add("drift")
            store = Store()
            report = await run(portal, store)
            assert report.outcome == "complete"
            assert {int(ident) for ident in store.ids} == set(portal.calls)
            assert len(store.ids) == 45
            assert portal.paths().count("/list") > 5  # once was not enough

    async def test_what_was_kept_parses_without_the_network(self) -> None:
        async with list_portal(12) as portal:
            store = Store()
            await run(portal, store)
        assert parsed(ListedCalls(), store.bundles) == store.records


class TestThreeEnds:
    async def test_nothing_to_list_is_complete_and_empty(self) -> None:
        async with list_portal(0) as portal:
            report = await run(portal, Store())
            assert (report.outcome, report.empty) == ("complete", True)

    async def test_a_page_without_its_counter_is_a_changed_page(self) -> None:
        async with list_portal(12) as portal:
            portal.moods.add("no_counter")
            report = await run(portal, Store())
            assert (report.outcome, report.reason, report.empty) == ("partial", "changed", False)

    async def test_a_refusal_of_a_detail_stops_everything(self) -> None:
        async with list_portal(12) as portal:
            portal.script("/call/3", Reply(403))
            store = Store()
            report = await run(portal, store)
            assert (report.outcome, store.cursor.stop is not None) == ("refused", True)
            asked = len(portal.asked)
            await run(portal, store)
            assert len(portal.asked) == asked


class TestFaults:
    async def test_a_session_that_the_portal_lost_shows_page_1_and_is_noticed(self) -> None:
        async with list_portal(45) as portal:
            portal.lose_after = 2
            report = await run(portal, Store())
            assert (report.outcome, report.reason) == ("partial", "changed")
            assert "page 3" in report.detail

    async def test_a_detail_that_is_gone_leaves_a_gap_and_is_asked_for_again(self) -> None:
        async with list_portal(25) as portal:
            portal.gone = {4, 18}
            store = Store()
            report = await run(portal, store)
            assert (report.outcome, report.reason) == ("partial", "no_end")
            assert len(store.ids) == 23
            portal.gone = set()
            report = await run(portal, store)
            assert (report.outcome, report.tally.parsed) == ("complete", 2)
            assert len(set(store.ids)) == 25

    async def test_details_that_all_fail_end_the_run(self) -> None:
        async with list_portal(25) as portal:
            portal.gone = set(portal.calls)
            report = await run(portal, Store())
            assert (report.outcome, report.reason) == ("partial", "changed")
            assert len(details(portal)) == 3

    async def test_a_budget_that_is_spent_keeps_what_was_fetched(self) -> None:
        async with list_portal(30) as portal:
            store = Store()

            class Thrifty(ListedCalls):
                budget: ClassVar[int] = 3 + 25

                @property
                def manners(self) -> Manners:
                    return replace(super().manners, requests_per_run=self.budget)

            source = Thrifty({"base_url": portal.url})
            first = await crawl(source, portal.client("listed_calls"), store)
            assert (first.outcome, first.reason, len(store.ids)) == ("partial", "budget", 25)
            second = await crawl(source, portal.client("listed_calls"), store)
            assert (second.outcome, second.tally.parsed) == ("complete", 5)
            assert len(set(store.ids)) == 30

    async def test_one_odd_page_is_a_rejection_and_many_are_a_changed_source(self) -> None:
        async with list_portal(25) as portal:
            portal.odd = {5}
            store = Store()
            assert (await run(portal, store)).outcome == "complete"
            assert [(one.code, one.ref) for one in store.rejections] == [("page.changed", "5")]
            portal.odd = set(portal.calls)
            assert (await run(portal, Store())).reason == "changed"

    async def test_a_record_that_cannot_be_read_does_not_stop_the_others(self) -> None:
        async with list_portal(15) as portal:
            portal.calls[3] = "Appel illisible"
            store = Store()
            report = await run(portal, store)
            assert (report.outcome, report.tally.parsed, report.tally.rejected) == ("complete", 14, 1)
            assert report.rejections == {"listed_calls.title": 1}


@pytest.mark.parametrize("kill_after", range(9))
async def test_killed_at_any_point_it_goes_on_without_loss_or_double(kill_after: int) -> None:
    """Five pages of list and three hauls of details; only what was not stored is fetched again."""
    async with list_portal(45) as portal:
        store = Store()
        await run(portal, store, kill_after=kill_after)
        kept = len(store.ids)
        before = len(details(portal))
        report = await run(portal, store)
        assert report.outcome == "complete"
        assert len(details(portal)) - before == 45 - kept
        assert sorted(store.ids, key=int) == [str(n) for n in range(1, 46)]
        assert report.tally.seen == 45
