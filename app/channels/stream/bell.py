"""When to look at the event log: one connection listens for all streams of a process, and rings."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url

from app.kit.observability import get_logger

log = get_logger(__name__)

_CHANNEL: Final = "safqa_event"
_POLL_SECONDS: Final = 5.0
_CONNECT_AGAIN_SECONDS: Final = 1.0
_LEAST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.02, 1.0
_SNAPSHOT = """
SELECT pg_snapshot_xmin(now.seen)::text::bigint AS oldest, pg_snapshot_xmax(now.seen)::text::bigint AS next
FROM (SELECT pg_current_snapshot() AS seen) AS now
"""
"""The oldest transaction still running, and the id that the next one will get."""


class Bell:
    """Rings when events may have become readable. ``follow`` runs for as long as the process.

    An event may be read once every older transaction has ended, so the bell rings at the notification of a commit, and
    again as older transactions end. It says only *when* to look: a ring too many costs a look, one that was lost the
    seconds until the next poll.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self._wanted = asyncio.Event()
        self.stopped = False

    def upcoming(self) -> asyncio.Event:
        """The next ring. Ask before looking at the log, so that what comes meanwhile is heard."""
        self._wanted.set()
        return self._next

    def ring(self) -> None:
        """Wake everybody who waits for the next ring."""
        rung, self._next = self._next, asyncio.Event()
        rung.set()

    def stop(self) -> None:
        """Have every stream end: the process is about to."""
        self.stopped = True
        self.ring()

    async def follow(self, url: str) -> None:
        """Listen from the first stream on, until cancelled; a lost connection is made anew."""
        await self._wanted.wait()
        while True:
            try:
                await self._listen(url)
            except Exception as lost:  # noqa: BLE001 (this loop must outlive every fault of the database)
                log.warning("stream.listening_lost", error=repr(lost))
                await asyncio.sleep(_CONNECT_AGAIN_SECONDS)

    async def _listen(self, url: str) -> None:
        told = asyncio.Event()
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(plain, timeout=10, server_settings={"application_name": "safqa-stream"})
        try:
            await connection.add_listener(_CHANNEL, lambda *_: told.set())
            connection.add_termination_listener(lambda *_: told.set())
            while not connection.is_closed():
                await self._ring_until_settled(connection, told)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await told.wait()
        finally:
            await connection.close()
        raise ConnectionError("the listening connection was closed")

    async def _ring_until_settled(self, connection: asyncpg.Connection, told: asyncio.Event) -> None:
        """Ring until every transaction that had begun by the last notification has ended."""
        told.clear()
        oldest, target = await connection.fetchrow(_SNAPSHOT)
        self.ring()
        pause = _LEAST_PAUSE_SECONDS
        await asyncio.sleep(pause)  # the least time between two rings, however many events come
        while oldest < target:
            before = oldest
            oldest, upcoming = await connection.fetchrow(_SNAPSHOT)
            if told.is_set():
                told.clear()
                target, pause = upcoming, _LEAST_PAUSE_SECONDS
            else:
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            if oldest != before:
                self.ring()
            await asyncio.sleep(pause)
