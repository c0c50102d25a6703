"""The recurring job that tells of deadlines: what time alone brings near."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.db.session import Sessions, driver_connection, unit_of_work
from app.events.matches import tell_deadlines
from app.jobs.messages import TellDeadlines
from app.jobs.runner import Handler
from app.kit.clock import Clock

_ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class DeadlineJobs:
    """Handler of the job. ``lead``: how long before its deadline a call is told of."""

    sessions: Sessions
    clock: Clock
    lead: dt.timedelta

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (Handler(TellDeadlines, self.tell, concurrency=1),)

    async def tell(self, _: TellDeadlines) -> None:
        """Tell of every deadline that has come near, a bounded number of events per transaction."""
        told = _ROWS_AT_ONCE
        while told == _ROWS_AT_ONCE:
            async with unit_of_work(self.sessions) as session:
                connection = await driver_connection(session)
                told = await tell_deadlines(connection, self.clock(), self.lead, _ROWS_AT_ONCE)
