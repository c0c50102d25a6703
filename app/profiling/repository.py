"""Proposals in the database, always by their startup."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import StartupId
from app.models.profile_proposal import ProfileProposal, ProposalState

_PENDING = (ProposalState.QUEUED, ProposalState.RUNNING)
_UNDECIDED = (ProposalState.READY, ProposalState.FAILED, ProposalState.DISCARDED)


class ProposalRepository:
    """Rows of proposals."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, proposal: ProfileProposal) -> None:
        """Enter a proposal."""
        self._session.add(proposal)
        await self._session.flush()

    async def is_pending(self, startup_id: StartupId) -> bool:
        """Whether one is being made for this startup."""
        pending = exists().where(ProfileProposal.startup_id == startup_id, ProfileProposal.state.in_(_PENDING))
        return bool(await self._session.scalar(select(pending)))

    async def one(self, startup_id: StartupId, proposal_id: uuid.UUID, *, lock: bool = False) -> ProfileProposal | None:
        """A proposal of this startup."""
        found = select(ProfileProposal).where(
            ProfileProposal.id == proposal_id, ProfileProposal.startup_id == startup_id
        )
        return await self._session.scalar(found.with_for_update() if lock else found)

    async def newest(self, startup_id: StartupId, before: uuid.UUID | None, limit: int) -> Sequence[ProfileProposal]:
        """The proposals of a startup, the newest first, older than the given one."""
        query = select(ProfileProposal).where(ProfileProposal.startup_id == startup_id)
        if before is not None:
            query = query.where(ProfileProposal.id < before)
        return (await self._session.scalars(query.order_by(ProfileProposal.id.desc()).limit(limit))).all()

    async def take(self, proposal_id: uuid.UUID) -> ProfileProposal | None:
        """Begin to make a proposal, or begin anew; ``None`` if there is nothing left to do."""
        return await self._session.scalar(
            update(ProfileProposal)
            .where(ProfileProposal.id == proposal_id, ProfileProposal.state.in_(_PENDING))
            .values(state=ProposalState.RUNNING, attempts=ProfileProposal.attempts + 1)
            .returning(ProfileProposal)
        )

    async def end(self, proposal_id: uuid.UUID, **values: object) -> None:
        """Say what came of a proposal that was being made."""
        await self._session.execute(
            update(ProfileProposal)
            .where(ProfileProposal.id == proposal_id, ProfileProposal.state.in_(_PENDING))
            .values(**values)
        )

    async def forget(self, before: dt.datetime) -> int:
        """Delete proposals made before an instant that count for nothing. Returns how many."""
        done = await self._session.execute(
            delete(ProfileProposal)
            .where(ProfileProposal.created_at < before, ProfileProposal.state.in_(_UNDECIDED))
            .returning(ProfileProposal.id)
        )
        return len(done.all())
