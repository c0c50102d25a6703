"""Recurring jobs: at each due time, one worker of them all puts one message into the queue.

The due times are rows in PostgreSQL that the workers compete for, so it does not matter how many workers there are;
a time that passed while none ran is made up for once. The work itself is an ordinary job: retried, logged, counted.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.models import Schedule

from app.db.session import Sessions, unit_of_work
from app.jobs.messages import Message
from app.jobs.queue import enqueue, queries


@dataclass(frozen=True, slots=True)
class Recurring:
    """A message and when it is due: five fields as in crontab, UTC.

    ``name``: what its due times are known by, where several messages of one kind have their own.
    """

    cron: str
    message: Message
    name: str | None = None


class Timetable:
    """The schedule of one worker. ``run()`` watches it until ``stop()``."""

    def __init__(self, pool: asyncpg.Pool, sessions: Sessions, recurring: Sequence[Recurring]) -> None:
        self._manager = SchedulerManager(queries(AsyncpgPoolDriver(pool)))
        for each in recurring:
            name = each.name or each.message.entrypoint
            self._manager.schedule(name, each.cron, accepts_context=False)(_asking(sessions, each))

    async def run(self) -> None:
        """Ask for what is due until stopped."""
        await self._manager.run()

    def stop(self) -> None:
        """Ask for nothing more."""
        self._manager.shutdown.set()


def _asking(sessions: Sessions, recurring: Recurring) -> Callable[[Schedule], Awaitable[None]]:
    async def ask(_: Schedule) -> None:
        async with unit_of_work(sessions) as session:
            await enqueue(session, recurring.message)

    return ask
