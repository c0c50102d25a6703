"""The client for strangers' addresses against a hostile server on loopback, and a resolver that lies."""

from __future__ import annotations

import pytest

from app.kit.clock import utc_now
from app.kit.safe_http import Fetched, FetchFailed, FetchLimits, SafeHttp
from scrapers.net import AddressGuard
from tests.support.portal import Portal, Reply

SMALL = FetchLimits(max_bytes=50_000, seconds=2.0)


@pytest.fixture
async def portal():
    async with Portal() as running:
        yield running


async def get(portal: Portal, path: str = "/", limits: FetchLimits = SMALL, **more: object) -> Fetched:
    address = path if path.startswith("http") else portal.url + path
    async with SafeHttp({"User-Agent": "Safqa/test"}, utc_now, more.pop("guard", portal.guard), **more) as http:  # type: ignore[arg-type]
        return await http.get(address, limits)


async def test_an_answer_comes_whole_and_says_who_asked(portal: Portal) -> None:
    portal.script("/", Reply.html("<p>Bonjour</p>"))
    answer = await get(portal)
    assert (answer.status, answer.media_type, answer.body) == (200, "text/html", b"<p>Bonjour</p>")
    assert portal.asked[0].headers["user-agent"] == "Safqa/test"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/", "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/", "http://[::1]/", "http://10.0.0.1/", "http://0.0.0.0/", "http://2130706433/",
        "http://0x7f.1/", "file:///etc/passwd", "ftp://portail.example/", "gopher://127.0.0.1/", "http://localhost:1/",
    ],
)  # fmt: skip
async def test_a_redirect_leads_into_no_private_network(portal: Portal, target: str) -> None:
    portal.script("/", Reply(302, headers=(("Location", target),)))
    with pytest.raises(FetchFailed) as failed:
        await get(portal)
    assert failed.value.code == "address"
    with pytest.raises(FetchFailed):
        await get(portal, target)


async def test_a_name_that_leads_inside_is_refused_whenever_it_does(portal: Portal) -> None:
    """DNS rebinding: the name leads to a judged address first, and inside when the connection is made."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked: list[str] = []

    async def lying(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    assert await AddressGuard().addresses("rebinding.example", 80, lying) == ["93.184.216.34"]
    with pytest.raises(FetchFailed) as failed:
        await get(portal, "http://rebinding.example/", guard=AddressGuard(), resolver=lying)
    assert failed.value.code == "address"
    assert "127.0.0.1" not in failed.value.reason  # whoever named it would learn the addresses of names inside
    assert asked == ["rebinding.example"] * 2
    assert portal.asked == []


async def test_one_private_address_among_public_ones_is_enough(portal: Portal) -> None:
    async def mixed(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "::ffff:169.254.169.254"]

    with pytest.raises(FetchFailed) as failed:
        await get(portal, "http://mixed.example/", guard=AddressGuard(), resolver=mixed)
    assert failed.value.code == "address"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"x" * 100_000),
        Reply(200, b"x" * 10, announce=1_000_000_000),
        Reply(200, b"x" * 100_000, chunked=True),
        Reply.packed(b"\0" * 10_000_000),
    ],
    ids=["large", "announced", "chunked", "packed"],
)
async def test_too_much_is_refused(portal: Portal, reply: Reply) -> None:
    portal.script("/", reply)
    with pytest.raises(FetchFailed) as failed:
        await get(portal)
    assert failed.value.code == "too_large"


async def test_a_body_that_drips_ends_in_time(portal: Portal) -> None:
    portal.script("/", Reply(200, b"x" * 1_000, pause=0.05))
    with pytest.raises(FetchFailed) as failed:
        await get(portal, limits=FetchLimits(seconds=0.3))
    assert failed.value.code == "unavailable"


@pytest.mark.parametrize("reply", [Reply(200, b"x" * 100, cut=10), Reply(200, b"xx", (("Content-Encoding", "gzip"),))])
async def test_a_broken_answer_is_no_answer(portal: Portal, reply: Reply) -> None:
    portal.script("/", reply)
    with pytest.raises(FetchFailed) as failed:
        await get(portal)
    assert failed.value.code == "unavailable"


async def test_redirects_end(portal: Portal) -> None:
    portal.script("/", Reply(302, headers=(("Location", "/"),)))
    with pytest.raises(FetchFailed) as failed:
        await get(portal)
    assert failed.value.code == "redirects"


@pytest.mark.parametrize("address", ["http://[", "http://", "https://x:99999/", "http://exa mple/", "nonsense"])
async def test_what_is_no_address_is_refused(portal: Portal, address: str) -> None:
    async with SafeHttp({}, utc_now, AddressGuard()) as http:
        with pytest.raises(FetchFailed):
            await http.get(address, SMALL)
