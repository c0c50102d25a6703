"""Web pages: a list with a counter, page after page, and a detail page for whatever is new on it.

The list is walked to its end first, as its pages live in a session that dies; then the details of what is new or has
changed are fetched, a few at a time. Whoever is killed walks the list again (a dozen requests) and fetches only the
details that were not stored yet, as ``known`` tells which were.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import zlib
from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

from scrapers.base import Haul, Run, Source
from scrapers.client import Answer, Session
from scrapers.details import detailed
from scrapers.errors import SourceChanged
from scrapers.payload import Bundle, Payload


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. ``snippet``: its own markup, which is kept; ``facts``: what tells a change of the notice."""

    ref: str
    snippet: bytes
    facts: tuple[str, ...]
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A digest of the facts."""
        return hashlib.sha256("\x1f".join(self.facts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a page of a list says. ``total``: its own counter; ``number``: which page it says it is, from 1."""

    rows: tuple[Row, ...]
    total: int | None
    last: bool
    number: int | None = None


class HtmlListing(Source):
    """A list and its details. ``passes``: how often a list that moves while it is read is walked at most.

    ``uncounted``: the list has no counter and no stable order. A page that brings nothing new is its end then, and it
    is walked again until nothing new turns up.
    """

    passes: ClassVar[int] = 3
    uncounted: ClassVar[bool] = False

    @abstractmethod
    async def first(self, run: Run) -> Answer:
        """The first page of the list, in a session of its own."""

    @abstractmethod
    async def following(self, session: Session, answer: Answer, number: int) -> Answer:
        """Page ``number``, asked for from the page before it."""

    @abstractmethod
    def listed(self, page: Payload) -> ListPage:
        """The rows of a page. Raises SourceChanged where its counter is missing: that is never an empty list."""

    async def details(self, run: Run, row: Row) -> tuple[Payload, ...]:  # noqa: ARG002
        """The pages about one notice, to be parsed together with its row."""
        return ()

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """The list until nothing new turns up on it, and then the details of what is new or changed."""
        wanted: dict[str, tuple[Row, bytes]] = {}
        seen: set[str] = set()
        for _ in range(self.passes):
            before = len(seen)
            total: int | None = None
            totals: set[int | None] = set()
            listed: set[str] = set()
            async for page in self._pages(run):
                total = page.total
                totals.add(total)
                listed.update(row.ref for row in page.rows)
                fresh = [row for row in page.rows if row.ref not in seen]
                seen.update(row.ref for row in fresh)
                changed = {row.ref: row for row in fresh if run.known(row.ref) != row.fingerprint}
                # A snippet of markup packs to a tenth; thousands of them wait here for their turn.
                wanted.update(
                    (ref, (Row(ref, b"", row.facts, row.context), zlib.compress(row.snippet, 1)))
                    for ref, row in changed.items()
                )
                refs = tuple(row.ref for row in fresh)
                yield Haul(refs=refs, items=0, expected=total, unchanged=len({*refs}) - len(changed))
                if self.uncounted and not fresh:
                    break
            # Where the counter moved, a row that was taken away may have drawn another one over the edge of a page.
            whole = not self.uncounted if total is None else len(totals) == 1 and len(listed) >= total
            if len(seen) == before or whole:
                break
        async for haul in detailed(wanted.values(), partial(self._detailed, run)):
            yield haul

    async def _pages(self, run: Run) -> AsyncGenerator[ListPage, None]:
        run.session.forget()
        answer = await self.first(run)
        counted = 0
        for number in itertools.count(2):
            page = await asyncio.to_thread(self.listed, self.payload(answer, "listing"))
            if counted and page.total == 0:
                raise SourceChanged(f"the list counted {counted} and then none: its session is lost")
            counted = page.total or 0
            if page.number is not None and page.number != number - 1:
                raise SourceChanged(f"page {number - 1} of the list was asked for and page {page.number} came")
            if not page.rows and not page.last and page.total:
                raise SourceChanged(f"page {number - 1} of the list is empty, and it is not the last")
            yield page
            if page.last or not page.rows:
                return
            answer = await self.following(run.session, answer, number)

    async def _detailed(self, run: Run, kept: tuple[Row, bytes]) -> Bundle:
        """A row with its pages; without a fingerprint that is stored, the next run asks again."""
        bare, packed = kept
        row = Row(bare.ref, zlib.decompress(packed), bare.facts, bare.context)
        pages = await self.details(run, row)
        head = Payload(source=self.name, kind="row", body=row.snippet, context=row.context)
        return Bundle((head, *pages), row.ref, row.fingerprint)
