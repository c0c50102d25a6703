"""Bodies, redirects and conditions: what the polite client makes of answers, good and bad."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import ssl
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from scrapers.client import Request, Validators
from scrapers.errors import (
    AddressRefused,
    AnswerTooLarge,
    SourceChanged,
    SourceUnavailable,
)  # fmt: skip
from tests.support.portal import MANNERS, Portal, Reply


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
        assert (await portal.fetch()).body == b"packed " * 100

    async def test_a_bomb_is_left_before_it_unfolds(self, portal: Portal) -> None:
        portal.script("/", Reply.packed(b"\0" * 50_000_000))
        with pytest.raises(AnswerTooLarge):
            await portal.fetch(manners=replace(MANNERS, max_bytes=1_000_000))
        assert portal.paths() == ["/"]

    @pytest.mark.parametrize("chunked", [False, True])
    async def test_a_long_body_with_and_without_its_length(self, portal: Portal, chunked: bool) -> None:
        portal.script("/", Reply(body=b"x" * 300_000, chunked=chunked))
        with pytest.raises(AnswerTooLarge):
            await portal.fetch(max_bytes=100_000)

    async def test_a_body_that_drips_is_cut_off_in_time(self, portal: Portal) -> None:
        portal.script("/", Reply(body=b"x" * 1_000, pause=0.02))
        began = asyncio.get_running_loop().time()
        with pytest.raises(SourceUnavailable):
            await portal.fetch(manners=replace(MANNERS, deadline_seconds=0.2), method="POST", content=b"a")
        assert asyncio.get_running_loop().time() - began < 10

    @pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "nonsense"])
    async def test_a_packing_that_nobody_asked_for(self, portal: Portal, encoding: str) -> None:
        portal.script("/", Reply(body=b"x", headers=(("Content-Encoding", encoding),)))
        with pytest.raises(SourceChanged):
            await portal.fetch()

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
                await portal.fetch(manners=replace(MANNERS, hosts=hosts))

    async def test_to_a_host_that_is_not_the_sources(self, portal: Portal) -> None:
        portal.script("/", Reply(302, headers=(("Location", "https://login.example/"),)))
        with pytest.raises(AddressRefused, match=r"login\.example"):
            await portal.fetch()

    async def test_in_circles(self, portal: Portal) -> None:
        portal.script("/", Reply(302, headers=(("Location", "/"),)))
        with pytest.raises(SourceChanged, match="redirects more than"):
            await portal.fetch()
        assert len(portal.paths()) == 6

    async def test_within_the_portal_with_cookies_and_as_a_get(self, portal: Portal) -> None:
        portal.script(
            "/form", Reply(303, headers=(("Location", "/list?page=1"), ("Set-Cookie", "PHPSESSID=s1; Path=/")))
        )
        portal.script("/list", Reply(body=b"list"))
        answer = await portal.fetch("/form", method="POST", content=b"a=1")
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
        first = await portal.fetch()
        again = await portal.fetch(known=first.validators)
        assert not first.unchanged
        assert again.unchanged
        assert again.validators == first.validators
        assert portal.asked[-1].headers["if-modified-since"] == "Sun, 01 Nov 2026 08:00:00 GMT"

    async def test_a_server_that_always_gives_a_new_tag_is_seen_through(self, portal: Portal) -> None:
        portal.script("/", *(Reply(body=b"feed", headers=(("ETag", f'"{n}"'),)) for n in range(3)))
        first = await portal.fetch()
        assert (await portal.fetch(known=first.validators)).unchanged

    async def test_304_without_a_condition_is_not_an_answer(self, portal: Portal) -> None:
        portal.script("/", Reply(304))
        with pytest.raises(SourceChanged):
            await portal.fetch()

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
