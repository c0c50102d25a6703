"""The log read for one stream, from its place on, for as long as its reader may hear of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from app.accounts.caller import Caller
from app.channels.polling.repository import LoggedEvent, LogKey, heard_after
from app.channels.stream.bell import Bell
from app.channels.stream.errors import RETRY_SECONDS, TooManyStreams
from app.channels.stream.repository import end_of_log
from app.db.outages import DATABASE_ERRORS, passing
from app.db.session import Sessions
from app.kit.errors import ServiceUnavailable
from app.kit.ids import OrganisationId
from app.kit.observability import get_logger

log = get_logger(__name__)

STREAMS_PER_ORGANISATION: Final = 20
HEARTBEAT_SECONDS: Final = 15.0
_EVENTS_AT_ONCE: Final = 50
_READERS: Final = 4
"""Streams that look at the log at the same time: a ring wakes all of them, and the connections are everybody's."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How many streams a process has open; ``heartbeat_seconds``: how long one is silent at most."""

    total: int
    per_organisation: int = STREAMS_PER_ORGANISATION
    heartbeat_seconds: float = HEARTBEAT_SECONDS


@dataclass(slots=True)
class Streams:
    """The open streams of a process."""

    sessions: Sessions
    bell: Bell
    limits: StreamLimits
    _open: Counter[OrganisationId] = field(default_factory=Counter)
    _readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_READERS))

    def enter(self, caller: Caller) -> None:
        """Take a place for a stream; whoever does must ``leave``.

        Raises:
            TooManyStreams: the caller's organisation has enough.
            ServiceUnavailable: the process has enough, or is about to end.
        """
        if self._open[caller.organisation_id] >= self.limits.per_organisation:
            raise TooManyStreams(limit=self.limits.per_organisation)
        if self.bell.stopped or self._open.total() >= self.limits.total:
            raise ServiceUnavailable(retry_after_seconds=RETRY_SECONDS)
        self._open[caller.organisation_id] += 1

    def leave(self, caller: Caller) -> None:
        """Give a place back."""
        self._open[caller.organisation_id] -= 1
        if not self._open[caller.organisation_id]:
            del self._open[caller.organisation_id]

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Look at the database, few at a time."""
        async with self._readers:
            yield


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens to what. ``admitted`` is asked before anything is told: a key may have been revoked meanwhile."""

    caller: Caller
    types: Sequence[str]
    admitted: Callable[[], Awaitable[bool]]


async def listen(
    streams: Streams, listener: Listener, position: LogKey | None
) -> AsyncIterator[LogKey | LoggedEvent | None]:
    """First the place that the stream begins at, then the events after it; ``None`` where there was none for a while.

    ``position``: after which event to begin; ``None``: with what happens from now on. Ends when the listener is no
    longer admitted, the process stops, or the database is away: whoever comes back with its place has missed nothing.
    """
    try:
        if position is None:
            async with streams.turn(), streams.sessions() as session:
                position = await end_of_log(session)
        yield position
        while True:
            upcoming = streams.bell.upcoming()
            events = await _after(streams, listener, position)
            if events is None:
                return
            for event in events:
                yield event
                position = (event.changed_tx, event.sequence)
            if len(events) < _EVENTS_AT_ONCE and not await _rung(upcoming, streams.limits.heartbeat_seconds):
                yield None
    except DATABASE_ERRORS as fault:
        if (why := passing(fault)) is None:
            raise
        log.warning("stream.database_lost", why=why)


async def _after(streams: Streams, listener: Listener, position: LogKey) -> list[LoggedEvent] | None:
    """The next events, if any; ``None`` for a listener that may hear no more."""
    async with streams.turn():
        if streams.bell.stopped or not await listener.admitted():
            return None
        async with streams.sessions() as session:
            return await heard_after(session, listener.caller, listener.types, position, _EVENTS_AT_ONCE)


async def _rung(ring: asyncio.Event, patience_seconds: float) -> bool:
    try:
        async with asyncio.timeout(patience_seconds):
            await ring.wait()
    except TimeoutError:
        return False
    return True
