"""Interfaces with pages: by a link, a token, a page number or an offset, over one window of time or many.

A source declares its first request and its paging; walking, resuming, counting and the detection of circles are here.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import ClassVar, Protocol
from urllib.parse import quote, urljoin

from scrapers.base import Haul, Run, Source
from scrapers.client import Request
from scrapers.cursor import Position
from scrapers.errors import SourceChanged
from scrapers.json_text import at, loads
from scrapers.payload import Bundle

_SHORTEST_WINDOW = dt.timedelta(minutes=15)
_LONGEST_TOKEN = 8_000
_ENDED: Position = {"ended": True}
"""Behind the last page: whoever is killed before the end is noted has nothing left to ask for."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one page lists: the ids of its items (or, where they have none, their number), and the whole's size."""

    refs: tuple[str, ...] = ()
    items: int = 0
    total: int | None = None

    @property
    def size(self) -> int:
        """How many items the page lists."""
        return len(self.refs) + self.items


class Paging(Protocol):
    """How the next page is found; its token is given to ``PagedApi.request``."""

    def after(self, document: object, page: Page, token: str | None, size: int) -> str | None:
        """The token of the page behind this one; None at the end. ``size`` is how many items a full page has."""


@dataclass(frozen=True, slots=True)
class NextLink:
    """The answer holds the next address, or a token for it."""

    path: tuple[str, ...] = ("links", "next")

    def after(self, document: object, page: Page, token: str | None, size: int) -> str | None:  # noqa: ARG002
        """The text under the path."""
        found = at(document, self.path)
        if found is not None and not isinstance(found, str):
            raise SourceChanged(f"{'.'.join(self.path)} is no text")
        return found if found and page.size else None


@dataclass(frozen=True, slots=True)
class PageNumber:
    """Pages are numbered; the last is shorter than a full one, or empty."""

    first: int = 1

    def after(self, document: object, page: Page, token: str | None, size: int) -> str | None:  # noqa: ARG002
        """The number of the next page."""
        return str(int(token or self.first) + 1) if page.size >= size else None


@dataclass(frozen=True, slots=True)
class Offset:
    """Pages begin at an offset, up to a total where one is told. ``most``: an offset the interface does not pass."""

    most: int | None = None

    def after(self, document: object, page: Page, token: str | None, size: int) -> str | None:  # noqa: ARG002
        """The offset of the next page."""
        reached = int(token or 0) + page.size
        if page.size == 0 or (page.size < size if page.total is None else reached >= page.total):
            return None
        if self.most is not None and reached + size > self.most:
            return None
        return str(reached)


class PagedApi(Source):
    """One window, page after page."""

    paging: Paging
    page_size: int = 100
    window: ClassVar[dt.timedelta | None] = None
    window_overlap: ClassVar[dt.timedelta] = dt.timedelta()

    @abstractmethod
    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:
        """The request of a window's first page (no token), or of the page that ``token`` names."""

    @abstractmethod
    def page(self, document: object) -> Page:
        """What a page lists. Raises SourceChanged where the document is not what this source sends."""

    def passed(self, document: object, since: dt.datetime) -> bool:  # noqa: ARG002 - for lists without a window
        """Whether a list that is sorted newest first has come behind the beginning of the window."""
        return False

    async def bundles(self, run: Run, bundle: Bundle, document: object) -> tuple[Bundle, ...]:  # noqa: ARG002
        """What is parsed of a page: itself, unless the source has to ask for more."""
        return (bundle,)

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """Window after window, page after page."""
        if run.position == _ENDED:
            return
        step = _Step.begun(run, self.window)
        asked: set[str] = set()
        listed: tuple[str, ...] = ()
        while True:
            answer = await run.session.fetch(self.request(step.since - self.window_overlap, step.until, step.token))
            document = loads(answer.body)
            page = self.page(document)
            over = self.passed(document, step.since - self.window_overlap)
            token = None if over else self.paging.after(document, page, step.token, self.page_size)
            if token and (token in asked or len(token) > _LONGEST_TOKEN or (page.refs and page.refs == listed)):
                raise SourceChanged(f"paging goes in circles: {token[:200]!r} leads nowhere new")
            asked, listed = ({*asked, token}, page.refs) if token else (set(), ())
            # A full page that says it is the last: some interfaces lose the way on, or the rest of a long window.
            torn = token is None and not over and page.total is None and page.size >= self.page_size
            total = (page.total or 0) if step.token is None else 0
            following = step.paged(token, total) if token else self._next(step, run.until, total, torn=torn)
            yield Haul(
                bundles=await self.bundles(run, Bundle((self.payload(answer),)), document),
                position=following.position() if following else dict(_ENDED),
                refs=page.refs,
                items=page.items,
                expected=None if page.total is None and not step.expected else step.expected + total,
                gap=f"a full page of {page.size} has none behind it" if torn and not self._halves(step) else None,
            )
            if following is None:
                return
            step = following

    def _halves(self, step: _Step) -> bool:
        return self.window is not None and step.until - step.since > _SHORTEST_WINDOW

    def _next(self, step: _Step, until: dt.datetime, total: int, *, torn: bool) -> _Step | None:
        """The window behind this one, or half of this one again where its last page may not have been the last."""
        if torn and self._halves(step):
            return _Step(step.since, step.since + (step.until - step.since) / 2, None, step.expected)
        if step.until >= until:
            return None
        end = min(step.until + self.window, until) if self.window else until
        return _Step(step.until, end, None, step.expected + total)


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a walk stands: a window, the token of the page to ask for, and what the windows before announced."""

    since: dt.datetime
    until: dt.datetime
    token: str | None
    expected: int

    @classmethod
    def begun(cls, run: Run, window: dt.timedelta | None) -> _Step:
        if run.position is None:
            return cls(run.since, min(run.since + window, run.until) if window else run.until, None, 0)
        note = run.position
        try:
            since, until = (dt.datetime.fromisoformat(str(note[name])) for name in ("since", "until"))
            token, expected = note.get("token"), note.get("expected", 0)
        except (KeyError, ValueError) as error:
            raise SourceChanged(f"the stored position cannot be read ({error})") from None
        return cls(
            since, until, token if isinstance(token, str) else None, expected if isinstance(expected, int) else 0
        )

    def paged(self, token: str, total: int) -> _Step:
        return _Step(self.since, self.until, token, self.expected + total)

    def position(self) -> Position:
        return {"since": self.since.isoformat(), "until": self.until.isoformat(), "token": self.token,
                "expected": self.expected}  # fmt: skip


def query(base: str, path: str, **parameters: str | int | None) -> str:
    """An address with its parameters, percent-encoded; those that are None are left out."""
    told = "&".join(
        f"{name}={quote(str(value), safe=':,')}" for name, value in parameters.items() if value is not None
    )  # fmt: skip
    return f"{base}{path}?{told}" if told else f"{base}{path}"


def linked(base: str, token: str) -> str:
    """The absolute address of a next link, which may be relative. Raises SourceChanged where it is no address."""
    try:
        return urljoin(f"{base}/", token)
    except ValueError as error:
        raise SourceChanged(f"the link to the next page is no address ({error})") from None
