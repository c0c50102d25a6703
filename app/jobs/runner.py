"""Doing the work: handlers by message type, bounded concurrency, a graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from app.jobs.errors import Discard, Retry
from app.jobs.messages import Message
from app.jobs.queue import queries
from app.kit.metrics import Metrics
from app.kit.observability import get_logger, working

M = TypeVar("M", bound=Message)
log = get_logger(__name__)

_AFTER_A_STOP = dt.timedelta(seconds=1)  # the look at the queue that a stopping worker has begun would take it again
_LONGEST_BACKOFF = 5
"""From this attempt on the pause grows no more."""


@dataclass(frozen=True, slots=True)
class Handler(Generic[M]):
    """What does the work of one message type. ``attempts``: how often an unexpected failure is tried again."""

    message: type[M]
    run: Callable[[M], Awaitable[None]]
    concurrency: int = 0
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class RunnerLimits:
    """How much one worker takes on. ``heartbeat``: a worker silent for this long loses its jobs to another."""

    concurrency: int
    heartbeat: dt.timedelta


def backoff(attempt: int) -> dt.timedelta:
    """1 s, 4 s, 16 s, 64 s ... up to ten minutes, after the failed attempt number ``attempt`` (from 0)."""
    return dt.timedelta(seconds=min(600.0, 4.0 ** min(attempt, _LONGEST_BACKOFF)))


class ReleasingDriver(AsyncpgPoolDriver):
    """PGQueuer's driver, which gives its listening connection back even where that was cut.

    It resets the connection first, and what that raises kept it from being released: with each outage the pool had one
    connection less, and closing the pool waited for it without end.
    """

    async def __aexit__(self, *fault: object) -> None:
        """Leave as PGQueuer does, and end what it could not release."""
        try:
            await super().__aexit__(*fault)
        finally:
            if self._entered == 0 and self._listener_connection is not None:
                lost, self._listener_connection = self._listener_connection, None
                with contextlib.suppress(asyncpg.InterfaceError):  # the pool has it back already
                    lost.terminate()  # which frees its place; releasing one that still listens warns, and may fail


class Runner:
    """One worker of the queue. ``run()`` works until ``stop()``; jobs that run then are finished first."""

    def __init__(
        self, pool: asyncpg.Pool, handlers: Sequence[Handler[M]], limits: RunnerLimits, metrics: Metrics
    ) -> None:
        self._limits = limits
        self._metrics = metrics
        self._jobs: set[asyncio.Task[object]] = set()
        self._giving_back = asyncio.Event()
        self._manager = QueueManager(queries(ReleasingDriver(pool)))
        for handler in handlers:
            self._register(handler)

    async def run(self) -> None:
        """Take and do jobs until stopped."""
        await self._manager.run(
            dequeue_timeout=dt.timedelta(seconds=5),
            batch_size=self._limits.concurrency,
            max_concurrent_tasks=2 * self._limits.concurrency,
            heartbeat_timeout=self._limits.heartbeat,
        )

    def stop(self) -> None:
        """Take no further job; ``run()`` returns when the running ones are done."""
        self._manager.shutdown.set()

    def give_back(self) -> None:
        """End the running jobs where they are and put them back into the queue, for the next worker to begin anew."""
        self._giving_back.set()
        for task in self._jobs:
            task.cancel()

    def _register(self, handler: Handler[M]) -> None:
        async def handle(job: Job) -> None:
            about: dict[str, str | int] = {"job": job.entrypoint, "job_id": int(job.id), "attempt": job.attempts}
            with working(**about), self._metrics.job(job.entrypoint):
                await self._giving_way(carry_out(handler, job))

        limit = handler.concurrency or self._limits.concurrency
        self._manager.entrypoint(handler.message.entrypoint, concurrency_limit=limit, accepts_context=False)(handle)

    async def _giving_way(self, work: Coroutine[object, object, None]) -> None:
        """Do ``work``; PGQueuer takes a cancelled job for one that nobody wants any more, so ours ask for a retry."""
        if self._giving_back.is_set():  # taken in the moment of the stop: nobody would cancel it any more
            work.close()
            raise RetryRequested(_AFTER_A_STOP, "the worker was stopped")
        task = asyncio.current_task()
        assert task is not None
        self._jobs.add(task)
        try:
            await work
        except asyncio.CancelledError:
            if not self._giving_back.is_set():
                raise
            task.uncancel()
            raise RetryRequested(_AFTER_A_STOP, "the worker was stopped") from None
        finally:
            self._jobs.discard(task)


async def carry_out(handler: Handler[M], job: Job) -> None:
    """Do one job; whether it is to be tried again is PGQueuer's ``RetryRequested``, any other error is its end."""
    started = asyncio.get_running_loop().time()
    try:
        await handler.run(handler.message.model_validate_json(job.payload or b"{}"))
    except Retry as asked:
        raise RetryRequested(asked.delay, asked.reason) from asked
    except Discard as dropped:
        log.warning("job discarded", reason=dropped.reason)
    except asyncio.CancelledError:
        raise
    except Exception as failed:
        if job.attempts + 1 >= handler.attempts:
            log.exception("job failed for good")
            raise
        log.warning("job failed, will be tried again", error=repr(failed))
        raise RetryRequested(backoff(job.attempts), repr(failed)) from failed
    else:
        log.info("job done", seconds=round(asyncio.get_running_loop().time() - started, 3))
