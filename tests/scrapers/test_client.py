"""The polite client against a real server that misbehaves in every way that portals do."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path

import pytest

from scrapers.client import Answer, PoliteClient, Request, Validators
from scrapers.errors import (
    AddressRefused,
    AnswerTooLarge,
    BudgetSpent,
    SourceChanged,
    SourceDisabled,
    SourceMisconfigured,
    SourceRefused,
    SourceUnavailable,
)  # fmt: skip
from scrapers.manners import Manners, Permit
from tests.support.portal import CONTACT, Hurry, Portal, Reply, hurried

MANNERS = Manners(hosts=frozenset({"127.0.0.1"}), interval_seconds=0.0)


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    async with Portal() as running:
        yield running


async def fetch(portal: Portal, path: str = "/", manners: Manners = MANNERS, **more: object) -> Answer:
    request = Request(url=portal.url + path, **more)
    async with portal.client("s").session("s", manners) as session:
        return await session.fetch(request)


class TestWhoAsks:
    async def test_every_request_names_the_product_and_the_operator(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"ok"))
        await fetch(portal)
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
        await fetch(portal, "/open")
        with pytest.raises(SourceRefused, match=r"robots\.txt"):
            await fetch(portal, "/private/x")
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
            await fetch(portal)
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
        assert (await fetch(portal)).body == b"ok"


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

    @pytest.mark.parametrize("written", ["", "soon", "-5", "1e9", "Mon, 99 Foo 2026", "\u0665"])
    async def test_a_senseless_wish_is_none(self, portal: Portal, written: str) -> None:
        header = (("Retry-After", written.encode("utf-8").decode("latin-1")),)
        portal.script("/", Reply(503, headers=header), Reply(body=b"ok"))
        assert (await fetch(portal)).body == b"ok"

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
            await fetch(portal)
        assert portal.paths() == ["/"]

    async def test_a_header_even_with_a_good_status(self, portal: Portal) -> None:
        portal.script("/", Reply(200, b"Request blocked", (("X-Deny-Id", "17"),)))
        with pytest.raises(SourceRefused, match="x-deny-id"):
            await fetch(portal, manners=replace(MANNERS, refusal_headers=frozenset({"x-deny-id"})))

    async def test_a_mark_in_a_page_that_looks_fine(self, portal: Portal) -> None:
        portal.script("/", Reply(200, b"<html>Access Denied</html>"))
        with pytest.raises(SourceRefused):
            await fetch(portal, manners=replace(MANNERS, refusal_marks=(b"Access Denied",)))

    @pytest.mark.parametrize("status", [400, 404, 410, 422])
    async def test_never_asked_again(self, portal: Portal, status: int) -> None:
        portal.script("/", Reply(status))
        with pytest.raises(SourceChanged):
            await fetch(portal)
        assert portal.paths() == ["/"]

    async def test_a_status_that_the_source_expects_is_an_answer(self, portal: Portal) -> None:
        portal.script("/", Reply(404, b"gone"))
        answer = await fetch(portal, accept=frozenset({200, 404}))
        assert (answer.status, answer.body) == (404, b"gone")


class TestAgain:
    @pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
    async def test_three_times_and_no_more(self, portal: Portal, status: int) -> None:
        portal.script("/", Reply(status))
        with pytest.raises(SourceUnavailable):
            await fetch(portal)
        assert portal.paths() == ["/"] * 3

    async def test_a_post_is_sent_once_unless_it_only_asks(self, portal: Portal) -> None:
        portal.script("/", Reply(503))
        with pytest.raises(SourceUnavailable):
            await fetch(portal, method="POST", content=b"a=1")
        assert portal.paths() == ["/"]
        with pytest.raises(SourceUnavailable):
            await fetch(portal, method="POST", content=b"a=1", repeatable=True)
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
        assert (await fetch(portal)).body == b"whole"
        portal.script("/", broken)
        with pytest.raises(SourceUnavailable):
            await fetch(portal)

    async def test_nobody_listens(self, portal: Portal) -> None:
        client = portal.client("s")
        url = portal.url
        await portal.__aexit__()
        async with client.session("s", MANNERS) as session:
            with pytest.raises(SourceUnavailable):
                await session.fetch(Request(url=url + "/"))
        portal._server = await asyncio.start_server(portal._serve, "127.0.0.1", 0)


class TestBodies:
    @pytest.mark.parametrize(
        "reply",
        [
            Reply.packed(b"packed " * 100),
            Reply.packed(b"packed " * 100, "x-gzip"),
            Reply(body=zlib.compress(b"packed " * 100), headers=(("Content-Encoding", "deflate"),)),
            Reply(body=zlib.compress(b"packed " * 100, wbits=-15), headers=(("Content-Encoding", "deflate"),)),
            Reply(
                body=gzip.compress(b"packed " * 60) + gzip.compress(b"packed " * 40) + b"\0" * 64,
                headers=(("Content-Encoding", "gzip"),),
            ),
            Reply(body=b"packed " * 100, chunked=True),
        ],
        ids=["gzip", "x-gzip", "zlib", "bare deflate", "two members and padding", "chunks"],
    )
    async def test_every_packing_that_portals_use(self, portal: Portal, reply: Reply) -> None:
        portal.script("/", reply)
        assert (await fetch(portal)).body == b"packed " * 100

    async def test_a_bomb_is_left_before_it_unfolds(self, portal: Portal) -> None:
        portal.script("/", Reply.packed(b"\0" * 50_000_000))
        with pytest.raises(AnswerTooLarge):
            await fetch(portal, manners=replace(MANNERS, max_bytes=1_000_000))
        assert portal.paths() == ["/"]

    @pytest.mark.parametrize("chunked", [False, True])
    async def test_a_long_body_with_and_without_its_length(self, portal: Portal, chunked: bool) -> None:
        portal.script("/", Reply(body=b"x" * 300_000, chunked=chunked))
        with pytest.raises(AnswerTooLarge):
            await fetch(portal, max_bytes=100_000)

    async def test_a_body_that_drips_is_cut_off_in_time(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"x" * 1_000, pause=0.02))
        began = asyncio.get_running_loop().time()
        with pytest.raises(SourceUnavailable):
            await fetch(portal, manners=replace(MANNERS, deadline_seconds=0.2), method="POST", content=b"a")
        assert asyncio.get_running_loop().time() - began < 10

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "nonsense"])
    async def test_a_packing_that_nobody_asked_for(self, portal: Portal, encoding: str) -> None:
        portal.script("/", Reply(body=b"x", headers=(("Content-Encoding", encoding),)))
        with pytest.raises(SourceChanged):
            await fetch(portal)

    async def test_a_download_goes_to_disk(self, portal: Portal, tmp_path: Path) -> None:
        portal.script("/", Reply(body=b"y" * 3_000_000, cut=2_000_000), Reply(body=b"y" * 3_000_000))
        async with portal.client("s").session("s", MANNERS) as session:
            answer = await session.download(Request(url=portal.url + "/"), tmp_path / "file")
        assert answer.body == b""
        assert (tmp_path / "file").read_bytes() == b"y" * 3_000_000


class TestRedirects:
    async def test_to_a_private_address(self, portal: Portal) -> None:
        for place in (
            "http://169.254.169.254/",
            "http://10.0.0.1/",
            f"http://127.0.0.1:{portal.port + 1}/",
            "file:///etc",
        ):
            portal.script("/", Reply(302, headers=(("Location", place),)))
            hosts = frozenset({"127.0.0.1", "169.254.169.254", "10.0.0.1", ""})
            with pytest.raises(AddressRefused):
                await fetch(portal, manners=replace(MANNERS, hosts=hosts))

    async def test_to_a_host_that_is_not_the_sources(self, portal: Portal) -> None:
        portal.script("/", Reply(302, headers=(("Location", "https://login.example/"),)))
        with pytest.raises(AddressRefused, match=r"login\.example"):
            await fetch(portal)

    async def test_in_circles(self, portal: Portal) -> None:
        portal.script("/", Reply(302, headers=(("Location", "/"),)))
        with pytest.raises(SourceChanged, match="redirects more than"):
            await fetch(portal)
        assert len(portal.paths()) == 6

    async def test_within_the_portal_with_cookies_and_as_a_get(self, portal: Portal) -> None:
        portal.script(
            "/form", Reply(303, headers=(("Location", "/list?page=1"), ("Set-Cookie", "PHPSESSID=s1; Path=/")))
        )
        portal.script("/list", Reply(body=b"list"))
        answer = await fetch(portal, "/form", method="POST", content=b"a=1")
        assert answer.url == f"{portal.url}/list?page=1"
        last = portal.asked[-1]
        assert (last.method, last.body, last.headers["cookie"]) == ("GET", b"", "PHPSESSID=s1")

    async def test_cookies_are_a_sessions_own_and_can_be_forgotten(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"ok", headers=(("Set-Cookie", "SERVERID=w1; Path=/"),)))
        client = portal.client("s")
        async with client.session("s", MANNERS) as session:
            await session.fetch(Request(url=portal.url + "/"))
            await session.fetch(Request(url=portal.url + "/"))
            session.forget()
            await session.fetch(Request(url=portal.url + "/"))
        async with client.session("s", MANNERS) as session:
            await session.fetch(Request(url=portal.url + "/"))
        sent = [asked.headers.get("cookie") for asked in portal.asked if asked.path == "/"]
        assert sent == [None, "SERVERID=w1", None, None]


class TestConditional:
    async def test_not_modified_is_healthy_and_not_empty(self, portal: Portal) -> None:
        def page(asked) -> Reply:
            if asked.headers.get("if-none-match") == '"v1"':
                return Reply(304)
            return Reply(body=b"feed", headers=(("ETag", '"v1"'), ("Last-Modified", "Sun, 01 Nov 2026 08:00:00 GMT")))

        portal.route("/", page)
        first = await fetch(portal)
        again = await fetch(portal, known=first.validators)
        assert not first.unchanged
        assert again.unchanged
        assert again.validators == first.validators
        assert portal.asked[-1].headers["if-modified-since"] == "Sun, 01 Nov 2026 08:00:00 GMT"

    async def test_a_server_that_always_gives_a_new_tag_is_seen_through(self, portal: Portal) -> None:
        portal.script("/", *(Reply(body=b"feed", headers=(("ETag", f'"{n}"'),)) for n in range(3)))
        first = await fetch(portal)
        assert (await fetch(portal, known=first.validators)).unchanged

    async def test_304_without_a_condition_is_not_an_answer(self, portal: Portal) -> None:
        portal.script("/", Reply(304))
        with pytest.raises(SourceChanged):
            await fetch(portal)

    def test_no_validator_no_condition(self) -> None:
        assert Validators(sha256="ab").headers() == {}


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    """The handshake fails; nothing of the request is sent."""
    certificate, key = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    portal = Portal(port=port)
    async with server, portal.client("s").session("s", MANNERS) as session:
        with pytest.raises(SourceUnavailable, match="ConnectError"):
            await session.fetch(Request(url=f"https://127.0.0.1:{port}/"))
    assert [data for data in heard if data] == []


def _self_signed(folder: Path) -> tuple[Path, Path]:
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "c.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "k.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    return folder / "c.pem", folder / "k.pem"
