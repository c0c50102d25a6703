"""The job that stores a delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from app.db.session import Sessions, unit_of_work
from app.jobs.errors import Retry
from app.jobs.messages import StorePush
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.push.storing import store

_AGAIN = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


@dataclass(frozen=True, slots=True)
class PushJobs:
    """The handler of pushed calls."""

    sessions: Sessions
    clock: Clock

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (Handler(StorePush, self.store_push, attempts=10),)

    async def store_push(self, job: StorePush) -> None:
        """Store one delivery, in one transaction."""
        try:
            async with unit_of_work(self.sessions) as session:
                await store(session, job.delivery_id, self.clock())
        except _AGAIN as met:
            raise Retry(dt.timedelta(seconds=1), "the same call is being entered by somebody else") from met
