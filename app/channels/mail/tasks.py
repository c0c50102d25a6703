"""The jobs of mail: by the minute, digests that are due are made and letters handed out; each letter is a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.channels.feeds.entries import ReadSearch
from app.channels.mail import matters
from app.channels.mail.letters import give_up_lapsed, make_due, waiting
from app.channels.mail.posting import PostOffice
from app.db.session import unit_of_work
from app.jobs.messages import MakeDigests, SendLetter
from app.jobs.queue import enqueue
from app.jobs.runner import Handler
from app.kit.observability import get_logger

log = get_logger(__name__)

_SUBSCRIPTIONS_AT_ONCE: Final = 50
_LETTERS_AT_ONCE: Final = 5_000
_LETTERS_SIDE_BY_SIDE: Final = 2


@dataclass(frozen=True, slots=True)
class MailJobs:
    """Handlers of the jobs. ``office``: ``None`` where this installation sends no mail; what is due then waits."""

    office: PostOffice | None
    read_search: ReadSearch

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (
            Handler(MakeDigests, self.make, concurrency=1),
            Handler(SendLetter, self.send, concurrency=_LETTERS_SIDE_BY_SIDE),
        )

    async def make(self, _: MakeDigests) -> None:
        """Make what is due, close what a lost worker left, and have everything sent that waits."""
        if self.office is None:
            return
        office, now = self.office, self.office.clock()
        made = _SUBSCRIPTIONS_AT_ONCE
        while made == _SUBSCRIPTIONS_AT_ONCE:
            async with unit_of_work(office.sessions) as session:
                made = await make_due(session, now, _SUBSCRIPTIONS_AT_ONCE, self.read_search)
        async with unit_of_work(office.sessions) as session:
            lapsed = await give_up_lapsed(session, now)
            untold = await matters.give_up_lapsed(session, now)
            letters = await waiting(session, now, _LETTERS_AT_ONCE)
            await enqueue(session, *(SendLetter(letter_id=letter_id) for letter_id in letters))
        for letter in lapsed:
            log.warning("mail.uncertain", letter_id=str(letter.id), kind=letter.kind.value)
            office.metrics.mailed(letter.kind.value, letter.state.value)
        for told in untold:
            log.warning("mail.uncertain", letter_id=str(told.id), kind="matter")
            office.metrics.mailed("matter", told.state.value)

    async def send(self, job: SendLetter) -> None:
        """Send one letter."""
        if self.office is not None:
            await self.office.send(job.letter_id)
