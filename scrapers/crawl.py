"""One run of a source: batches of records with the cursor that belongs to them, and a report of how complete it was.

The consumer stores a batch and its cursor in one transaction; whenever it is killed, the next run goes on behind the
last batch that was stored.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field

from scrapers.base import Haul, Parsed, Run, Source
from scrapers.client import PoliteClient, Session
from scrapers.cursor import Cursor, OpenRun, Stop, Tally
from scrapers.errors import SourceChanged, SourceError, SourceRefused, SourceUnavailable
from scrapers.payload import Bundle, Rejection
from scrapers.report import CrawlReport, Outcome

_ODD_PAGES = 5


def _nothing_known(ref: str) -> str | None:  # noqa: ARG001 - the shape of a lookup
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a run; without ``since`` it goes on from the cursor.

    ``sample``: stop after that many records and leave the cursor where it was. ``known(ref)``: the fingerprint with
    which a notice was last stored. ``open``: the notices that were listed last time and had not vanished by then.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    sample: int | None = None
    known: Callable[[str], str | None] = _nothing_known
    open: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Batch:
    """What belongs into one transaction: bundles with what was parsed from each, every id listed, and the cursor.

    The last batch of a run has ``final`` set and no bundles; its cursor and the report tell how the run ended.
    """

    bundles: tuple[tuple[Bundle, tuple[Parsed, ...]], ...]
    refs: tuple[str, ...]
    cursor: Cursor
    final: bool = False


@dataclass(slots=True)
class Crawl:
    """One run of ``source``. Iterate ``batches()``; ``report`` is whole after the final batch."""

    source: Source
    client: PoliteClient
    cursor: Cursor = field(default_factory=Cursor)
    order: Order = field(default_factory=Order)
    report: CrawlReport = field(init=False)
    _run: OpenRun = field(init=False)
    _refs: set[str] = field(default_factory=set)
    _odd: int = 0

    def __post_init__(self) -> None:
        now = self.client.timing.now()
        self._run = self._opened(now)
        self.report = CrawlReport(self.source.name, now, self._run.since, self._run.until, self._run.tally)

    def _opened(self, now: dt.datetime) -> OpenRun:
        """The run to go on with, or a new one behind the mark."""
        order, cursor = self.order, self.cursor
        if cursor.run and order.since is None and order.until is None and order.sample is None:
            # Without a position the walk begins anew, and so does its counting.
            return cursor.run if cursor.run.position else cursor.run.model_copy(update={"tally": Tally(), "gap": None})
        until = order.until or now
        behind = cursor.mark - self.source.overlap if cursor.mark else until - dt.timedelta(days=self.source.first_days)
        since = order.since or behind
        if cursor.run and cursor.mark is None and order.sample is None:
            since = min(since, cursor.run.since)  # what the first run of all has not reached must not be left out
        return OpenRun(started=now, since=min(since, until), until=until)

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """The batches of this run. Raises SourceDisabled; every other end is in the report."""
        if self.cursor.stop:
            self._end("refused", SourceRefused.code, f"stopped since {self.cursor.stop.at}: {self.cursor.stop.reason}")
            yield Batch((), (), self.cursor, final=True)
            return
        hauls = 0
        async with self.client.session(self.source.name, self.source.manners) as session:
            try:
                async with aclosing(self._hauls(session)) as found:
                    async for batch in found:
                        hauls += 1
                        yield batch
                        if self._sampled():
                            break
                self._judge()
            except SourceError as error:
                self._failed(error, hauls)
        yield Batch((), (), self._last_cursor(), final=True)

    async def _hauls(self, session: Session) -> AsyncGenerator[Batch, None]:
        run = Run(
            session=session,
            since=self._run.since,
            until=self._run.until,
            position=self._run.position,
            known=self.order.known,
            open=self.order.open,
            validators=dict(self.cursor.known),
        )
        asked_before = self._run.tally.requests
        async with aclosing(self.source.walk(run)) as walk:
            async for haul in walk:
                parsed = await asyncio.to_thread(self._all_parsed, haul.bundles)
                self._count(haul, sum(len(found) for _, found in parsed), asked_before + session.requests)
                self._run = self._run.model_copy(
                    update={"position": haul.position, "tally": self.report.tally, "gap": self._run.gap or haul.gap}
                )
                if self.order.sample is None:
                    self.cursor = self.cursor.model_copy(update={"run": self._run, "known": dict(run.validators)})
                yield Batch(parsed, haul.refs, self.cursor)

    def _all_parsed(self, bundles: tuple[Bundle, ...]) -> tuple[tuple[Bundle, tuple[Parsed, ...]], ...]:
        """Work for a thread: a page of several megabytes would keep an API beside the crawl from answering."""
        return tuple((bundle, tuple(self._parsed(bundle))) for bundle in bundles)

    def _parsed(self, bundle: Bundle) -> Iterator[Parsed]:
        """The records of a bundle, counted. One notice's odd page is a rejection, several in a row a changed source."""
        try:
            for found in self.source.parse(bundle):
                if self._sampled():
                    return
                self.report.count([found])
                yield found
            self._odd = 0
        except SourceChanged as error:
            self._odd += 1
            if not bundle.ref or self._odd >= _ODD_PAGES:
                raise
            rejection = Rejection("page.changed", str(error), bundle.ref)
            self.report.count([rejection])
            yield rejection

    def _count(self, haul: Haul, parsed: int, requests: int) -> None:
        fresh = [ref for ref in dict.fromkeys(haul.refs) if ref not in self._refs]
        self._refs.update(fresh)
        items = haul.items if haul.items is not None else 0 if haul.refs else parsed
        tally = self.report.tally
        self.report.tally = tally.model_copy(
            update={
                "expected": haul.expected if haul.expected is not None else tally.expected,
                "seen": tally.seen + len(fresh) + items,
                "unchanged": tally.unchanged + haul.unchanged,
                "requests": requests,
            }
        )

    def _sampled(self) -> bool:
        return self.order.sample is not None and self.report.tally.parsed >= self.order.sample

    def _judge(self) -> None:
        """The walk has ended by itself: was that all?"""
        tally = self.report.tally
        if self.order.sample is not None:
            self._end("partial", "sample", f"stopped after {tally.parsed} records, as asked")
        elif self._run.gap:
            self._end("partial", "no_end", self._run.gap)
        elif tally.expected is not None and tally.seen < tally.expected:
            self._end("partial", "short_count", f"the source announced {tally.expected} and listed {tally.seen}")
        else:
            self._end("complete", None, "")

    def _failed(self, error: SourceError, hauls: int) -> None:
        if isinstance(error, SourceRefused):
            stop = Stop(at=self.client.timing.now(), reason=str(error)[:500])
            self.cursor = self.cursor.model_copy(update={"stop": stop})
            self._end("refused", error.code, str(error))
            return
        if isinstance(error, SourceUnavailable):
            self.report.retry_after = error.retry_after
        if isinstance(error, SourceChanged) and hauls == 0 and self._run.position is not None:
            # The position itself may be what is wrong (a token that has expired): the window begins anew next time.
            self._run = self._run.model_copy(update={"position": None})
            self.cursor = self.cursor.model_copy(update={"run": self._run})
        self._end("partial", error.code, str(error))

    def _last_cursor(self) -> Cursor:
        """Everything up to the end of a complete run has been brought in; what is unfinished goes on."""
        if self.report.outcome == "complete":
            mark = self.cursor.mark
            if mark is None or self._run.since <= mark:  # a window beyond the mark leaves a hole before it
                mark = max(mark or self._run.until, self._run.until)
            self.cursor = self.cursor.model_copy(update={"mark": mark, "run": None})
        elif self.report.reason in {"no_end", "short_count"}:
            # The walk reached its end and yet not everything came: only the whole window again can mend that.
            self.cursor = self.cursor.model_copy(update={"run": None})
        return self.cursor

    def _end(self, outcome: Outcome, reason: str | None, detail: str) -> None:
        self.report.end(outcome, reason, detail, self.client.timing.now())
