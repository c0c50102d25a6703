"""Numeric work off the event loop: a bounded pool of threads, for kernels that release the interpreter's lock."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from app.kit.errors import AppError, ServiceUnavailable

Result = TypeVar("Result")
Args = TypeVarTuple("Args")


class ComputationTooLong(AppError):
    """The work did not end within its deadline; a narrower request will."""

    status, slug = 503, "computation-too-long"

    def __init__(self, *, deadline_seconds: float) -> None:
        super().__init__(deadline_seconds=deadline_seconds)


class CpuPool:
    """Runs functions in ``workers`` threads with at most ``queue_limit`` waiting; more are refused at once (503).

    A thread can't be stopped: work past its deadline keeps its worker until it returns, and counts as busy, so that a
    slow kernel shows as refusals and not as an ever longer queue. Work that has not begun by its deadline never does.
    """

    def __init__(self, *, workers: int, queue_limit: int) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="cpu")
        self._capacity = workers + queue_limit
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many pieces of work are running or waiting."""
        return self._taken

    async def run(self, fn: Callable[[*Args], Result], *args: *Args, deadline: float) -> Result:
        """``fn(*args)`` in a thread, with the caller's context variables; ``deadline`` is in seconds from now."""
        with self._lock:
            if self._taken >= self._capacity:
                raise ServiceUnavailable(retry_after_seconds=1)
            self._taken += 1
        call = functools.partial(contextvars.copy_context().run, fn, *args)
        try:
            future: Future[Result] = self._executor.submit(call)
        except BaseException:
            self._release()
            raise
        future.add_done_callback(lambda _: self._release())
        try:
            async with asyncio.timeout(deadline):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            if future.done() and not future.cancelled():
                raise
            raise ComputationTooLong(deadline_seconds=deadline) from error

    def close(self) -> None:
        """Refuse new work, drop what waits, and wait for what runs."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _release(self, _: object = None) -> None:
        with self._lock:
            self._taken -= 1
