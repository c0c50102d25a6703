"""What the mirror and its siblings read."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Final, TypeAlias

from sqlalchemy import ARRAY, Select, Uuid, any_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.evidence.repository import held_by
from app.kit.ids import StartupId, TenderId
from app.matches.documents import LISTED
from app.models.startup import Startup
from app.models.startup_evidence import StartupEvidence
from app.models.tender import Tender, TenderStatus
from app.startups.visibility import visible_to, whole_for
from scrapers.evidence import EvidenceRecord

Version: TypeAlias = tuple[int, ...]

_VERSIONS: Final = select(Startup.id, Startup.version, func.coalesce(StartupEvidence.version, 0)).outerjoin(
    StartupEvidence, StartupEvidence.startup_id == Startup.id
)
"""Startups with the versions of their profiles and evidence."""


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

    async def whole_startup(self, caller: Caller, startup_id: StartupId) -> JsonObject | None:
        """The record of a startup that the caller sees the whole of."""
        query = select(Startup.record).where(Startup.id == startup_id, whole_for(caller))
        return await self._session.scalar(query)

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
        rows = await self._session.execute(select(Startup.id, Startup.record).where(Startup.id.in_(list(ids))))
        return {row[0]: row[1] for row in rows}

    async def told_by_startups(
        self, ids: Collection[uuid.UUID]
    ) -> tuple[dict[uuid.UUID, JsonObject], dict[uuid.UUID, EvidenceRecord]]:
        """Profiles by id, and what those can show that have told anything: for judging, never for showing."""
        found = await self._session.execute(
            select(Startup.id, Startup.record, StartupEvidence.document)
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(Startup.id == any_(cast(list(ids), ARRAY(Uuid()))))
        )
        records: dict[uuid.UUID, JsonObject] = {}
        documents: dict[uuid.UUID, JsonObject | None] = {}
        for id_, record, document in found:
            records[id_], documents[id_] = record, document
        shown = {id_: EvidenceRecord.model_validate(told) for id_, told in documents.items() if told}
        return records, shown

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
        rows = await self._session.execute(select(Tender.id, Tender.record).where(Tender.id.in_(list(ids))))
        return {row[0]: row[1] for row in rows}

    async def tender_titles(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
        """Titles of published calls by id."""
        rows = await self._session.execute(
            select(Tender.id, Tender.title).where(Tender.id.in_(list(ids)), Tender.status == TenderStatus.PUBLISHED)
        )
        return {row[0]: row[1] for row in rows}
