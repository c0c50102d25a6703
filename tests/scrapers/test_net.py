"""The address guard: nothing on this side of the internet can be reached, whatever name or redirect leads there."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import AddressRefused
from scrapers.net import AddressGuard, GuardedTransport, is_public

PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254",
    "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::", "2001:db8::1", "fec0::1",
    "100::1", "3fff::1",
]  # fmt: skip
PUBLIC = ["93.184.215.14", "8.8.8.8", "196.200.160.1", "2a00:1450:4007::200e", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_that_are_never_reached(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_of_the_open_internet(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    translated = ipaddress.IPv6Address(bytes.fromhex("0064ff9b" + "00" * 8) + address.packed)
    assert is_public(mapped) == is_public(translated) == is_public(address)


def answering(*answers: list[str]):
    """A resolver that says something else each time it is asked."""
    left = list(answers)

    async def told(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return told


class TestGuard:
    async def test_one_private_address_among_public_ones_refuses_the_name(self) -> None:
        with pytest.raises(AddressRefused, match=r"^portal\.example does not lead to a public address$"):
            await AddressGuard().addresses("portal.example", 443, answering(["8.8.8.8", "10.0.0.1"]))

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "[::1]", "[fe80::1%eth0]", "[::ffff:7f00:1]", "2130706433", "0x7f.1", "127.1", "localhost"],
    )
    async def test_every_way_to_write_loopback(self, host: str) -> None:
        with pytest.raises(AddressRefused):
            await AddressGuard().addresses(host, 443)

    @pytest.mark.parametrize("port", [22, 25, 6379, 8000, 5432, 0])
    async def test_odd_ports(self, port: int) -> None:
        with pytest.raises(AddressRefused, match="port"):
            await AddressGuard().addresses("8.8.8.8", port)

    async def test_an_exception_is_one_address_and_one_port(self) -> None:
        guard = AddressGuard(exceptions=frozenset({("127.0.0.1", 4711)}))
        assert await guard.addresses("127.0.0.1", 4711) == ["127.0.0.1"]
        for host, port in (("127.0.0.1", 4712), ("127.0.0.2", 4711), ("10.0.0.1", 4711)):
            with pytest.raises(AddressRefused):
                await guard.addresses(host, port)


class TestTransport:
    async def test_the_connection_goes_to_the_address_that_was_judged(self) -> None:
        """The second answer of the name would lead elsewhere: nobody asks for it."""
        heard: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        guard = AddressGuard(exceptions=frozenset({("127.0.0.1", port)}))
        async with server:
            async with _client(guard, answering(["127.0.0.1"], ["10.0.0.1"])) as client:
                answer = await client.get(f"http://portal.example:{port}/")
            async with _client(guard, answering(["10.0.0.1"], ["127.0.0.1"])) as client:
                with pytest.raises(AddressRefused):
                    await client.get(f"http://portal.example:{port}/")
        assert answer.text == "ok"
        assert b"Host: portal.example" in heard[0]
        assert len(heard) == 1

    @pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/"])
    async def test_nothing_is_connected(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        def forbidden(*_: object) -> None:
            raise AssertionError("a socket was connected")

        monkeypatch.setattr(socket.socket, "connect", forbidden)
        async with _client(AddressGuard()) as client:
            with pytest.raises(AddressRefused):
                await client.get(url)

    async def test_names_without_an_address_are_a_fault_of_the_connection(self) -> None:
        async def nothing(host: str, port: int) -> list[str]:
            raise socket.gaierror(-2, "Name or service not known")

        async with _client(AddressGuard(), nothing) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get("https://portal.example/")

    async def test_other_schemes(self) -> None:
        async with GuardedTransport(AddressGuard()) as transport:
            with pytest.raises(AddressRefused):
                await transport.handle_async_request(httpx.Request("GET", "ftp://8.8.8.8/"))


def _client(guard: AddressGuard, resolver=None) -> httpx.AsyncClient:
    transport = GuardedTransport(guard, resolver=resolver) if resolver else GuardedTransport(guard)
    return httpx.AsyncClient(transport=transport, trust_env=False)
