"""Outgoing HTTP to addresses that strangers name: the guard of ``scrapers.net``, with bounds on size, time and hops.

An address is judged when the connection to it is made, each hop of a redirect anew; nothing is sent but the request.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import io
import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Final, Self, TypeAlias
from urllib.parse import urljoin

import httpcore
import httpx

from app.kit.clock import Clock
from scrapers.errors import AddressRefused, AnswerTooLarge, SourceChanged
from scrapers.net import AddressGuard, GuardedTransport, Resolver, guarded_pool, resolve
from scrapers.transfer import ACCEPTED_ENCODINGS, BrokenTransfer, receive

MAX_REDIRECTS: Final = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CONNECT_SECONDS = 10.0
_PLAIN = ((b"Accept", b"*/*"), (b"Accept-Encoding", b"identity"))
_POSTING = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), _CONNECT_SECONDS)}
Before: TypeAlias = Callable[[str], Awaitable[None]]


class FetchFailed(Exception):
    """Nothing usable came back. ``code`` is stable: ``address``, ``too_large``, ``unavailable``, ``redirects``; of a
    POST ``address``, ``connect``, ``timeout``, ``protocol``.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def address_with_port(written: str) -> tuple[str, int]:
    """``10.0.0.5:8080`` as a guard's exception has it. Raises ValueError for anything else."""
    host, _, port = written.rpartition(":")
    try:
        return str(ipaddress.ip_address(host.strip("[]"))), int(port)
    except ValueError:
        raise ValueError(f"{written!r} is no address with its port, as in 10.0.0.5:8080") from None


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one answer may cost: bytes, over the line and unpacked, and seconds from the first hop to the last byte."""

    max_bytes: int = 4 * 1024 * 1024
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. ``url`` is where the redirects ended."""

    url: str
    status: int
    media_type: str
    body: bytes
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Posted:
    """What a POST was answered: the status, and the beginning of the body as it came over the line."""

    status: int
    retry_after: str | None
    body: bytes


class SafeHttp:
    """A client for a few requests; ``async with`` closes its connections. ``headers`` say who asks."""

    def __init__(
        self, headers: Mapping[str, str], clock: Clock, guard: AddressGuard, *, resolver: Resolver = resolve
    ) -> None:
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(guard, resolver=resolver),
            headers={**headers, "Accept-Encoding": ACCEPTED_ENCODINGS},
            timeout=httpx.Timeout(_CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
        )
        self._clock = clock
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._posting = guarded_pool(guard, resolver)

    async def __aenter__(self) -> Self:
        """Open nothing yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._client.aclose()
        await self._posting.aclose()

    async def get(self, url: str, limits: FetchLimits, *, before: Before | None = None) -> Fetched:
        """The answer to a GET, wherever its redirects lead within the guard. Any status but a redirect is an answer.

        ``before`` is asked for leave before each hop, with its address; it raises FetchFailed to refuse.

        Raises:
            FetchFailed: the address may not be asked, or nothing whole came back within the limits.
        """
        try:
            async with asyncio.timeout(limits.seconds):
                return await self._follow(url, limits, before)
        except AddressRefused as refused:
            raise FetchFailed("address", str(refused)) from refused
        except AnswerTooLarge as large:
            raise FetchFailed("too_large", str(large)) from large
        except TimeoutError as slow:
            raise FetchFailed("unavailable", f"no whole answer came within {limits.seconds:.0f} seconds") from slow
        except (httpx.HTTPError, BrokenTransfer, SourceChanged) as broken:
            raise FetchFailed("unavailable", f"the server could not be read ({type(broken).__name__})") from broken
        except (httpx.InvalidURL, ValueError) as wrong:
            raise FetchFailed("address", "that is no address") from wrong

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], limits: FetchLimits) -> Posted:
        """Post ``body``, byte for byte; redirects are answers. Of the answer no more than ``max_bytes`` are read: once
        the status is there, nothing that the body does changes it.

        Raises:
            FetchFailed: the address may not be asked, or no status came within the limits.
        """
        deadline = asyncio.get_running_loop().time() + limits.seconds
        try:
            host, target = _target(url)
            named = [(name.encode(), value.encode()) for name, value in headers.items()]
            length = (b"Content-Length", str(len(body)).encode())
            request = httpcore.Request(
                b"POST", target, headers=[host, *self._headers, *_PLAIN, length, *named], content=body,
                extensions=_POSTING,
            )  # fmt: skip
            async with asyncio.timeout_at(deadline):
                answer = await self._posting.handle_async_request(request)
        except AddressRefused as refused:
            raise FetchFailed("address", str(refused)) from refused
        except (TimeoutError, httpcore.TimeoutException) as slow:
            raise FetchFailed("timeout", f"no answer came within {limits.seconds:.0f} seconds") from slow
        except httpcore.ConnectError as failed:
            raise FetchFailed("connect", "no connection could be made") from failed
        except (httpcore.NetworkError, httpcore.ProtocolError) as broken:
            raise FetchFailed("protocol", f"the answer could not be read ({type(broken).__name__})") from broken
        except (httpx.InvalidURL, ValueError) as wrong:
            raise FetchFailed("address", "that is no address") from wrong
        after = next((value for name, value in answer.headers if name.lower() == b"retry-after"), None)
        beginning = await _beginning(answer, limits.max_bytes, deadline)
        return Posted(answer.status, None if after is None else after.decode("latin-1"), beginning)

    async def _follow(self, url: str, limits: FetchLimits, before: Before | None) -> Fetched:
        secure = url.startswith("https:")
        for _ in range(MAX_REDIRECTS + 1):
            if secure and not url.startswith("https:"):
                raise AddressRefused(f"{url[:200]} leads away from https")
            if before is not None:
                await before(url)
            answer = await self._client.send(self._client.build_request("GET", url), stream=True)
            try:
                if answer.status_code in _REDIRECTS and "location" in answer.headers:
                    url = urljoin(url, answer.headers["location"])
                    secure = secure or url.startswith("https:")
                    continue
                sink = io.BytesIO()
                await receive(answer, sink, limits.max_bytes)
                media_type = answer.headers.get("content-type", "").partition(";")[0].strip().casefold()
                return Fetched(str(answer.url), answer.status_code, media_type, sink.getvalue(), self._clock())
            finally:
                await answer.aclose()
        raise FetchFailed("redirects", f"the address redirects more than {MAX_REDIRECTS} times")


@lru_cache(maxsize=1_024)
def _target(url: str) -> tuple[tuple[bytes, bytes], httpcore.URL]:
    """The Host header and the address of a request, as httpx reads and writes them.

    Raises:
        httpx.InvalidURL: it is none.
        AddressRefused: another scheme than HTTP's.
    """
    read = httpx.URL(url)
    if read.scheme not in {"http", "https"}:
        raise AddressRefused("only http and https are spoken")
    target = httpcore.URL(scheme=read.raw_scheme, host=read.raw_host, port=read.port, target=read.raw_path)
    return (b"Host", read.netloc), target


async def _beginning(answer: httpcore.Response, size: int, deadline: float) -> bytes:
    """The first bytes of an answer's body, however it ends; the answer is closed."""
    found = bytearray()
    try:
        with contextlib.suppress(
            httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, TimeoutError
        ):
            async with asyncio.timeout_at(deadline):
                async for part in answer.aiter_stream():
                    found += part
                    if len(found) >= size:
                        break
    finally:
        await answer.aclose()
    return bytes(found[:size])
