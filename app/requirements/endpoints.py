"""Routes of what calls ask for: shown with the passages, corrected by the owner."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, status

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import TenderId
from app.requirements import endpoints_documents, service
from app.requirements.findings import Asked
from app.requirements.schemas import CorrectionIn, DocumentLine, RequirementOut, RequirementsOut
from app.requirements.service import Requirements
from matching.requirements import value_json
from matching.requirements.findings import Kind

router = APIRouter(tags=["requirements"])

Reader = Annotated[Caller, CallerDep("tenders:read")]
Writer = Annotated[Caller, CallerDep("tenders:write")]


@router.get("/tenders/{tender_id:uuid}/requirements", responses=problems(NotFound))
async def get_requirements(tender_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> RequirementsOut:
    """What a call asks for, read from its record and documents: each finding with its passage, place and confidence.
    What was not found is named as unknown, and documents that could not be read as such.
    """
    return _out(await service.show(db, caller, TenderId(tender_id)))


@router.put("/tenders/{tender_id:uuid}/requirements/{kind}", responses=problems(NotFound))
async def correct_requirement(
    tender_id: uuid.UUID, kind: Kind, correction: CorrectionIn, caller: Writer, db: SessionDep, now: NowDep
) -> RequirementsOut:
    """Say what your call asks of a kind, or with no values that what was found is wrong. Your word holds, whatever is
    read later, until you withdraw it.
    """
    await service.correct(db, caller, TenderId(tender_id), kind, correction.values, now)
    return _out(await service.show(db, caller, TenderId(tender_id)))


@router.delete(
    "/tenders/{tender_id:uuid}/requirements/{kind}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def withdraw_correction(
    tender_id: uuid.UUID, kind: Kind, caller: Writer, db: SessionDep, now: NowDep
) -> None:  # fmt: skip
    """Withdraw your word about a kind: what was found counts again."""
    await service.withdraw(db, caller, TenderId(tender_id), kind, now)


def _out(told: Requirements) -> RequirementsOut:
    return RequirementsOut(
        tender_id=told.tender_id,
        version=told.version,
        state="pending" if told.pending else "read",
        read_version=told.read_version,
        read_at=told.read_at,
        requirements=[_requirement(one) for one in told.asked],
        unknown=list(told.unknown),
        corrected=list(told.corrected),
        documents=[DocumentLine.model_validate(one) for one in told.documents],
    )


def _requirement(one: Asked) -> RequirementOut:
    found = one.finding
    return RequirementOut.model_validate({
        "kind": found.kind, "clause": one.clause, "value": value_json(found.value), "source": one.origin,
        "counts": one.counts, "quote": found.quote, "start": found.start, "end": found.end, "field": found.field,
        "document_id": one.document_id, "page": one.page, "confidence": found.confidence,
    })  # fmt: skip


router.include_router(endpoints_documents.router)
