"""The job that reads a website: nothing is open in the database while it does."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.db.session import Sessions, reading, unit_of_work
from app.jobs.messages import ProposeProfile
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.kit.safe_http import FetchFailed
from app.models.profile_proposal import ProfileProposal, ProposalState
from app.profiling.proposing import Draft, Passage, propose
from app.profiling.repository import ProposalRepository
from app.profiling.website import Page, Visitor
from app.sources.repository import SourceRepository

MAX_ATTEMPTS = 3
HALT_NAME = "websites"
_GAVE_UP = ("gave_up", f"it was tried {MAX_ATTEMPTS} times and never came to an end")
_NO_TEXT = ("no_text", "the pages hold hardly any text: they may be made by scripts")
_DISABLED = ("disabled", "reading websites has been switched off meanwhile")


@dataclass(frozen=True, slots=True)
class ProfileJobs:
    """The handler of proposals from websites. ``visitor``: none where the operator has not allowed it."""

    sessions: Sessions
    clock: Clock
    visitor: Visitor | None

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers."""
        return (Handler(ProposeProfile, self.propose_profile, concurrency=2, attempts=MAX_ATTEMPTS + 1),)

    async def propose_profile(self, job: ProposeProfile) -> None:
        """Read a website and keep what it proposes, or why it does not."""
        async with unit_of_work(self.sessions) as session:
            proposal = await ProposalRepository(session).take(job.proposal_id)
        if proposal is None:
            return
        try:
            pages, draft = await self._drafted(proposal)
        except FetchFailed as failed:
            await self._end(
                job.proposal_id, state=ProposalState.FAILED, problem_code=failed.code, problem=failed.reason
            )
            return
        await self._keep(job.proposal_id, pages, draft)

    async def _drafted(self, proposal: ProfileProposal) -> tuple[list[Page], Draft]:
        if proposal.attempts > MAX_ATTEMPTS:
            raise FetchFailed(*_GAVE_UP)
        pages = await self._visit(proposal.address)
        draft = await asyncio.to_thread(propose, _passages(pages))
        if not draft.proposed:
            raise FetchFailed(*_NO_TEXT)
        return pages, draft

    async def _visit(self, address: str) -> list[Page]:
        async with reading(self.sessions) as session:
            halted = await SourceRepository(session).halted([HALT_NAME]) is not None
        if self.visitor is None or halted:
            raise FetchFailed(*_DISABLED)
        return await self.visitor.visit(address)

    async def _keep(self, proposal_id: uuid.UUID, pages: Sequence[Page], draft: Draft) -> None:
        read = [{"address": page.address, "at": page.at.isoformat(), "sha256": page.sha256} for page in pages]
        await self._end(
            proposal_id, state=ProposalState.READY, proposed=draft.proposed, evidence=draft.evidence, read=read
        )

    async def _end(self, proposal_id: uuid.UUID, **values: object) -> None:
        async with unit_of_work(self.sessions) as session:
            await ProposalRepository(session).end(proposal_id, finished_at=self.clock(), **values)


def _passages(pages: Sequence[Page]) -> list[Passage]:
    return [Passage(page.address, piece.text) for page in pages for piece in page.pieces if piece.kind == "text"]
