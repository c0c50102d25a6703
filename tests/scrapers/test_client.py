"""The polite client against a real server that misbehaves in every way that portals do."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
from dataclasses import replace
from email.utils import format_datetime

import pytest

from scrapers.client import PoliteClient, Request
from scrapers.errors import (
    BudgetSpent,
    SourceChanged,
    SourceDisabled,
    SourceMisconfigured,
    SourceRefused,
    SourceUnavailable,
)  # fmt: skip
from scrapers.manners import Permit
from tests.support.portal import CONTACT, MANNERS, Hurry, Portal, Reply, hurried


class TestWhoAsks:
    async def test_every_request_names_the_product_and_the_operator(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"ok"))
        await portal.fetch()
        for asked in portal.asked:
            assert asked.headers["user-agent"].startswith("Safqa/")
            assert asked.headers["from"] == CONTACT
            assert CONTACT in asked.headers["user-agent"]

    @pytest.mark.parametrize("contact", ["", "nobody", "a@b", "a b@c.d", "a@b.c\r\nX: y", "https://example.org"])
    def test_without_a_mail_address_nothing_runs(self, contact: str) -> None:
        with pytest.raises(SourceMisconfigured):
            Permit(contact)

    async def test_a_source_that_was_not_enabled_makes_no_request(self, portal: Portal) -> None:
        with pytest.raises(SourceDisabled):
            async with portal.client("another").session("s", MANNERS):
                pass
        assert portal.asked == []

    async def test_one_switch_stops_all_between_two_requests(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"ok"))
        halted = False
        client = PoliteClient.of(
            Permit(CONTACT, frozenset({"s"}), halted=lambda: halted), guard=portal.guard, timing=hurried()
        )
        async with client.session("s", MANNERS) as session:
            await session.fetch(Request(url=portal.url + "/"))
            halted = True
            with pytest.raises(SourceDisabled):
                await session.fetch(Request(url=portal.url + "/"))
        assert portal.paths() == ["/"]


class TestRobots:
    async def test_what_is_forbidden_is_not_asked_for(self, portal: Portal) -> None:
        portal.robots = Reply(body=b"User-agent: *\nAllow: /\n\nUser-agent: safqa\nDisallow: /private\n")
        portal.script("/open", Reply(body=b"ok"))
        await portal.fetch("/open")
        with pytest.raises(SourceRefused, match=r"robots\.txt"):
            await portal.fetch("/private/x")
        assert portal.paths() == ["/open"]

    async def test_a_documented_interface_keeps_the_delay_only(self, portal: Portal) -> None:
        portal.robots = Reply(body=b"User-agent: *\nDisallow: /\nCrawl-delay: 7\n")
        portal.script("/", Reply(body=b"ok"))
        hurry = Hurry()
        async with portal.client("s", timing=hurried(hurry)).session(
            "s", replace(MANNERS, robots="delay_only")
        ) as session:
            for _ in range(3):
                await session.fetch(Request(url=portal.url + "/"))
        assert [round(seconds) for seconds in hurry.slept if seconds] == [7, 7]

    @pytest.mark.parametrize(
        ("status", "raised"),
        [(401, SourceRefused), (403, SourceRefused), (429, SourceUnavailable), (503, SourceUnavailable)],
    )
    async def test_without_knowing_the_rules_nothing_is_asked(
        self, portal: Portal, status: int, raised: type[Exception]
    ) -> None:
        portal.robots = Reply(status)
        with pytest.raises(raised):
            await portal.fetch()
        assert portal.paths() == []

    async def test_a_missing_file_allows_and_is_asked_for_once(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"ok"))
        async with portal.client("s").session("s", MANNERS) as session:
            for _ in range(3):
                await session.fetch(Request(url=portal.url + "/"))
        assert [asked.path for asked in portal.asked].count("/robots.txt") == 1

    async def test_an_endless_file_is_cut(self, portal: Portal) -> None:
        portal.robots = Reply(body=b"User-agent: *\nDisallow: /no\n" + b"# nothing\n" * 200_000)
        portal.script("/", Reply(body=b"ok"))
        assert (await portal.fetch()).body == b"ok"


class TestPace:
    async def test_sources_on_one_host_share_its_limit(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"ok"))
        hurry = Hurry()
        client = portal.client("a", "b", timing=hurried(hurry))

        async def three(source: str, interval: float) -> None:
            async with client.session(source, replace(MANNERS, interval_seconds=interval)) as session:
                for _ in range(3):
                    await session.fetch(Request(url=portal.url + "/"))

        await asyncio.gather(three("a", 2.0), three("b", 5.0))
        # Six requests of two sources and the rules: from the second on each waits for the longer of the two intervals.
        assert hurry.at - 1_000 >= 5 * 5.0

    async def test_no_two_requests_at_a_time(self, portal: Portal) -> None:
        running = most = 0

        async def slow(_: object) -> Reply:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.02)
            running -= 1
            return Reply(body=b"ok")

        portal.route("/", slow)
        client = portal.client("a", "b")

        async def some(source: str) -> None:
            async with client.session(source, MANNERS) as session:
                for _ in range(3):
                    await session.fetch(Request(url=portal.url + "/"))

        await asyncio.gather(some("a"), some("b"))
        assert most == 1

    async def test_the_budget_of_a_run(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"ok"))
        async with portal.client("s").session("s", replace(MANNERS, requests_per_run=2)) as session:
            await session.fetch(Request(url=portal.url + "/"))
            await session.fetch(Request(url=portal.url + "/"))
            with pytest.raises(BudgetSpent):
                await session.fetch(Request(url=portal.url + "/"))


class TestSlowDown:
    async def test_a_short_wait_is_waited_and_never_cut(self, portal: Portal) -> None:
        portal.script("/", Reply(429, headers=(("Retry-After", "45"),)), Reply(body=b"ok"))
        hurry = Hurry()
        async with portal.client("s", timing=hurried(hurry)).session(
            "s", replace(MANNERS, slow_down={429: 10.0})
        ) as session:
            assert (await session.fetch(Request(url=portal.url + "/"))).body == b"ok"
        assert hurry.at - 1_000 >= 45

    async def test_a_date_is_understood(self, portal: Portal) -> None:
        now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
        late = format_datetime(now + dt.timedelta(minutes=30), usegmt=True)
        portal.script("/", Reply(503, headers=(("Retry-After", late),)))
        timing = replace(hurried(), now=lambda: now)
        async with portal.client("s", timing=timing).session("s", MANNERS) as session:
            with pytest.raises(SourceUnavailable) as told:
                await session.fetch(Request(url=portal.url + "/"))
        assert told.value.retry_after == pytest.approx(1_800, abs=2)
        assert portal.paths() == ["/"]

    @pytest.mark.parametrize("written", ["", "soon", "-5", "1e9", "Mon, 99 Foo 2026", "1 Jan 99999999999", "\u0665"])
    async def test_a_senseless_wish_is_none(self, portal: Portal, written: str) -> None:
        header = (("Retry-After", written.encode("utf-8").decode("latin-1")),)
        portal.script("/", Reply(503, headers=header), Reply(body=b"ok"))
        assert (await portal.fetch()).body == b"ok"

    async def test_what_is_no_address_is_a_changed_source(self, portal: Portal) -> None:
        async with portal.client("s").session("s", MANNERS) as session:
            with pytest.raises(SourceChanged, match="no address"):
                await session.fetch(Request(url=portal.url + "/\x00"))

    async def test_a_slip_of_the_server_silences_its_host_for_a_day_at_most(self, portal: Portal) -> None:
        portal.script("/", Reply(503, headers=(("Retry-After", "999999999"),)))
        with pytest.raises(SourceUnavailable) as told:
            await portal.fetch()
        assert told.value.retry_after == 86_400

    async def test_a_long_wait_gives_up_the_turn_for_every_source_of_the_host(self, portal: Portal) -> None:
        portal.script("/", Reply(403))
        portal.script("/other", Reply(body=b"ok"))
        client = portal.client("a", "b")
        async with client.session("a", replace(MANNERS, slow_down={403: 300.0})) as session:
            with pytest.raises(SourceUnavailable) as told:
                await session.fetch(Request(url=portal.url + "/"))
        assert told.value.retry_after == 300
        async with client.session("b", MANNERS) as session:
            with pytest.raises(SourceUnavailable, match="left alone"):
                await session.fetch(Request(url=portal.url + "/other"))
        assert portal.paths() == ["/"]


class TestRefusal:
    @pytest.mark.parametrize("status", [401, 403, 406, 451])
    async def test_a_status(self, portal: Portal, status: int) -> None:
        portal.script("/", Reply(status))
        with pytest.raises(SourceRefused):
            await portal.fetch()
        assert portal.paths() == ["/"]

    async def test_a_header_even_with_a_good_status(self, portal: Portal) -> None:
        portal.script("/", Reply(200, b"Request blocked", (("X-Deny-Id", "17"),)))
        with pytest.raises(SourceRefused, match="x-deny-id"):
            await portal.fetch(manners=replace(MANNERS, refusal_headers=frozenset({"x-deny-id"})))

    async def test_a_mark_in_a_page_that_looks_fine(self, portal: Portal) -> None:
        portal.script("/", Reply(200, b"<html>Access Denied</html>"))
        with pytest.raises(SourceRefused):
            await portal.fetch(manners=replace(MANNERS, refusal_marks=(b"Access Denied",)))

    @pytest.mark.parametrize("status", [400, 404, 410, 422])
    async def test_never_asked_again(self, portal: Portal, status: int) -> None:
        portal.script("/", Reply(status))
        with pytest.raises(SourceChanged):
            await portal.fetch()
        assert portal.paths() == ["/"]

    async def test_a_status_that_the_source_expects_is_an_answer(self, portal: Portal) -> None:
        portal.script("/", Reply(404, b"gone"))
        answer = await portal.fetch(accept=frozenset({200, 404}))
        assert (answer.status, answer.body) == (404, b"gone")


class TestAgain:
    @pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
    async def test_three_times_and_no_more(self, portal: Portal, status: int) -> None:
        portal.script("/", Reply(status))
        with pytest.raises(SourceUnavailable):
            await portal.fetch()
        assert portal.paths() == ["/"] * 3

    async def test_a_post_is_sent_once_unless_it_only_asks(self, portal: Portal) -> None:
        portal.script("/", Reply(503))
        with pytest.raises(SourceUnavailable):
            await portal.fetch(method="POST", content=b"a=1")
        assert portal.paths() == ["/"]
        with pytest.raises(SourceUnavailable):
            await portal.fetch(method="POST", content=b"a=1", repeatable=True)
        assert portal.paths() == ["/"] * 4

    @pytest.mark.parametrize(
        "broken",
        [
            Reply(body=b"x" * 100, announce=500, cut=100),
            Reply(body=b"x" * 100, chunked=True, cut=50),
            Reply(body=gzip.compress(b"x" * 9_000)[:-12], headers=(("Content-Encoding", "gzip"),)),
            Reply(body=b"this is not gzip", headers=(("Content-Encoding", "gzip"),)),
            Reply(body=b"this is not zlib", headers=(("Content-Encoding", "deflate"),)),
        ],
        ids=["shorter than announced", "chunks break off", "gzip breaks off", "no gzip", "no deflate"],
    )
    async def test_a_broken_body_is_asked_for_again(self, portal: Portal, broken: Reply) -> None:
        portal.script("/", broken, Reply(body=b"whole"))
        assert (await portal.fetch()).body == b"whole"
        portal.script("/", broken)
        with pytest.raises(SourceUnavailable):
            await portal.fetch()

    async def test_nobody_listens(self, portal: Portal) -> None:
        client = portal.client("s")
        url = portal.url
        await portal.__aexit__()
        async with client.session("s", MANNERS) as session:
            with pytest.raises(SourceUnavailable):
                await session.fetch(Request(url=url + "/"))
        portal._server = await asyncio.start_server(portal._serve, "127.0.0.1", 0)
