"""A startup's own website, read politely: its start page and a few pages behind it, within robots.txt and the guard."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit

from app.files.documents import DocumentKind, Piece
from app.files.errors import FileError
from app.files.texts import read_text
from app.kit.clock import Clock
from app.kit.safe_http import Fetched, FetchFailed, FetchLimits, SafeHttp
from scrapers.errors import SourceError
from scrapers.net import AddressGuard, Resolver, resolve
from scrapers.pace import Timing
from scrapers.robots import MAX_BYTES as ROBOTS_BYTES
from scrapers.robots import RobotsBook

MAX_PAGES: Final = 5
PAGE_LIMITS: Final = FetchLimits()
_ROBOTS_LIMITS = FetchLimits(max_bytes=ROBOTS_BYTES, seconds=15.0)
_LEAST_PAUSE, _LONGEST_PAUSE = 1.0, 10.0
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TELLING = re.compile(
    r"about|a-?propos|qui-sommes|company|entreprise|societe|startup|service|solution|produit|product|offre|metier"
    r"|expertise|secteur|reference|realisation|client|projet|project|من-?نحن|خدمات|حلول|منتجات",
    re.IGNORECASE,
)
_NO_PAGE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|jpe?g|png|gif|svg|webp|mp4|css|js|xml|json)$", re.IGNORECASE)


class Page(NamedTuple):
    """A page that was read."""

    address: str
    at: dt.datetime
    sha256: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Visitor:
    """How websites are visited. ``headers`` say who asks; ``pause`` is between two pages, at least a second."""

    headers: Mapping[str, str]
    clock: Clock
    guard: AddressGuard = field(default_factory=AddressGuard)
    resolver: Resolver = resolve
    limits: FetchLimits = PAGE_LIMITS
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def visit(self, address: str) -> list[Page]:
        """The start page, and up to four more of the same site that tell of the firm.

        Raises:
            FetchFailed: the start page may not be read, is not there, or is no page of text. What is wrong with a
                further page only leaves that page out.
        """
        async with SafeHttp(self.headers, self.clock, self.guard, resolver=self.resolver) as http:
            visit = _Visit(self, http, RobotsBook(Timing()))
            pages = [await visit.page(address)]
            for further in further_pages(pages[0])[: MAX_PAGES - 1]:
                try:
                    await self.pause(visit.delay)
                    pages.append(await visit.page(further))
                except FetchFailed:
                    continue
            return pages


@dataclass(slots=True)
class _Visit:
    """One visit: what robots.txt of its hosts say is asked for once."""

    visitor: Visitor
    http: SafeHttp
    robots: RobotsBook
    delay: float = _LEAST_PAUSE

    async def page(self, address: str) -> Page:
        answer = await self.http.get(address, self.visitor.limits, before=self._ask_leave)
        if answer.status != 200:
            raise FetchFailed("unavailable", f"the server answers {answer.status}")
        if answer.media_type not in _HTML:
            raise FetchFailed("no_page", "the address leads to something else than a web page")
        with tempfile.TemporaryDirectory(prefix="safqa-page-") as folder:
            path = Path(folder) / "page.html"
            path.write_bytes(answer.body)
            try:
                pieces = await read_text(path, DocumentKind.HTML)
            except FileError as wrong:
                raise FetchFailed("no_page", f"the page {wrong.reason}") from wrong
        return Page(answer.url, answer.at, hashlib.sha256(answer.body).hexdigest(), pieces)

    async def _ask_leave(self, address: str) -> None:
        """Keep robots.txt of whichever host an address or a redirect leads to. Raises FetchFailed."""
        parts = urlsplit(address)
        try:
            rules = await self.robots.rules(f"{parts.scheme}://{parts.netloc}", self._read_robots)
        except SourceError as told:
            raise FetchFailed("robots", f"the site's robots.txt can't be read or is refused ({told.code})") from told
        if not rules.allows(address) or rules.delay > _LONGEST_PAUSE:
            raise FetchFailed("robots", "the site's robots.txt asks us not to read this page")
        self.delay = max(_LEAST_PAUSE, rules.delay)

    async def _read_robots(self, address: str) -> tuple[int, bytes]:
        answer: Fetched = await self.http.get(address, _ROBOTS_LIMITS)
        return answer.status, answer.body


def further_pages(start: Page) -> list[str]:
    """Addresses of the same site that a page links to, the most telling first, each once."""
    home = urlsplit(start.address)
    found: dict[str, None] = {}
    for piece in start.pieces:
        if piece.kind != "link":
            continue
        try:
            address = urldefrag(urljoin(start.address, piece.text.strip())).url
            parts = urlsplit(address)
            same = (parts.scheme, parts.port, _site(parts.hostname)) == (home.scheme, home.port, _site(home.hostname))
        except ValueError:
            continue
        if same and not parts.username and _TELLING.search(parts.path) and not _NO_PAGE.search(parts.path):
            found[address] = None
    found.pop(urldefrag(start.address).url, None)
    return sorted(found, key=lambda address: (urlsplit(address).path.count("/"), len(address)))


def _site(host: str | None) -> str:
    return (host or "").removeprefix("www.")
