"""The in-memory index of this process, kept equal to the rows of PostgreSQL.

Rows carry the id of the transaction that last wrote them. A refresh reads every row written since the oldest
transaction that was still running at the refresh before; so a transaction that commits late is never passed over, and
what is read twice is recognised and skipped. NOTIFY only says *when* to look: a lost notification costs a poll
interval, never a row.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Generic

import asyncpg
from sqlalchemy import select
from sqlalchemy.engine import make_url

from app.db.session import Sessions
from app.kit.errors import ServiceUnavailable
from app.kit.metrics import Metrics
from app.kit.observability import count_query, get_logger
from app.matches.documents import (
    LISTED,
    OPEN,
    Change,
    Doc,
    changed_startups,
    changed_tenders,
    listed_startups,
    open_tenders,
)
from app.matches.saved_index import IndexKeeper, SavedIndex, database_identity
from app.models.startup import Startup
from app.models.tender import Tender
from matching import Matcher
from matching.cpv import CpvTable
from matching.scoring import Algorithm
from matching.types import StartupDoc, TenderDoc

log = get_logger(__name__)

_CHANNEL = "safqa_changed"
_POLL_SECONDS = 5.0

PEEK = """
SELECT 'oldest' AS side, NULL::uuid AS id, pg_snapshot_xmin(pg_current_snapshot()) AS tx
UNION ALL (SELECT 'startup', id, changed_tx FROM startup WHERE changed_tx >= $1 LIMIT $3)
UNION ALL (SELECT 'tender', id, changed_tx FROM tender WHERE changed_tx >= $2 LIMIT $3)
"""
"""The oldest transaction still running, and the rows written since the one before: no row, where nothing happened."""

_PEEKED_ROWS = 1_000
_MANY_DOCUMENTS = 1_000
_TRIAL = (
    TenderDoc(id="trial", title="Audit de sécurité du système d'information"),
    StartupDoc(id="trial", name="trial", description="Audit de sécurité et tests d'intrusion"),
)


class IndexNotLoaded(ServiceUnavailable):
    """The process has just started and is still reading its index."""

    slug = "index-loading"


@dataclass(slots=True)
class _Side(Generic[Doc]):
    """What one table's part of the index has taken in. ``seen``: rows written at or after ``since``, already in."""

    since: int = 0
    seen: dict[uuid.UUID, int] = field(default_factory=dict)

    def holds(self, rows: Sequence[tuple[uuid.UUID, int]]) -> bool:
        """Whether these rows, as these transactions wrote them, are all in."""
        return len(rows) < _PEEKED_ROWS and all(self.seen.get(row) == tx for row, tx in rows)

    def unseen(self, changes: Sequence[Change[Doc]]) -> list[Change[Doc]]:
        return [change for change in changes if self.seen.get(change.id) != change.tx]

    def took(self, changes: Sequence[Change[Doc]]) -> None:
        self.seen.update((change.id, change.tx) for change in changes)

    def advance(self, oldest: int) -> None:
        self.seen = {row: tx for row, tx in self.seen.items() if tx >= oldest}
        self.since = oldest


class LiveIndex:
    """Owns this process's :class:`Matcher`. ``follow`` runs in the background for as long as the process."""

    def __init__(
        self,
        sessions: Sessions,
        hot: asyncpg.Pool,
        metrics: Metrics,
        *,
        folder: Path | None = None,
        algorithm: Algorithm | None = None,
        cpv: CpvTable | None = None,
    ) -> None:
        """``folder``: where the index is kept between two runs, nowhere if not given; ``algorithm``: the one that ships
        unless given; ``cpv``: the table whose labels speak for codes.
        """
        self.matcher = Matcher(algorithm, cpv=cpv)
        self._folder = folder
        self._keeper = IndexKeeper(self.matcher, self._since)
        self._sessions = sessions
        self._hot = hot
        self._startups: _Side[StartupDoc] = _Side()
        self._tenders: _Side[TenderDoc] = _Side()
        self._turn = asyncio.Lock()
        self._loaded = asyncio.Event()
        self.calls_taken = 0
        self._asked = 0
        self._served = 0
        self._fresh_at: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        for side, documents in (("tender", 0), ("startup", 1)):
            metrics.watch_index(side, age_seconds=self._age, documents=partial(self._size, documents))

    @property
    def age_seconds(self) -> float | None:
        """Seconds since the index last took its changes in; ``None`` before it was loaded."""
        return None if self._fresh_at is None else time.monotonic() - self._fresh_at

    async def _load(self) -> None:
        """Open the index as it was saved and read what changed since, or build it from all rows."""
        started = time.monotonic()
        compiling = asyncio.create_task(asyncio.to_thread(compile_kernels))
        reopened = await self._reopen()
        if not reopened:
            await self._build()
        await compiling
        tenders, startups = self.matcher.sizes()
        if startups + tenders > _MANY_DOCUMENTS:
            # What was loaded stays: looking through it, the collector would stop requests for tenths of a second.
            gc.collect()
            gc.freeze()
        self._tell_fresh()
        self._loaded.set()
        log.info(
            "index.loaded", startups=startups, tenders=tenders, reopened=reopened,
            seconds=round(time.monotonic() - started, 2),
        )  # fmt: skip

    async def _build(self) -> None:
        """All rows, in a thread; memory holds one batch of rows beside the index."""
        oldest, _, _ = await self._peek()
        async with self._sessions() as session:
            startups = [change.doc async for batch in listed_startups(session) for change in batch if change.doc]
            tenders = [change.doc async for batch in open_tenders(session) for change in batch if change.doc]
        await asyncio.to_thread(self.matcher.load, tenders=tenders, startups=startups)
        self._startups, self._tenders = _Side(oldest), _Side(oldest)
        self._keeper.took(len(startups) + len(tenders))

    async def _reopen(self) -> bool:
        """The saved index, brought up to date; whether there was one of this database."""
        identity = await database_identity(self._hot) if self._folder is not None else None
        if self._folder is None or identity is None:
            return False
        self._keeper.saved = SavedIndex(self._folder, identity)
        since = await asyncio.to_thread(self._keeper.saved.open, self.matcher)
        oldest, _, _ = await self._peek()
        if since is None or since > oldest:
            return False
        # What a load that failed half-way had taken in is not in what was opened now.
        self._startups, self._tenders = _Side(since), _Side(since)
        await self._refresh()
        # Rows that were deleted altogether, and tenders that closed meanwhile, are in no list of changes.
        tenders, startups = self.matcher.ids()
        async with self._sessions() as session:
            startups -= {str(row) for row in await session.scalars(select(Startup.id).where(LISTED))}
            tenders -= {str(row) for row in await session.scalars(select(Tender.id).where(OPEN))}
        self.matcher.remove_startups(startups)
        self.matcher.remove_tenders(tenders)
        return True

    async def close(self) -> None:
        """Save what has changed, if it is much: to be called once ``follow`` has ended."""
        if self._loaded.is_set():
            await self._keeper.save()

    def _since(self) -> int:
        """The transaction before which everything is in the index."""
        return min(self._startups.since, self._tenders.since)

    async def catch_up(self, patience_seconds: float | None = None) -> bool:
        """Wait until the index holds everything that was committed before this call; whether it does.

        Calls share work: those that arrive while a refresh runs are all served by the one after it. With
        ``patience_seconds``, a caller goes on with the index as it is when a large change takes longer.

        Raises:
            IndexNotLoaded: the first load did not end within ``patience_seconds``.
        """
        await self._wait_loaded(patience_seconds)
        refresh = asyncio.create_task(self._catch_up())
        self._tasks.add(refresh)
        refresh.add_done_callback(self._tasks.discard)
        done, _ = await asyncio.wait({refresh}, timeout=patience_seconds)
        if done:
            await refresh
        return bool(done)

    async def _wait_loaded(self, patience_seconds: float | None) -> None:
        try:
            async with asyncio.timeout(patience_seconds):
                await self._loaded.wait()
        except TimeoutError:
            raise IndexNotLoaded from None

    async def _catch_up(self) -> None:
        self._asked += 1
        wanted = self._asked
        async with self._turn:
            if self._served < wanted:
                serving = self._asked
                await self._refresh()
                self._served = serving

    async def follow(self, url: str) -> None:
        """Load the index and keep it fresh until cancelled; a lost connection is made anew."""
        tending = asyncio.create_task(self._keeper.run(), name="index-keeper")
        try:
            while True:
                try:
                    if self._fresh_at is None:
                        await self._load()
                    await self._listen(url)
                except Exception as lost:  # noqa: BLE001 (this loop must outlive every fault of the database)
                    log.warning("index.listening_lost", error=repr(lost))
                    await asyncio.sleep(1)
        finally:
            tending.cancel()
            await asyncio.wait({tending})

    async def _listen(self, url: str) -> None:
        changed = asyncio.Event()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain, timeout=10)
        try:
            await connection.add_listener(_CHANNEL, lambda *_: changed.set())
            connection.add_termination_listener(lambda *_: changed.set())
            while not connection.is_closed():
                await self.catch_up()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await changed.wait()
                changed.clear()
        finally:
            await connection.close()
        raise ConnectionError("the listening connection was closed")

    async def _refresh(self) -> None:
        """Take in what was committed before; one statement where nothing was.

        The records are read after the look, so they are at least as new; a row that changes in between is read as it
        is then, and met again by the next refresh.
        """
        oldest, startup_rows, tender_rows = await self._peek()
        if not (self._startups.holds(startup_rows) and self._tenders.holds(tender_rows)):
            async with self._sessions() as session:
                async for startups in changed_startups(session, self._startups.since):
                    await asyncio.to_thread(self._apply_startups, self._startups.unseen(startups))
                    self._keeper.took(len(startups))
                async for tenders in changed_tenders(session, self._tenders.since):
                    await asyncio.to_thread(self._apply_tenders, self._tenders.unseen(tenders))
                    self._keeper.took(len(tenders))
        self._startups.advance(oldest)
        self._tenders.advance(oldest)
        self._tell_fresh()

    async def _peek(self) -> tuple[int, list[tuple[uuid.UUID, int]], list[tuple[uuid.UUID, int]]]:
        found = await self._hot.fetch(PEEK, self._startups.since, self._tenders.since, _PEEKED_ROWS)
        count_query(len(found))
        rows: dict[str, list[tuple[uuid.UUID, int]]] = {"oldest": [], "startup": [], "tender": []}
        for side, row, tx in found:
            rows[side].append((row, tx))
        return rows["oldest"][0][1], rows["startup"], rows["tender"]

    def _apply_startups(self, changes: Sequence[Change[StartupDoc]]) -> None:
        if changes:
            self.matcher.upsert_startups([change.doc for change in changes if change.doc is not None])
            self.matcher.remove_startups([str(change.id) for change in changes if change.doc is None])
            self._startups.took(changes)

    def _apply_tenders(self, changes: Sequence[Change[TenderDoc]]) -> None:
        if changes:
            self.matcher.upsert_tenders([change.doc for change in changes if change.doc is not None])
            self.matcher.remove_tenders([str(change.id) for change in changes if change.doc is None])
            self._tenders.took(changes)
            self.calls_taken += 1

    def _tell_fresh(self) -> None:
        self._fresh_at = time.monotonic()

    def _age(self) -> float:
        return -1.0 if self.age_seconds is None else self.age_seconds

    def _size(self, side: int) -> int:
        return self.matcher.sizes()[side]


def compile_kernels() -> None:
    """Rank made-up pairs both ways, loaded and changed: kernels are compiled at their first use, where no cache of them
    could be kept.

    That takes longer than a request may wait.
    """
    tender, startup = _TRIAL
    matcher = Matcher()
    matcher.load(tenders=[tender], startups=[startup])
    matcher.upsert_tenders([replace(tender, id="changed")])
    matcher.upsert_startups([replace(startup, id="changed")])
    matcher.startups_for(tender, k=1)
    matcher.tenders_for(startup, k=1)
