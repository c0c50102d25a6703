"""Pilots and applications in the database. Who is asking comes first, and is part of every query."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.accounts.caller import Caller
from app.kit.ids import OrganisationId, StartupId
from app.models.attestation import Attestation
from app.models.organisation import Organisation
from app.models.pilot import Pilot, PilotApplication, PilotState
from app.models.startup import Startup
from app.tenders.filters import holds_words
from app.tenders.regions import region_of

_WITHOUT_SEARCH = (defer(Pilot.search, raiseload=True), defer(Pilot.search_text, raiseload=True))
_MOST_TOLD = 5_000
MOST_RANKED = 200
"""Open pilots that a startup is compared with, the newest ones."""


@dataclass(frozen=True, slots=True)
class PilotFilters:
    """Which pilots are asked for; ``None`` or empty means any. Without ``states``: open ones, or all of one's own."""

    own: bool = False
    states: Sequence[PilotState] = ()
    country: str | None = None
    region: str | None = None
    sector: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A pilot with what stands beside it: its buyer's name, whose the chosen startup is, the attestation's code."""

    pilot: Pilot
    buyer: str
    chosen_owner_id: uuid.UUID | None
    code: str | None


class PilotRepository:
    """Rows of pilots and applications."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, pilot: Pilot) -> None:
        """Enter a pilot."""
        self._session.add(pilot)
        await self._session.flush()

    async def flush(self) -> None:
        """Send what is pending."""
        await self._session.flush()

    async def own_for_update(self, buyer: OrganisationId, pilot_id: uuid.UUID) -> Pilot | None:
        """A pilot of this buyer, held against other writers until the transaction ends."""
        return await self._session.scalar(
            select(Pilot).where(Pilot.id == pilot_id, Pilot.buyer_id == buyer).options(*_WITHOUT_SEARCH)
            .with_for_update().execution_options(populate_existing=True)
        )  # fmt: skip

    async def held_open(self, caller: Caller, pilot_id: uuid.UUID) -> Pilot | None:
        """A pilot that the caller may see, held so that it is not closed while somebody applies."""
        return await self._session.scalar(
            select(Pilot).where(Pilot.id == pilot_id, _seen_by(caller)).options(*_WITHOUT_SEARCH)
            .with_for_update(read=True)
        )  # fmt: skip

    async def delete(self, buyer: OrganisationId, pilot_id: uuid.UUID) -> None:
        """Remove a pilot without a trace: for drafts."""
        await self._session.execute(delete(Pilot).where(Pilot.id == pilot_id, Pilot.buyer_id == buyer))

    async def visible(self, caller: Caller, pilot_id: uuid.UUID) -> Seen | None:
        """One pilot with what stands beside it, if the caller may see it."""
        rows = await self._session.execute(
            select(Pilot, Organisation.name, Startup.owner_id, Attestation.code)
            .join(Organisation, Organisation.id == Pilot.buyer_id)
            .outerjoin(Startup, Startup.id == Pilot.startup_id)
            .outerjoin(Attestation, Attestation.pilot_id == Pilot.id)
            .where(Pilot.id == pilot_id, _seen_by(caller))
            .options(*_WITHOUT_SEARCH)
        )
        row = rows.one_or_none()
        return None if row is None else Seen(*row)

    async def newest(
        self, caller: Caller, filters: PilotFilters, before: uuid.UUID | None, limit: int
    ) -> Sequence[Row[Pilot, str]]:
        """Pilots that the caller may see and that pass, with their buyers' names, the newest first."""
        query = (
            select(Pilot, Organisation.name)
            .join(Organisation, Organisation.id == Pilot.buyer_id)
            .where(_seen_by(caller), *_conditions(filters, caller))
            .options(*_WITHOUT_SEARCH)
            .order_by(Pilot.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(Pilot.id < before)
        return (await self._session.execute(query)).all()

    async def open_for(self, country: str | None, now: dt.datetime) -> Sequence[Row[Pilot, str]]:
        """Open pilots that a startup of a country can still apply for, the newest first."""
        query = (
            select(Pilot, Organisation.name)
            .join(Organisation, Organisation.id == Pilot.buyer_id)
            .where(Pilot.state == PilotState.OPEN, or_(Pilot.apply_by.is_(None), Pilot.apply_by > now))
            .options(*_WITHOUT_SEARCH)
            .order_by(Pilot.id.desc())
            .limit(MOST_RANKED)
        )
        if country is not None:
            query = query.where(or_(Pilot.country.is_(None), Pilot.country == country))
        return (await self._session.execute(query)).all()

    async def own_startup(self, caller: Caller, startup_id: StartupId, *, lock: bool = False) -> Startup | None:
        """A startup that is the caller's own; ``lock``: held so that it is not erased meanwhile."""
        query = (
            select(Startup)
            .where(Startup.id == startup_id, Startup.owner_id == caller.organisation_id, Startup.deleted_at.is_(None))
            .options(defer(Startup.search, raiseload=True), defer(Startup.search_text, raiseload=True))
        )
        return await self._session.scalar(query.with_for_update(read=True, key_share=True) if lock else query)

    async def apply(
        self, pilot_id: uuid.UUID, startup_id: StartupId, message: str, now: dt.datetime
    ) -> PilotApplication:
        """Enter an application, or replace what it says."""
        entered = insert(PilotApplication).values(
            pilot_id=pilot_id, startup_id=startup_id, message=message, created_at=now, updated_at=now
        )
        kept = entered.on_conflict_do_update(
            index_elements=[PilotApplication.pilot_id, PilotApplication.startup_id],
            set_={"message": entered.excluded.message, "updated_at": entered.excluded.updated_at},
        ).returning(PilotApplication)
        return (await self._session.scalars(kept, execution_options={"populate_existing": True})).one()

    async def take_back(self, pilot_id: uuid.UUID, startup_id: StartupId) -> bool:
        """Delete an application; whether there was one."""
        gone = await self._session.scalar(
            delete(PilotApplication)
            .where(PilotApplication.pilot_id == pilot_id, PilotApplication.startup_id == startup_id)
            .returning(PilotApplication.startup_id)
        )
        return gone is not None

    async def applied(self, pilot_id: uuid.UUID, startup_id: uuid.UUID) -> Startup | None:
        """The startup, if it applied for the pilot and still is there."""
        return await self._session.scalar(
            select(Startup)
            .join(PilotApplication, PilotApplication.startup_id == Startup.id)
            .where(PilotApplication.pilot_id == pilot_id, Startup.id == startup_id, Startup.deleted_at.is_(None))
            .options(defer(Startup.search, raiseload=True), defer(Startup.search_text, raiseload=True))
        )

    async def applicants_owners(self, pilot: Pilot) -> dict[uuid.UUID, uuid.UUID | None]:
        """Whose the startups are that applied for a pilot, which was held for its buyer."""
        rows = await self._session.execute(
            select(Startup.id, Startup.owner_id)
            .join(PilotApplication, PilotApplication.startup_id == Startup.id)
            .where(PilotApplication.pilot_id == pilot.id, Startup.deleted_at.is_(None))
            .limit(_MOST_TOLD)
        )
        return dict(rows.all())

    async def applicants(
        self, buyer: OrganisationId, pilot_id: uuid.UUID, after: uuid.UUID | None, limit: int
    ) -> Sequence[Row[PilotApplication, str, str | None, str | None, uuid.UUID | None]]:
        """Who applied for a pilot of this buyer: application, name, country, city; and who was chosen."""
        query = (
            select(PilotApplication, Startup.name, Startup.country, Startup.city, Pilot.startup_id)
            .join(Startup, Startup.id == PilotApplication.startup_id)
            .join(Pilot, Pilot.id == PilotApplication.pilot_id)
            .where(Pilot.id == pilot_id, Pilot.buyer_id == buyer, Startup.deleted_at.is_(None))
            .order_by(PilotApplication.startup_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(PilotApplication.startup_id > after)
        return (await self._session.execute(query)).all()

    async def application(self, pilot_id: uuid.UUID, startup_id: StartupId) -> PilotApplication | None:
        """What a startup said for a pilot; whoever asks has been found to be its owner."""
        return await self._session.get(PilotApplication, (pilot_id, startup_id))

    async def applications_of(
        self, startup_id: StartupId, before: uuid.UUID | None, limit: int
    ) -> Sequence[Row[PilotApplication, Pilot, str]]:
        """What a startup applied for, the newest pilot first; whoever asks has been found to be its owner."""
        query = (
            select(PilotApplication, Pilot, Organisation.name)
            .join(Pilot, Pilot.id == PilotApplication.pilot_id)
            .join(Organisation, Organisation.id == Pilot.buyer_id)
            .where(PilotApplication.startup_id == startup_id)
            .options(*_WITHOUT_SEARCH)
            .order_by(PilotApplication.pilot_id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(PilotApplication.pilot_id < before)
        return (await self._session.execute(query)).all()


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    """Drafts are their buyer's; every other pilot is shown to whoever has a key."""
    return or_(Pilot.state != PilotState.DRAFT, Pilot.buyer_id == caller.organisation_id)


def _conditions(filters: PilotFilters, caller: Caller) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    states = filters.states or (() if filters.own else (PilotState.OPEN,))
    if filters.own:
        found.append(Pilot.buyer_id == caller.organisation_id)
    if states:
        found.append(Pilot.state.in_(states) if len(states) > 1 else Pilot.state == states[0])
    if filters.country is not None:
        found.append(Pilot.country == filters.country)
    if filters.region is not None:
        found.append(Pilot.region == (region_of(filters.region, "MA") or filters.region))
    if filters.sector is not None:
        found.append(Pilot.sector == filters.sector)
    if filters.q is not None:
        found.append(holds_words(Pilot.search, filters.q))
    return found
