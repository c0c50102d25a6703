"""A run of a source into the database: begun or gone on with, batch by batch, to an end that says how complete it was.

The command line and the worker do the same by it. Whoever is killed goes on behind the last batch that was committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from contextlib import aclosing
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.base import JsonObject
from app.db.session import Sessions, driver_connection, unit_of_work
from app.kit.clock import Clock
from app.kit.observability import get_logger
from app.models.crawl_run import CrawlKind, CrawlOutcome, CrawlRun
from app.models.source_state import SourceState
from app.sources import payloads
from app.sources.drifting import added, drift_of, fills_from, stored_fills, tell_drift
from app.sources.guarding import HaltWatch, alone
from app.sources.listing import ListTarget, ReadNotice, close_vanished, note_listed
from app.sources.outcome import Asked, Crawled, CrawlOvertaken, SourceHalted, SourceStopped, SourceWaits, Watch
from app.sources.payloads import Packed
from app.sources.plan import SourcePlan
from app.sources.repository import Card, RunKey, SourceRepository
from app.sources.storing import Gleaned, Place, Stocked, rank, stock
from scrapers.base import Source
from scrapers.client import PoliteClient
from scrapers.crawl import Batch, Crawl, Order
from scrapers.cursor import Cursor
from scrapers.drift import Fills
from scrapers.errors import SourceDisabled
from scrapers.payload import Rejection
from scrapers.records import TenderRecord

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Crawler:
    """What crawling stands on; the client is shared by all crawls of a process, so that hosts have one limit."""

    engine: AsyncEngine
    sessions: Sessions
    plan: SourcePlan
    client: PoliteClient
    clock: Clock

    async def run(self, name: str, asked: Asked | None = None, watch: Watch | None = None) -> Crawled:
        """Crawl a source to the end of this run.

        Raises:
            SourcesMisconfigured: it is not enabled, or lacks its contact or an option.
            SourceHalted: a switch is set.
            SourceStopped: the portal has refused us.
            SourceWaits: the portal asked to be left alone until later.
            SourceBusy: another process is at work on it, or on its host.
            CrawlOvertaken: another process has stored something of it meanwhile.

        """
        source = self.plan.source(name)
        if self.plan.halted:
            raise SourceHalted("all sources are halted by SAFQA_SOURCES_HALTED")
        async with alone(self.engine, source):
            crawl = await self._begin(source, asked or Asked())
            return await _Running(self, source, crawl, watch).to_the_end()

    async def _begin(self, source: Source, asked: Asked) -> _Begun:
        card = Card(source.name, source.title, source.licence, source.attribution, source.country)
        async with unit_of_work(self.sessions) as session:
            repository = SourceRepository(session)
            if (switch := await repository.halted([source.name])) is not None:
                raise SourceHalted(
                    f"{'all sources are' if switch.name != source.name else f'{source.name} is'} halted since "
                    f"{switch.halted_at:%Y-%m-%d %H:%M} UTC" + (f": {switch.reason}" if switch.reason else "")
                )
            state = await repository.enter(card, self.clock())
            cursor = Cursor.model_validate(state.cursor)
            if cursor.stop:
                raise SourceStopped(
                    f"{source.name} refused on {cursor.stop.at:%Y-%m-%d %H:%M} UTC: {cursor.stop.reason}"
                )
            if state.not_before is not None and state.not_before > self.clock():
                raise SourceWaits(
                    f"{source.name} asked to be left alone until {state.not_before:%Y-%m-%d %H:%M:%S} UTC"
                )
            known = await repository.fingerprints(state.source_id)
            halt = HaltWatch(self.sessions, source.name)
            client = replace(self.client, permit=self.plan.permit(halt.is_set))
            listed = await repository.listed(state.source_id) if source.closes_vanished else frozenset()
            order = Order(since=asked.since, until=asked.until, sample=asked.sample, known=known.get, open=listed)
            crawl = Crawl(source, client, cursor, order)
            goes_on = cursor.run if asked.kind is CrawlKind.REGULAR else None
            key = RunKey(
                state.source_id, asked.kind, goes_on.started if goes_on else crawl.report.started,
                crawl.report.since, crawl.report.until,
            )  # fmt: skip
            run = await repository.begin_run(key, anew=goes_on is not None and goes_on.position is None)
        return _Begun(state, run, crawl, halt)


@dataclass(frozen=True, slots=True)
class _Begun:
    state: SourceState
    run: CrawlRun
    crawl: Crawl
    halt: HaltWatch


class _Running:
    """One run under way: what this process knows to be stored of it."""

    def __init__(self, crawler: Crawler, source: Source, begun: _Begun, watch: Watch | None) -> None:
        self._crawler = crawler
        self._source = source
        self._begun = begun
        self._watch = watch
        self._cursor: JsonObject = begun.state.cursor
        self._rejected: int | None = None
        self._fills_before = fills_from(begun.run.fills)
        self._done = Crawled()

    @property
    def _fills(self) -> Fills:
        return added(self._fills_before, self._begun.crawl.report.fills)

    async def to_the_end(self) -> Crawled:
        """Store batch after batch. A fault of ours leaves the run partial, with its name."""
        crawl = self._begun.crawl
        try:
            async with self._begun.halt.running(), aclosing(crawl.batches()) as batches:
                async for batch in batches:
                    await self._store(batch)
        except SourceDisabled as disabled:
            raise SourceHalted(str(disabled)) from disabled
        except CrawlOvertaken:
            raise
        except Exception as fault:
            with contextlib.suppress(SQLAlchemyError, OSError):  # where the database is the fault
                await self._failed(fault)
            raise
        log.info("source.crawled", **crawl.report.summary())
        return self._done

    async def _store(self, batch: Batch) -> None:
        packed, gleaned = await asyncio.to_thread(_prepared, batch)
        now = self._crawler.clock()
        closed = 0
        async with unit_of_work(self._crawler.sessions) as session:
            repository = SourceRepository(session)
            state = await repository.held(self._begun.state.source_id)
            if state.cursor != self._cursor:
                raise CrawlOvertaken(f"another process goes on with {self._source.name}")
            place = Place(state.source_id, repository.owner_of(state), now)
            target = ListTarget(place.source_id, place.owner_id, self._begun.run.started_at, now)
            connection = await driver_connection(session)
            await payloads.keep(session, place.source_id, packed, now)
            opened = await note_listed(connection, target, self._refs(batch), self._read(batch))
            stocked = await stock(session, place, gleaned)
            if batch.final and self._closes():
                gone = await close_vanished(connection, target)
                closed = len(gone)
                opened = [*opened, *gone]
            await rank(session, opened)
            await self._count(repository, stocked, closed)
            if batch.final:
                before = state.drift
                await self._end(repository, state, now)
                await tell_drift(session, state, before, now)
            state.cursor = batch.cursor.model_dump(mode="json")
            state.updated_at = now
        self._cursor = state.cursor
        self._tell(stocked, closed, state.drift if batch.final else None)

    async def _count(self, repository: SourceRepository, stocked: Stocked, closed: int) -> None:
        run, tally = self._begun.run, self._begun.crawl.report.tally
        if self._rejected is None:
            self._rejected = await repository.rejected_so_far(run.id)
        await repository.keep_rejections(run.id, self._rejected, stocked.rejections)
        self._rejected += len(stocked.rejections)
        await repository.set_run(
            run.id,
            {
                "expected": tally.expected,
                "seen": tally.seen,
                "parsed": tally.parsed,
                "unchanged": tally.unchanged,
                "requests": tally.requests,
                "rejected": self._rejected,
                "created": CrawlRun.created + stocked.counts.created,
                "updated": CrawlRun.updated + stocked.counts.updated,
                "closed": CrawlRun.closed + closed,
                "awards": CrawlRun.awards + stocked.awards,
                "fills": stored_fills(self._fills),
            },
        )

    async def _end(self, repository: SourceRepository, state: SourceState, now: dt.datetime) -> None:
        """Note how the run ended, whether the source drifts, and until when the portal is to be left alone."""
        run, report = self._begun.run, self._begun.crawl.report
        if run.kind is not CrawlKind.SAMPLE and report.outcome != "refused":
            past = await repository.past_runs(state, run.started_at)
            complete = report.outcome == "complete"
            state.drift = drift_of(self._fills, run.started_at, past, state.drift, complete=complete)
            if state.drift:
                log.warning("source.drifting", source=self._source.name, drift=state.drift)
        if report.outcome == "refused":
            log.error("source.refused", source=self._source.name, detail=report.detail)
        wait = report.retry_after
        state.not_before = now + dt.timedelta(seconds=wait) if wait else None
        await repository.set_run(
            run.id,
            {
                "outcome": CrawlOutcome(report.outcome),
                "reason": report.reason,
                "detail": report.detail[:2_000],
                "retry_after": wait,
                "ended_at": now,
                "drift": state.drift if run.kind is not CrawlKind.SAMPLE else [],
            },
        )

    async def _failed(self, fault: Exception) -> None:
        log.error("source.failed", source=self._source.name, error=type(fault).__name__)
        async with unit_of_work(self._crawler.sessions) as session:
            values = {"reason": "failed", "detail": type(fault).__name__, "ended_at": self._crawler.clock()}
            await SourceRepository(session).set_run(self._begun.run.id, values)

    def _closes(self) -> bool:
        report = self._begun.crawl.report
        regular = self._begun.run.kind is CrawlKind.REGULAR
        return self._source.closes_vanished and regular and report.outcome == "complete"

    def _refs(self, batch: Batch) -> list[str]:
        """The ids to be noted as listed: only where something is made of them."""
        return [_plain(ref) for ref in batch.refs] if self._source.closes_vanished else []

    def _read(self, batch: Batch) -> dict[str, ReadNotice]:
        """The notices that were read; a page that was another one is to be asked for again."""
        found = {}
        for bundle, parsed in batch.bundles:
            odd = any(isinstance(one, Rejection) and one.code == "page.changed" for one in parsed)
            if bundle.ref and not odd and (bundle.fingerprint or self._source.closes_vanished):
                ids = [one.id for one in parsed if isinstance(one, TenderRecord)]
                found[_plain(bundle.ref)] = ReadNotice(bundle.fingerprint, ids[0] if len(ids) == 1 else None)
        return found

    def _tell(self, stocked: Stocked, closed: int, drift: list[JsonObject] | None) -> None:
        report, done = self._begun.crawl.report, self._done
        self._done = Crawled(
            report.tally, done.counts + stocked.counts, done.awards + stocked.awards, done.closed + closed,
            tuple(drift or ()), None if drift is None else report, tuple(stocked.rejections),
        )  # fmt: skip
        if self._watch is not None:
            self._watch(self._done)


def _prepared(batch: Batch) -> tuple[Packed, Gleaned]:
    parsed = (one for _, found in batch.bundles for one in found)
    return payloads.pack([bundle for bundle, _ in batch.bundles]), Gleaned.of(parsed)


def _plain(ref: str) -> str:
    return ref.replace("\0", "\N{REPLACEMENT CHARACTER}")
