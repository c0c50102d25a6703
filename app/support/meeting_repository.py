"""Meetings in the database, and who stands on the two sides of one. Who is asking is part of every query."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.models.meeting import Meeting, MeetingState
from app.models.organisation import Organisation, OrganisationKind
from app.models.pilot import Pilot, PilotState
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from app.startups.visibility import visible_to


@dataclass(frozen=True, slots=True)
class Subject:
    """What a meeting is about: who buys, whether anybody reads there, and for a call its status, sector and country."""

    buyer_id: uuid.UUID
    reachable: bool
    status: TenderStatus | None = None
    sector: str | None = None
    country: str | None = None


class MeetingRepository:
    """Rows of meetings."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def tender(self, caller: Caller, tender_id: uuid.UUID) -> Subject | None:
        """A call that the caller may see. What a portal published is bought by somebody who is not here."""
        row = (
            await self._session.execute(
                select(
                    Tender.owner_id, Tender.source_id, Tender.status, Tender.sector, Tender.country, Organisation.kind
                )
                .join(Organisation, Organisation.id == Tender.owner_id)
                .where(
                    Tender.id == tender_id,
                    or_(Tender.status != TenderStatus.DRAFT, Tender.owner_id == caller.organisation_id),
                )
            )
        ).one_or_none()
        if row is None:
            return None
        return Subject(row[0], row[1] is None and row[5] is OrganisationKind.BUYER, row[2], row[3], row[4])

    async def pilot(self, caller: Caller, pilot_id: uuid.UUID) -> Subject | None:
        """A pilot that the caller may see."""
        buyer = await self._session.scalar(
            select(Pilot.buyer_id).where(
                Pilot.id == pilot_id,
                or_(Pilot.state != PilotState.DRAFT, Pilot.buyer_id == caller.organisation_id),
            )
        )
        return None if buyer is None else Subject(buyer, reachable=True)

    async def startup_owner(self, caller: Caller, startup_id: uuid.UUID) -> tuple[uuid.UUID | None] | None:
        """Whose a startup is that the caller may know of: ``None`` if there is none, ``(None,)`` if it is nobody's.

        It is held so that it is not erased meanwhile.
        """
        row = (
            await self._session.execute(
                select(Startup.owner_id)
                .where(Startup.id == startup_id, visible_to(caller))
                .with_for_update(read=True, key_share=True)
            )
        ).one_or_none()
        return None if row is None else (row[0],)

    async def add(self, values: dict[str, object]) -> uuid.UUID | None:
        """Enter a request; ``None`` if one for this pair and subject is still alive."""
        return await self._session.scalar(
            insert(Meeting).values(**values).on_conflict_do_nothing().returning(Meeting.id)
        )

    async def held(self, caller: Caller, meeting_id: uuid.UUID) -> Meeting | None:
        """A meeting that the caller has a side in, held against other writers."""
        return await self._session.scalar(
            select(Meeting).where(Meeting.id == meeting_id, _is_side(caller)).with_for_update()
        )

    async def subject_of(self, meeting: Meeting) -> tuple[TenderStatus, str | None, str | None] | None:
        """Status, sector and country of the call that a meeting is about, as they are now."""
        if meeting.tender_id is None:
            return None
        found = select(Tender.status, Tender.sector, Tender.country).where(Tender.id == meeting.tender_id)
        status, sector, country = (await self._session.execute(found)).one()
        return status, sector, country

    async def flush(self) -> None:
        """Send what is pending."""
        await self._session.flush()

    async def one(self, caller: Caller, meeting_id: uuid.UUID) -> Row[Meeting, str, str] | None:
        """A meeting that the caller has a side in, with the names of startup and buyer."""
        found = await self._session.execute(_shown(caller).where(Meeting.id == meeting_id))
        return found.one_or_none()

    async def newest(
        self, caller: Caller, states: Sequence[MeetingState], before: uuid.UUID | None, limit: int
    ) -> Sequence[Row[Meeting, str, str]]:
        """The meetings that the caller has a side in, the newest first."""
        query = _shown(caller).order_by(Meeting.id.desc()).limit(limit)
        if states:
            query = query.where(Meeting.state.in_(states))
        if before is not None:
            query = query.where(Meeting.id < before)
        return (await self._session.execute(query)).all()

    async def states_of_call(
        self, caller: Caller, tender_id: uuid.UUID, startup_ids: Collection[uuid.UUID]
    ) -> dict[uuid.UUID, MeetingState]:
        """How the caller's latest meeting about a call stands with each of these startups, where there is one."""
        rows = await self._session.execute(
            select(Meeting.startup_id, Meeting.state)
            .where(Meeting.tender_id == tender_id, Meeting.startup_id.in_(list(startup_ids)), _is_side(caller))
            .order_by(Meeting.id)
        )
        return dict(rows.all())


def _shown(caller: Caller) -> Select[Meeting, str, str]:
    return (
        select(Meeting, Startup.name, Organisation.name)
        .join(Startup, Startup.id == Meeting.startup_id)
        .join(Organisation, Organisation.id == Meeting.buyer_id)
        .where(_is_side(caller))
    )


def _is_side(caller: Caller) -> ColumnElement[bool]:
    return or_(Meeting.startup_side_id == caller.organisation_id, Meeting.buyer_id == caller.organisation_id)
