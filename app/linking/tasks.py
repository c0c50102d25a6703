"""The job that links tenders before they are ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.db.session import Sessions, unit_of_work
from app.jobs.messages import LinkTenders
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.linking import service


@dataclass(frozen=True, slots=True)
class LinkJobs:
    """Handler of the linking job, with what it stands on."""

    sessions: Sessions
    clock: Clock

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers; one at a time, as groups are judged one at a time anyway."""
        return (Handler(LinkTenders, self.link_tenders, concurrency=1),)

    async def link_tenders(self, job: LinkTenders) -> None:
        """Find the same calls on other portals."""
        async with unit_of_work(self.sessions) as session:
            await service.link(session, job.tender_ids, self.clock())
