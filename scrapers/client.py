"""The polite client: every request of every source goes through here, and nothing else opens a connection.

A request waits for its turn at its host, names who asks, keeps robots.txt, follows redirects only where its source may
go, is bounded in size and time, is tried again only where that is safe, and tells a refusal from a fault.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn

import httpx

from scrapers.errors import AddressRefused, BudgetSpent, SourceChanged, SourceRefused, SourceUnavailable
from scrapers.manners import Manners, Permit
from scrapers.net import AddressGuard, GuardedTransport
from scrapers.pace import Paces, Timing
from scrapers.robots import MAX_BYTES as ROBOTS_BYTES
from scrapers.robots import RobotsBook
from scrapers.transfer import ACCEPTED_ENCODINGS, BrokenTransfer, receive

ATTEMPTS = 3
MAX_REDIRECTS = 5
_TRIED_AGAIN = frozenset({408, 425, 500, 502, 503, 504, 520, 522, 524})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BACKOFF_SECONDS = 5.0
_LONGEST_WAIT = 24 * 3600.0
"""A server's slip of a Retry-After must not silence its host for years."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask "has it changed?" with, the digest of what it sent, and how long to leave it alone."""

    etag: str = ""
    last_modified: str = ""
    sha256: str = ""
    floor: float = 0.0  # seconds between two requests that the document itself asks for
    fresh_until: dt.datetime | None = None

    def headers(self) -> dict[str, str]:
        """The condition of a request."""
        told = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``repeatable``: a POST that only asks may be tried again like a GET.

    ``accept``: the statuses that are an answer; ``known``: ask only whether it has changed since.
    """

    url: str
    method: Literal["GET", "POST"] = "GET"
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    accept: frozenset[int] = frozenset({200})
    known: Validators | None = None
    max_bytes: int | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether asking twice does no harm."""
        return self.method == "GET" or self.repeatable


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``unchanged``: the server says so (and ``body`` is empty), or the digest does."""

    url: str
    status: int
    headers: httpx.Headers
    body: bytes
    validators: Validators
    unchanged: bool
    fetched_at: dt.datetime


@dataclass(frozen=True, slots=True)
class PoliteClient:
    """What all sources of a process share: hosts and their pace, robots.txt, the guard, the operator's permit.

    ``patience``: the longest wait in seconds before a crawl gives up its turn and is called again later.
    """

    permit: Permit
    guard: AddressGuard
    paces: Paces
    robots: RobotsBook
    timing: Timing
    patience: float

    @classmethod
    def of(
        cls, permit: Permit, *, guard: AddressGuard | None = None, timing: Timing | None = None, patience: float = 90.0
    ) -> PoliteClient:
        """A client with hosts of its own."""
        timing = timing or Timing()
        return cls(permit, guard or AddressGuard(), Paces(timing), RobotsBook(timing), timing, patience)

    @asynccontextmanager
    async def session(self, source: str, manners: Manners) -> AsyncIterator[Session]:
        """A conversation of one source with its portal: cookies, budget and connections of its own."""
        self.permit.check(source)
        transport = GuardedTransport(self.guard)
        timeout = httpx.Timeout(30.0, connect=15.0)
        async with httpx.AsyncClient(
            transport=transport, timeout=timeout, trust_env=False, headers=self.permit.headers()
        ) as http:
            yield Session(self, source, manners, http)


class Session:
    """Requests of one source in one run."""

    def __init__(self, client: PoliteClient, source: str, manners: Manners, http: httpx.AsyncClient) -> None:
        self._client = client
        self._source = source
        self._manners = manners
        self._http = http
        self.requests = 0

    def forget(self) -> None:
        """Begin anew for the portal: cookies are dropped."""
        self._http.cookies.clear()

    async def fetch(self, request: Request) -> Answer:
        """The answer to a request, in memory. Raises the SourceErrors."""
        return await self._ask(request, io.BytesIO())

    async def download(self, request: Request, path: Path) -> Answer:
        """The answer to a request as a file, for what may be larger than memory; ``body`` stays empty."""
        with path.open("wb") as file:
            return await self._ask(request, file)

    async def _ask(self, request: Request, sink: BinaryIO) -> Answer:
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS or not request.may_repeat
            sink.seek(0)
            sink.truncate()
            try:
                return await self._follow(request, sink)
            except (httpx.TransportError, BrokenTransfer, TimeoutError) as fault:
                if last:
                    named = f"{type(fault).__name__}: {fault}".rstrip(": ")
                    raise SourceUnavailable(f"{request.url} cannot be read ({named})") from fault
            except SourceUnavailable as busy:
                if last or (busy.retry_after or 0.0) > self._client.patience:
                    raise
            await self._client.timing.sleep(_BACKOFF_SECONDS * 2 ** (attempt - 1) * self._client.timing.chance())
        raise AssertionError("the last attempt returns or raises")

    async def _follow(self, request: Request, sink: BinaryIO) -> Answer:
        """One attempt, through its redirects."""
        first = _joined(httpx.URL(), request.url)
        url, method, content = first, request.method, request.content
        for _ in range(MAX_REDIRECTS + 1):
            self._judge_address(url, first)
            await self._keep_robots(url)
            if self.requests >= self._manners.requests_per_run:
                raise BudgetSpent(f"{self.requests} requests are this source's budget for one run")
            async with self._client.paces.turn(url.host, self._client.patience):
                self._client.permit.check(self._source)  # here, as a turn may have been long in coming
                self.requests += 1
                headers = {
                    "Accept-Encoding": ACCEPTED_ENCODINGS, **request.headers,
                    **(request.known.headers() if request.known else {}),
                }  # fmt: skip
                sent = self._http.build_request(method, url, headers=headers, content=content or None)
                async with asyncio.timeout(self._manners.deadline_seconds):
                    answer = await self._exchange(sent, request, sink)
            if isinstance(answer, Answer):
                return answer
            url = answer[0]
            if answer[1]:
                method, content = "GET", b""
        raise SourceChanged(f"{request.url} redirects more than {MAX_REDIRECTS} times")

    async def _exchange(self, sent: httpx.Request, request: Request, sink: BinaryIO) -> Answer | tuple[httpx.URL, bool]:
        """Send, and judge what comes; where to go instead, and whether as a GET, for a redirect."""
        answer = await self._http.send(sent, stream=True)
        try:
            if answer.status_code in _REDIRECTS and "location" in answer.headers:
                self._judge_headers(answer)
                target = _joined(sent.url, answer.headers["location"])
                return target, answer.status_code not in {307, 308}
            if answer.status_code == 304 and request.known:
                return self._answer(answer, b"", request.known, unchanged=True)
            if answer.status_code not in request.accept:
                self._raise_for(answer)
            self._judge_headers(answer)
            digest = await receive(answer, sink, request.max_bytes or self._manners.max_bytes)
        finally:
            await answer.aclose()
        body = sink.getvalue() if isinstance(sink, io.BytesIO) else b""
        if any(mark in body for mark in self._manners.refusal_marks):
            raise SourceRefused(f"{sent.url} answers with a page that refuses us")
        validators = Validators(
            answer.headers.get("etag", "")[:500], answer.headers.get("last-modified", "")[:100], digest
        )
        unchanged = request.known is not None and request.known.sha256 == digest
        return self._answer(answer, body, validators, unchanged=unchanged)

    def _answer(self, answer: httpx.Response, body: bytes, validators: Validators, *, unchanged: bool) -> Answer:
        now = self._client.timing.now()
        return Answer(
            str(answer.request.url), answer.status_code, answer.headers, body, validators, unchanged, now
        )  # fmt: skip

    def _judge_address(self, url: httpx.URL, first: httpx.URL) -> None:
        if url.scheme not in {"http", "https"} or (first.scheme == "https" and url.scheme != "https"):
            raise AddressRefused(f"{first} leads to {url.scheme}://{url.host}, away from https")
        if url.host not in self._manners.hosts:
            raise AddressRefused(f"{first} leads to {url.host}, which is not a host of {self._source}")

    async def _keep_robots(self, url: httpx.URL) -> None:
        origin = str(url.copy_with(raw_path=b"/", fragment=None, username=None, password=None)).rstrip("/")
        paces, manners = self._client.paces, self._manners
        paces.ask(url.host, interval=manners.interval_seconds, concurrency=manners.concurrency)
        try:
            rules = await self._client.robots.rules(origin, self._ask_robots)
        except (httpx.TransportError, BrokenTransfer, TimeoutError) as fault:
            raise SourceUnavailable(f"{origin}/robots.txt cannot be read ({type(fault).__name__})") from fault
        paces.ask(url.host, interval=rules.delay, concurrency=manners.concurrency)
        if manners.robots == "obeyed" and not rules.allows(str(url)):
            raise SourceRefused(f"robots.txt of {url.host} forbids {url.path}")

    async def _ask_robots(self, address: str) -> tuple[int, bytes]:
        """Status and body of robots.txt, wherever its redirects lead within the guard."""
        url = httpx.URL(address)
        for _ in range(MAX_REDIRECTS + 1):
            async with self._client.paces.turn(url.host, self._client.patience):
                async with asyncio.timeout(self._manners.deadline_seconds):
                    told = await self._read_robots(url)
            if not isinstance(told, httpx.URL):
                return told
            url = told
        return 404, b""  # RFC 9309: after five redirects it counts as one that is not there

    async def _read_robots(self, url: httpx.URL) -> tuple[int, bytes] | httpx.URL:
        asked = self._http.build_request("GET", url, headers={"Accept-Encoding": ACCEPTED_ENCODINGS})
        answer = await self._http.send(asked, stream=True)
        try:
            if answer.status_code in _REDIRECTS and "location" in answer.headers:
                return _joined(url, answer.headers["location"])
            body = io.BytesIO()
            await receive(answer, body, ROBOTS_BYTES, cut=True)
            return answer.status_code, body.getvalue()
        finally:
            await answer.aclose()

    def _judge_headers(self, answer: httpx.Response) -> None:
        for name in self._manners.refusal_headers:
            if name in answer.headers:
                raise SourceRefused(f"{answer.request.url} answers {answer.status_code} with the header {name}")

    def _raise_for(self, answer: httpx.Response) -> NoReturn:
        """The error that a status means for this source."""
        status, url = answer.status_code, answer.request.url
        if status in self._manners.slow_down:
            wait = max(self._manners.slow_down[status], self._retry_after(answer))
            self._client.paces.hold(url.host, wait)
            raise SourceUnavailable(f"{url} answers {status}: not so fast", retry_after=wait)
        self._judge_headers(answer)
        if status in self._manners.refusal_statuses:
            raise SourceRefused(f"{url} answers {status}")
        if status in _TRIED_AGAIN:
            wait = self._retry_after(answer)
            self._client.paces.hold(url.host, wait)
            raise SourceUnavailable(f"{url} answers {status}", retry_after=wait or None)
        raise SourceChanged(f"{url} answers {status}")

    def _retry_after(self, answer: httpx.Response) -> float:
        """Seconds that the server asks for, as a number or as a date; 0 where it asks for none."""
        written = answer.headers.get("retry-after", "").strip()
        if written.isascii() and written.isdecimal():
            return min(float(written[:9]), _LONGEST_WAIT)
        try:
            when = email.utils.parsedate_to_datetime(written)
        except (ValueError, OverflowError):
            return 0.0
        when = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
        return min(max(0.0, (when - self._client.timing.now()).total_seconds()), _LONGEST_WAIT)


def _joined(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return url.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceChanged(f"{location[:200]!r} is no address ({error})") from None
