"""Work that outlasts a request: one look begins it, later ones find it done."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine, Hashable
from typing import Final, TypeAlias

from app.kit.aside import Aside
from app.kit.errors import ServiceUnavailable
from app.kit.observability import get_logger

log = get_logger(__name__)

_GRACE_SECONDS: Final = 2.0

Work: TypeAlias = Callable[[], Coroutine[object, object, object]]


class Errands:
    """Pieces of work by key, each once at a time, ``at_once`` of them together, ``most`` waiting or under way.

    ``aside``: where they do what takes long.
    """

    def __init__(self, aside: Aside, *, at_once: int = 1, most: int = 64) -> None:
        self.aside = aside
        self._most = most
        self._closing = False
        self._turn = asyncio.Semaphore(at_once)
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        self._failed: dict[Hashable, Exception] = {}

    def begin(self, key: Hashable, work: Work) -> None:
        """Begin, unless it is under way.

        Raises:
            ServiceUnavailable: as much as may wait does.
            Exception: what the try before ended with; the look after that tries again.
        """
        if (wrong := self._failed.pop(key, None)) is not None:
            raise wrong
        if key in self._tasks:
            return
        if len(self._tasks) >= self._most:
            raise ServiceUnavailable(retry_after_seconds=5)
        # A context of its own: its statements and log lines are not those of the request that began it.
        self._tasks[key] = asyncio.create_task(self._done(key, work), context=contextvars.Context())

    async def ended(self, key: Hashable, patience_seconds: float) -> None:
        """Return once it is not under way, or that long has passed."""
        if (task := self._tasks.get(key)) is not None:
            await asyncio.wait({task}, timeout=patience_seconds)

    async def close(self) -> None:
        """Give up what is under way: what is done aside ends at once, and the errands with it, rather than in the
        middle of a statement or of a connection, which nobody would close.
        """
        self._closing = True
        await self.aside.close()
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE_SECONDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _done(self, key: Hashable, work: Work) -> None:
        try:
            async with self._turn:
                await work()
        except Exception as wrong:  # noqa: BLE001 (whoever looks next is told)
            if not self._closing:
                log.warning("errand.failed", error=repr(wrong))
            self._failed[key] = wrong
            while len(self._failed) > self._most:
                del self._failed[next(iter(self._failed))]
        finally:
            self._tasks.pop(key, None)
