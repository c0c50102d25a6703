"""Kept payloads read again by today's parser, without asking the portal: what it reads better becomes new versions.

The newest payload of a call speaks for it, as it did when it came; older ones only complete it where nothing but
updates came since. So a replay with the same parser changes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.base import JsonObject
from app.db.session import Sessions, reading, unit_of_work
from app.ingest.outcome import Counts
from app.kit.clock import Clock
from app.models.source_state import SourceState
from app.sources import payloads
from app.sources.folding import DELTA, completed, fields_of
from app.sources.guarding import alone
from app.sources.repository import SourceRepository
from app.sources.storing import Gleaned, Place, Stocked, stock
from scrapers.base import Parsed, Source
from scrapers.errors import SourceChanged
from scrapers.payload import Bundle, Rejection
from scrapers.records import AwardRecord, TenderRecord

_RECORDS_AT_ONCE = 200


class NothingKept(Exception):
    """No payload of this source is kept."""


@dataclass(slots=True)
class Replayed:
    """A replay, as far as it is. ``bundles`` of ``of`` were read; ``rejections`` by their codes."""

    of: int = 0
    bundles: int = 0
    counts: Counts = field(default_factory=Counts)
    awards: int = 0
    rejections: Counter[str] = field(default_factory=Counter)


Watch: TypeAlias = Callable[[Replayed], None]


@dataclass(frozen=True, slots=True)
class Replayer:
    """What replaying stands on."""

    engine: AsyncEngine
    sessions: Sessions
    clock: Clock

    async def run(self, source: Source, watch: Watch | None = None) -> Replayed:
        """Read everything that is kept of a source again, the newest first.

        Raises:
            NothingKept: there is nothing.
            SourceBusy: another process is at work on the source.

        """
        async with alone(self.engine, source):
            async with reading(self.sessions) as session:
                state = await SourceRepository(session).state_of(source.name)
                kept = 0 if state is None else await payloads.count(session, state.source_id)
            if state is None or not kept:
                raise NothingKept(f"no payload of {source.name} is kept")
            return await _Replay(self, source, state, kept).to_the_end(watch)


class _Replay:
    """One replay under way. An id is remembered by eight bytes, so that millions fit."""

    def __init__(self, replayer: Replayer, source: Source, state: SourceState, kept: int) -> None:
        self._replayer = replayer
        self._source = source
        self._state = state
        self._settled: set[bytes] = set()
        self._updates: dict[str, JsonObject] = {}
        self._ready: list[Parsed] = []
        self.done = Replayed(of=kept)

    async def to_the_end(self, watch: Watch | None) -> Replayed:
        async for bundle in payloads.newest_first(self._replayer.sessions, self._source.name, self._state.source_id):
            self._take(await asyncio.to_thread(self._parsed, bundle))
            self.done.bundles += 1
            if len(self._ready) >= _RECORDS_AT_ONCE:
                await self._store()
            if watch is not None:
                watch(self.done)
        # Of these only updates were kept: they complete what the database holds.
        self._ready += [TenderRecord.model_validate(fields) for fields in self._updates.values()]
        await self._store()
        return self.done

    def _parsed(self, bundle: Bundle) -> list[Parsed]:
        found: list[Parsed] = []
        try:
            found.extend(self._source.parse(bundle))
        except SourceChanged as changed:
            found.append(Rejection("page.changed", str(changed), bundle.ref))
        return found

    def _take(self, found: list[Parsed]) -> None:
        """Sort one bundle's records out, its last one first."""
        for one in reversed(found):
            if isinstance(one, Rejection):
                self.done.rejections[one.code] += 1
            elif isinstance(one, AwardRecord):
                if self._first(f"award {one.id}"):
                    self._ready.append(one)
            elif not self._is_settled(one.id):
                self._take_call(one)

    def _take_call(self, record: TenderRecord) -> None:
        fields = fields_of(record)
        later = self._updates.pop(record.id, None)
        whole = fields if later is None else completed(fields, later)
        if whole.get(DELTA):
            self._updates[record.id] = whole
            return
        self._first(record.id)
        self._ready.append(record if later is None else TenderRecord.model_validate(whole))

    def _is_settled(self, ident: str) -> bool:
        return _short(ident) in self._settled

    def _first(self, ident: str) -> bool:
        short = _short(ident)
        if short in self._settled:
            return False
        self._settled.add(short)
        return True

    async def _store(self) -> None:
        ready, self._ready = self._ready, []
        gleaned = Gleaned.of(ready)
        async with unit_of_work(self._replayer.sessions) as session:
            repository = SourceRepository(session)
            place = Place(self._state.source_id, repository.owner_of(self._state), self._replayer.clock())
            stocked: Stocked = await stock(session, place, gleaned)
        self.done.counts += stocked.counts
        self.done.awards += stocked.awards
        self.done.rejections.update(one.code for one in stocked.rejections)


def _short(ident: str) -> bytes:
    return hashlib.blake2b(ident.encode(), digest_size=8).digest()
