"""A file into the database, batch by batch: the one way in, for the worker, the command line and the benchmark.

Reading, deriving columns and storing overlap: the reading process works on its own, a thread maps one batch while
PostgreSQL stores the one before. Memory holds a few batches, however long the file is.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import asyncpg

from app.db.session import Sessions, driver_connection, unit_of_work
from app.files.contract import ReadOptions, Side
from app.files.errors import FileError
from app.files.frames import Batch
from app.files.sandbox import read_sandboxed
from app.ingest.mapping import Gathered, Mapped, map_batch
from app.ingest.merging import merge
from app.ingest.outcome import Counts, Order, Taken
from app.ingest.repository import ImportRepository
from app.jobs.messages import LinkTenders, MatchStartups, MatchTenders, Message, ReadRequirements
from app.jobs.queue import enqueue
from app.models.import_run import ImportKind

BATCH_ROWS = 4_000
IDS_PER_JOB = 500
_BATCH_BYTES = 8 * 1024 * 1024
_ATTEMPTS = 3
_AGAIN = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

Watch: TypeAlias = Callable[[Taken], None]
"""Called after each batch that was committed."""


async def load_file(
    sessions: Sessions, path: Path, order: Order, options: ReadOptions, watch: Watch | None = None
) -> Counts:
    """Store the records of a file that earlier attempts did not; the counts of the run as a whole.

    Raises:
        FileError: the file is unusable, possibly from some record on; what stood before is stored.
        Overtaken: another process goes on with this run.

    """
    async with aclosing(_ahead(_mapped(path, order, options))) as batches:
        async for batch in batches:
            taken = await _store(sessions, order, batch)
            order = replace(order, done=order.done + taken.counts)
            if watch is not None:
                watch(taken)
    return order.done


async def _store(sessions: Sessions, order: Order, batch: Mapped) -> Taken:
    """One transaction: the rows, their versions, what was refused, the run's counts and the jobs that follow."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with unit_of_work(sessions) as session:
                taken = await merge(await driver_connection(session), order.target, batch)
                repository = ImportRepository(session)
                await repository.advance(order, taken.counts)
                await repository.keep_rejected(order.run_id, order.done.rejected, taken.rejected)
                await enqueue(session, *_following(order.target.kind, taken))
        except _AGAIN:
            # Somebody entered or changed one of the same rows through the API at this moment.
            if attempt == _ATTEMPTS:
                raise
        else:
            return taken
    raise AssertionError("unreachable")


def _following(kind: ImportKind, taken: Taken) -> Sequence[Message]:
    """The jobs that a stored batch calls for."""
    ranked = parts(taken.to_rank)
    if kind is ImportKind.STARTUPS:
        return [MatchStartups(startup_ids=part) for part in ranked]
    return [
        *(LinkTenders(tender_ids=part) for part in parts(taken.to_link)),
        *(ReadRequirements(tender_ids=part) for part in parts(taken.to_link)),
        *(MatchTenders(tender_ids=part) for part in ranked),
    ]


def parts(ids: Sequence[uuid.UUID]) -> Sequence[tuple[uuid.UUID, ...]]:
    """Ids as so many jobs take them at once."""
    return [tuple(ids[at : at + IDS_PER_JOB]) for at in range(0, len(ids), IDS_PER_JOB)]


async def _mapped(path: Path, order: Order, options: ReadOptions) -> AsyncGenerator[Mapped, None]:
    side: Side = "tender" if order.target.kind is ImportKind.TENDERS else "startup"
    async with aclosing(_gathered(path, side, order.done.seen, options)) as batches:
        async for raw in batches:
            yield await asyncio.to_thread(map_batch, order.target.kind, raw.given)


@dataclass(slots=True)
class _Raw:
    given: Gathered = field(default_factory=Gathered)
    size: int = 0

    def add(self, frame: Batch, skip: int) -> int:
        """Take a frame in without its first ``skip`` rows; how many are still to be skipped."""
        given = self.given
        first = max(0, skip - len(frame.rejected))
        if frame.notices or given.notices:  # a batch has one for each record, or none
            given.notices += [b""] * (len(given.records) - len(given.notices))
            given.notices += frame.notices[first:] or [b""] * len(frame.records[first:])
        given.rejected += frame.rejected[skip:]
        given.records += frame.records[first:]
        given.lines += frame.lines[first:]
        self.size += sum(map(len, frame.records)) + sum(map(len, frame.notices))
        return max(0, skip - len(frame.rejected) - len(frame.records))

    @property
    def rows(self) -> int:
        return len(self.given.records) + len(self.given.rejected)

    @property
    def full(self) -> bool:
        return self.rows >= BATCH_ROWS or self.size >= _BATCH_BYTES


async def _gathered(path: Path, side: Side, skip: int, options: ReadOptions) -> AsyncGenerator[_Raw, None]:
    """The reader's small frames put together, without those that an earlier attempt has stored.

    The reader gives the same rows in the same order each time; content hashes catch what might differ.
    """
    raw = _Raw()
    broken: FileError | None = None
    try:
        async with aclosing(aiter(read_sandboxed(path, side, options))) as frames:
            async for frame in frames:
                skip = raw.add(frame, skip)
                if raw.full:
                    yield raw
                    raw = _Raw()
    except FileError as error:
        broken = error
    if raw.rows:
        yield raw
    if broken is not None:
        raise broken


async def _ahead(items: AsyncGenerator[Mapped, None]) -> AsyncGenerator[Mapped, None]:
    """The same items, the next one being made while the consumer works on the present one."""
    following = asyncio.create_task(_next(items))
    try:
        while (item := await following) is not None:
            following = asyncio.create_task(_next(items))
            yield item
    finally:
        following.cancel()
        await asyncio.wait({following})
        await items.aclose()


async def _next(items: AsyncGenerator[Mapped, None]) -> Mapped | None:
    return await anext(items, None)
