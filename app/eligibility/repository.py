"""The two sides of a pair, for whoever may ask about it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue
from sqlalchemy import ColumnElement, case, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.eligibility.judging import PairRecords
from app.evidence.repository import evidence_for, held_by
from app.kit.ids import OrganisationId, StartupId, TenderId
from app.models.startup import Startup
from app.models.startup_evidence import StartupEvidence
from app.models.tender import Tender, TenderStatus
from app.requirements.repository import RequirementRepository
from app.startups.views import public_record
from app.startups.visibility import visible_to, whole_for
from app.tenders.repository import seen_by
from scrapers.evidence import EvidenceRecord


@dataclass(frozen=True, slots=True)
class SeenPair:
    """The records of a pair; ``own``: the startup's evidence is the caller's to see, and not only to be judged by."""

    records: PairRecords
    own: bool


class EligibilityRepository:
    """Reads of pairs; who may see both sides is part of each query."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_startups_side(self, caller: Caller, startup_id: StartupId, tender_id: TenderId) -> SeenPair | None:
        """A startup that the caller sees the whole of, and a call it may see."""
        seen = [Tender.id == tender_id, seen_by(OrganisationId(caller.organisation_id))]
        pair = await self._pair(caller, [Startup.id == startup_id, whole_for(caller)], seen)
        if pair is None:
            return None
        told = await RequirementRepository(self._session).beyond_the_record([tender_id])
        return replace(pair, records=replace(pair.records, findings=told.get(tender_id)))

    async def of_buyers_side(self, caller: Caller, tender_id: TenderId, startup_id: StartupId) -> SeenPair | None:
        """A call of the caller's own that was published, and the public part of a startup it may know of.

        Whoever may ask again and again what a change of a clause makes of a startup would learn its figures: so nothing
        but what is public of it is judged. Not of a draft: nobody is told who could answer what is not yet public.
        """
        owned = true() if caller.is_operator else Tender.owner_id == caller.organisation_id
        startup = [Startup.id == startup_id, visible_to(caller)]
        call = [Tender.id == tender_id, owned, Tender.status != TenderStatus.DRAFT]
        pair = await self._pair(caller, startup, call)
        if pair is None:
            return None
        told = await RequirementRepository(self._session).beyond_the_record([tender_id])
        return replace(pair, records=replace(_public(pair.records), findings=told.get(tender_id)), own=False)

    async def calls(
        self, caller: Caller, startup_id: StartupId, tender_ids: Collection[uuid.UUID]
    ) -> dict[uuid.UUID, PairRecords]:
        """A startup that the caller sees the whole of, with each of these calls that it may see."""
        firm = (await self._startups(caller, [Startup.id == startup_id, whole_for(caller)])).get(startup_id)
        if firm is None:
            return {}
        found = await self._tenders(caller, tender_ids)
        return await self._with_documents({row: PairRecords(record, *firm) for row, record in found.items()})

    async def calls_seen(
        self, caller: Caller, startup: Mapping[str, JsonValue], tender_ids: Collection[uuid.UUID]
    ) -> dict[uuid.UUID, PairRecords]:
        """The record of a startup that is not stored, with each of these calls that the caller may see."""
        found = await self._tenders(caller, tender_ids)
        return await self._with_documents({row: PairRecords(record, startup) for row, record in found.items()})

    async def _with_documents(self, pairs: dict[uuid.UUID, PairRecords]) -> dict[uuid.UUID, PairRecords]:
        told = await RequirementRepository(self._session).beyond_the_record(pairs)
        return {row: replace(pair, findings=told.get(row)) for row, pair in pairs.items()}

    async def firms(
        self, caller: Caller, tender_id: TenderId, startup_ids: Collection[uuid.UUID]
    ) -> dict[uuid.UUID, PairRecords]:
        """A call that the caller may see, with the public part of each of these startups that it may know of."""
        seen = seen_by(OrganisationId(caller.organisation_id))
        # The call's record comes with the first startup only: it may be long, and is the same for all of them.
        first = func.row_number().over(order_by=Startup.id) == 1
        found = await self._session.execute(
            select(Startup.id, case((first, Tender.record)), Startup.record, StartupEvidence.document)
            .select_from(Tender)
            .join(Startup, true())
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(Startup.id.in_(startup_ids), visible_to(caller), Tender.id == tender_id, seen)
            .order_by(Startup.id)
        )
        rows = found.all()
        pairs = {row[0]: _records(rows[0][1], row[2], row[3]) for row in rows}
        told = (await RequirementRepository(self._session).beyond_the_record([tender_id])).get(tender_id)
        return {row: replace(_public(pair), findings=told) for row, pair in pairs.items()}

    async def pairs(
        self, caller: Caller, pairs: Collection[tuple[uuid.UUID, uuid.UUID]]
    ) -> dict[tuple[uuid.UUID, uuid.UUID], PairRecords]:
        """Startups that the caller sees the whole of, each with calls that it may see: pairs of startup and call."""
        if not pairs:
            return {}
        found = await self._session.execute(
            select(Startup.id, Tender.id, Tender.record, Startup.record, evidence_for(caller))
            .select_from(Startup)
            .join(Tender, true())
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(
                tuple_(Startup.id, Tender.id).in_(list(pairs)),
                Startup.id.in_({startup for startup, _ in pairs}),
                Tender.id.in_({call for _, call in pairs}),
                whole_for(caller),
                seen_by(OrganisationId(caller.organisation_id)),
            )
        )
        made = {(row[0], row[1]): _records(row[2], row[3], row[4]) for row in found}
        told = await RequirementRepository(self._session).beyond_the_record({call for _, call in made})
        return {pair: replace(each, findings=told.get(pair[1])) for pair, each in made.items()}

    async def _tenders(self, caller: Caller, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, JsonObject]:
        """The records of those of these calls that the caller may see."""
        seen = seen_by(OrganisationId(caller.organisation_id))
        found = await self._session.execute(select(Tender.id, Tender.record).where(Tender.id.in_(ids), seen))
        return dict(found.all())

    async def _startups(
        self, caller: Caller, holds: list[ColumnElement[bool]]
    ) -> dict[uuid.UUID, tuple[JsonObject, EvidenceRecord | None]]:
        """Records and evidence of startups. Apart from the calls: a record of a thousand wins beside each of twenty
        calls was sent and read twenty times.
        """
        found = await self._session.execute(
            select(Startup.id, Startup.record, evidence_for(caller))
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(*holds)
        )
        return {row[0]: (row[1], _evidence(row[2])) for row in found}

    async def _pair(
        self, caller: Caller, startup: list[ColumnElement[bool]], tender: list[ColumnElement[bool]]
    ) -> SeenPair | None:
        found = await self._session.execute(
            select(Tender.record, Startup.record, evidence_for(caller), held_by(caller))
            .select_from(Tender)
            .join(Startup, true())
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(*tender, *startup)
        )
        row = found.one_or_none()
        if row is None:
            return None
        return SeenPair(_records(row[0], row[1], row[2]), bool(row[3]))


def _public(pair: PairRecords) -> PairRecords:
    return replace(pair, startup=public_record(pair.startup), evidence=None)


def _records(tender: JsonObject, startup: JsonObject, evidence: JsonObject | None) -> PairRecords:
    return PairRecords(tender, startup, _evidence(evidence))


def _evidence(document: JsonObject | None) -> EvidenceRecord | None:
    return EvidenceRecord.model_validate(document) if document else None
