"""The job that works out the lane of calls stored before there was one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select

from app.db.session import Sessions, driver_connection, unit_of_work
from app.jobs.messages import DeriveLanes
from app.jobs.queue import enqueue
from app.jobs.runner import Handler
from app.models.tender import Tender
from app.tenders.lanes import LaneColumns, lane_of
from scrapers.records import TenderRecord

_ROWS_AT_ONCE = 1_000

# A call whose lane is known was entered since, or its documents were read: what they say counts.
_FILL = """
UPDATE tender SET simplified_access = true, simplified_grounds = string_to_array(given.grounds, ' ')
FROM unnest($1::uuid[], $2::text[]) AS given (id, grounds)
WHERE tender.id = given.id AND tender.simplified_access IS NULL
"""


@dataclass(frozen=True, slots=True)
class LaneJobs:
    """Handlers of the lane, with what they stand on."""

    sessions: Sessions

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (Handler(DeriveLanes, self.derive, concurrency=1),)

    async def derive(self, job: DeriveLanes) -> None:
        """A stretch of calls in the order of their ids; the next stretch is asked for in the same transaction.

        Nobody is told: these calls were published long ago.
        """
        async with unit_of_work(self.sessions) as session:
            asked = select(Tender.id, Tender.record).order_by(Tender.id).limit(_ROWS_AT_ONCE)
            if job.after is not None:
                asked = asked.where(Tender.id > job.after)
            rows = (await session.execute(asked)).all()
            found = [(row.id, lane) for row in rows if (lane := _lane(row.record)).simplified_access]
            ids: list[uuid.UUID] = [tender_id for tender_id, _ in found]
            grounds = [" ".join(lane.simplified_grounds) for _, lane in found]
            await (await driver_connection(session)).execute(_FILL, ids, grounds)
            if len(rows) == _ROWS_AT_ONCE:
                await enqueue(session, DeriveLanes(after=rows[-1].id))


def _lane(record: object) -> LaneColumns:
    try:
        return lane_of(TenderRecord.model_validate(record))
    except ValidationError:
        # Written under an older contract: unknown until its publisher tells it anew.
        return LaneColumns(None)
