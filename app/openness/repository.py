"""What the mirror and its siblings read."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import ARRAY, ColumnElement, Select, SQLColumnExpression, Uuid, any_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.evidence.repository import evidence_for, held_by
from app.kit.ids import StartupId, TenderId
from app.matches.documents import LISTED
from app.models.startup import Startup
from app.models.startup_evidence import StartupEvidence
from app.models.tender import Tender, TenderStatus
from app.startups.visibility import visible_to, whole_for

Version: TypeAlias = tuple[int, ...]

_VERSIONS: Final = select(Startup.id, Startup.version, func.coalesce(StartupEvidence.version, 0)).outerjoin(
    StartupEvidence, StartupEvidence.startup_id == Startup.id
)
"""Startups with the versions of their profiles and evidence."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A startup's profile as it stands, and what of its evidence may be looked at, if anything. Neither is read yet."""

    record: JsonObject
    evidence: JsonObject | None = None


class OpennessRepository:
    """Rows of startups and calls for counting."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def own_tender(self, caller: Caller, tender_id: TenderId) -> tuple[Tender, JsonObject] | None:
        """A call of the caller's in any state, with its record; for operators, any."""
        query = select(Tender).where(Tender.id == tender_id)
        if not caller.is_operator:
            query = query.where(Tender.owner_id == caller.organisation_id)
        found = (await self._session.scalars(query)).one_or_none()
        return None if found is None else (found, found.record)

    async def public_tender(self, tender_id: TenderId) -> Tender | None:
        """A call that is published."""
        query = select(Tender).where(Tender.id == tender_id, Tender.status == TenderStatus.PUBLISHED)
        return (await self._session.scalars(query)).one_or_none()

    async def whole_startup(self, caller: Caller, startup_id: StartupId) -> Stored | None:
        """A startup that the caller sees the whole of, with the evidence that is the caller's to see."""
        found = await self._stored(evidence_for(caller), Startup.id == startup_id, whole_for(caller))
        return found.get(startup_id)

    async def cohort_versions(self, caller: Caller, limit: int) -> dict[uuid.UUID, Version]:
        """The startups of the caller, the newest first, with the versions of profile and evidence; 0 for evidence
        that is not the caller's to see.
        """
        evidence = case((held_by(caller), func.coalesce(StartupEvidence.version, 0)), else_=0)
        mine = (
            select(Startup.id, Startup.version, evidence)
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(visible_to(caller), whole_for(caller))
        )
        return await self._versions(mine.order_by(Startup.id.desc()).limit(limit))

    async def startup_versions(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Version]:
        """Of the listed startups among these, the versions of profile and evidence."""
        return await self._versions(_VERSIONS.where(Startup.id == any_(cast(list(ids), ARRAY(Uuid()))), LISTED))

    async def _versions(self, query: Select[uuid.UUID, int, int]) -> dict[uuid.UUID, Version]:
        return {id_: (profile, evidence) for id_, profile, evidence in await self._session.execute(query)}

    async def startup_records(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, JsonObject]:
        """Profiles by id."""
        query = select(Startup.id, Startup.record).where(Startup.id == any_(cast(list(ids), ARRAY(Uuid()))))
        return dict((await self._session.execute(query)).all())

    async def told_by_startups(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Stored]:
        """Profiles by id, with what those can show that have told anything: for judging, never for showing."""
        return await self._stored(StartupEvidence.document, Startup.id == any_(cast(list(ids), ARRAY(Uuid()))))

    async def told_to(self, caller: Caller, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Stored]:
        """Profiles by id, with the evidence that is the caller's to see. Who may see the profiles is decided before."""
        return await self._stored(evidence_for(caller), Startup.id == any_(cast(list(ids), ARRAY(Uuid()))))

    async def _stored(
        self, evidence: SQLColumnExpression[JsonObject | None], *holds: ColumnElement[bool]
    ) -> dict[uuid.UUID, Stored]:
        query = select(Startup.id, Startup.record, evidence).outerjoin(
            StartupEvidence, StartupEvidence.startup_id == Startup.id
        )
        return {id_: Stored(record, told) for id_, record, told in await self._session.execute(query.where(*holds))}

    async def tender_versions(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Version]:
        """Of the published calls among these, their versions."""
        rows = await self._session.execute(
            select(Tender.id, Tender.version).where(
                Tender.id == any_(cast(list(ids), ARRAY(Uuid()))), Tender.status == TenderStatus.PUBLISHED
            )
        )
        return {id_: (version,) for id_, version in rows}

    async def tender_records(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, JsonObject]:
        """Calls by id."""
        query = select(Tender.id, Tender.record).where(Tender.id == any_(cast(list(ids), ARRAY(Uuid()))))
        return dict((await self._session.execute(query)).all())

    async def tender_titles(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
        """Titles of published calls by id."""
        rows = await self._session.execute(
            select(Tender.id, Tender.title).where(Tender.id.in_(list(ids)), Tender.status == TenderStatus.PUBLISHED)
        )
        return {row[0]: row[1] for row in rows}
