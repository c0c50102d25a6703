"""Where a request may go: every address is judged when the connection is made, never only when it is configured.

A name is resolved once, each of its addresses is judged, and the connection goes to an address that was judged: a name
that answers differently a moment later (DNS rebinding) gains nothing. The pool of connections sits on this, so that
redirects and every other hop pass through the same gate.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import httpcore
import httpx

from scrapers.errors import AddressRefused

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "240.0.0.0/4", "::/96", "64:ff9b:1::/48", "100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
    )
)  # fmt: skip
"""Beyond what ``is_global`` knows on every Python: shared and documentation ranges, and the one public address at
which a cloud provider answers its machines as their host."""

_CONNECTIONS, _KEPT_SECONDS = 4, 20


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system tells them, in its order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def inner(address: IpAddress) -> Iterator[IpAddress]:
    """What has to be judged: the address, or the IPv4 address that it stands for (mapped, NAT64), or both (6to4)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            yield address.ipv4_mapped
            return
        if address in _NAT64:
            yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
            return
        if address.sixtofour:
            yield address.sixtofour
        if address.teredo:
            yield from address.teredo
    yield address


def is_public(address: IpAddress) -> bool:
    """Whether an address lies in the open internet, itself and whatever it stands for."""
    return all(
        part.is_global and not part.is_multicast and not part.is_reserved and not _lies_in(part, _NEVER)
        for part in inner(address)
    )


def _lies_in(address: IpAddress, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


@dataclass(frozen=True, slots=True)
class AddressGuard:
    """The rule: public addresses on the usual ports.

    ``exceptions`` are pairs of address and port that are allowed although they are not public: tests allow their own
    portal on loopback by it, and nothing else does.
    """

    ports: frozenset[int] = frozenset({80, 443})
    exceptions: frozenset[tuple[str, int]] = frozenset()

    async def addresses(self, host: str, port: int, resolver: Resolver = resolve) -> list[str]:
        """Where a connection to ``host`` may go. Raises AddressRefused, and OSError where the name has no address.

        One private address among several refuses the name: an honest portal has none.
        """
        literal = host.strip("[]")
        try:
            found = [str(ipaddress.ip_address(literal.partition("%")[0]))]
        except ValueError:
            found = await resolver(host, port)
        if not found:
            raise OSError(f"{host} has no address")
        for text in found:
            self._judge(host, text.partition("%")[0], port)
        return found

    def _judge(self, host: str, text: str, port: int) -> None:
        address = ipaddress.ip_address(text)
        if any((str(part), port) in self.exceptions for part in inner(address)):
            return
        if not is_public(address):
            # Not which one: the sentence is told to whoever named the host, and names inside are nobody's to look up.
            raise AddressRefused(f"{host} does not lead to a public address")
        if port not in self.ports:
            raise AddressRefused(f"{host} is asked for on port {port}; only {sorted(self.ports)} are used")


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to judged addresses only, one after the other until one answers."""

    def __init__(self, guard: AddressGuard, resolver: Resolver) -> None:
        self._guard = guard
        self._resolver = resolver
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await asyncio.wait_for(self._guard.addresses(host, port, self._resolver), timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"{host} could not be resolved in time") from None
        except OSError as error:
            raise httpcore.ConnectError(f"{host} could not be resolved ({error})") from None
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


@lru_cache(maxsize=1)
def _verifying() -> ssl.SSLContext:
    """Verifies against the certificates that come along; made once, as reading them takes a tenth of a second."""
    return httpx.create_ssl_context()


def guarded_pool(guard: AddressGuard, resolver: Resolver = resolve) -> httpcore.AsyncConnectionPool:
    """Connections that pass the guard, for many small requests: what httpx adds to each costs as much as sending it."""
    return httpcore.AsyncConnectionPool(
        ssl_context=_verifying(),
        max_connections=_CONNECTIONS,
        keepalive_expiry=_KEPT_SECONDS,
        network_backend=_GuardedBackend(guard, resolver),
    )


class GuardedTransport(httpx.AsyncBaseTransport):
    """A pool of connections whose every connection passes the guard; TLS is always verified, proxies are not used."""

    def __init__(self, guard: AddressGuard, *, resolver: Resolver = resolve) -> None:
        self._pool = guarded_pool(guard, resolver)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; httpcore's errors become httpx's. Raises AddressRefused."""
        if request.url.scheme not in {"http", "https"}:
            raise AddressRefused(f"{request.url.scheme}: is not how portals are read")
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        sent = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        with _as_httpx(request):
            answer = await self._pool.handle_async_request(sent)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer, request), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx(self._request):
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        await self._answer.aclose()


@contextlib.contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """Errors of httpcore under the names that users of httpx know."""
    try:
        yield
    except httpcore.TimeoutException as error:
        named = {"ConnectTimeout": httpx.ConnectTimeout, "PoolTimeout": httpx.PoolTimeout}
        raise named.get(type(error).__name__, httpx.ReadTimeout)(str(error), request=request) from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error), request=request) from error
    except httpcore.NetworkError as error:
        raise httpx.ReadError(str(error), request=request) from error
    except httpcore.ProtocolError as error:
        raise httpx.RemoteProtocolError(str(error), request=request) from error
