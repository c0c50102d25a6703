"""The index as files between two runs of the service, so that a start reads what changed instead of everything.

Files are only ever a shortcut: whatever is wrong with them (damaged, written by another version or for another
database) they are left alone, told in the log, and the index is built from the rows.
"""

from __future__ import annotations

import asyncio
import fcntl
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from app import __version__
from app.kit.observability import get_logger
from matching import ArtifactMismatch, Matcher

log = get_logger(__name__)

WORTH_SAVING: Final = 1_000
"""Documents that must have changed before an index is saved."""

SAVE_SECONDS: Final = 600.0

_IDENTITY: Final = """
SELECT system_identifier || '-' || (SELECT timeline_id FROM pg_control_checkpoint()) || '-' ||
       (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
"""


async def database_identity(hot: asyncpg.Pool) -> str | None:
    """What no other database has: its cluster, the timeline of its transactions and its number there.

    ``None`` where the role may not ask: then nothing is kept.
    """
    try:
        return str(await hot.fetchval(_IDENTITY))
    except asyncpg.InsufficientPrivilegeError:
        return None


@dataclass(frozen=True, slots=True)
class SavedIndex:
    """A folder with at most one saved index. ``database`` is whose rows it holds."""

    folder: Path
    database: str

    def open(self, matcher: Matcher) -> int | None:
        """Take the saved index into a matcher: the transaction from which on rows must be read again.

        ``None`` where there is none that can be used; the matcher is then as it was.
        """
        if not self.folder.exists():
            return None
        try:
            self._since(Matcher.saved_note(self.folder))
            return self._since(matcher.reopen(self.folder))
        except ArtifactMismatch as why:
            log.info("index.not_reopened", reason=str(why))
            return None

    def _since(self, note: Mapping[str, str]) -> int:
        wanted = {"database": self.database, "version": __version__}
        for what, value in wanted.items():
            if note.get(what) != value:
                raise ArtifactMismatch(f"saved with {what} {note.get(what)}, this is {value}")
        try:
            return int(note["since"])
        except (KeyError, ValueError) as error:
            raise ArtifactMismatch("saved without its transaction") from error

    def save(self, matcher: Matcher, since: int) -> bool:
        """Write the matcher's contents, which hold every row that was written before transaction ``since``.

        Whether they were written: not where another process is writing, or nothing can be written here.
        """
        started = time.monotonic()
        note = {"database": self.database, "version": __version__, "since": str(since)}
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self.folder / "lock"):
                matcher.save(self.folder, note)
        except OSError as failed:
            log.warning("index.not_saved", error=repr(failed))
            return False
        log.info("index.saved", seconds=round(time.monotonic() - started, 2))
        return True


class IndexKeeper:
    """Works beside queries and changes: folds what changed into the index, and saves it now and then.

    ``since`` tells the transaction before which everything is in the matcher; ``saved`` is set once there is a place.
    """

    def __init__(self, matcher: Matcher, since: Callable[[], int]) -> None:
        self.saved: SavedIndex | None = None
        self._matcher = matcher
        self._since = since
        self._changed = asyncio.Event()
        self._unsaved = 0
        self._saved_at = -math.inf

    def took(self, changes: int) -> None:
        """So many documents have been put in or taken out."""
        self._unsaved += changes
        self._changed.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                while await asyncio.to_thread(self._matcher.maintain):
                    pass
                if time.monotonic() - self._saved_at > SAVE_SECONDS:
                    await self.save()
            except Exception as fault:  # noqa: BLE001 (the index can be used as it is)
                log.warning("index.not_kept", error=repr(fault))

    async def save(self) -> None:
        """Save the index if that is worth it; a start would take in fewer changes as quickly."""
        if self.saved is None or self._unsaved < WORTH_SAVING:
            return
        self._saved_at = time.monotonic()
        unsaved, since = self._unsaved, self._since()
        saving = asyncio.create_task(asyncio.to_thread(self.saved.save, self._matcher, since))
        try:
            await asyncio.shield(saving)
        finally:  # whoever is stopped in the middle of it waits for its end: the thread can't be
            if await saving:
                self._unsaved -= unsaved


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock that no other process holds. Raises ``BlockingIOError`` where one does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
