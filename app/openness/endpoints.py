"""Routes of the buyer's mirror."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, status

from app.accounts.auth import Caller, CallerDep
from app.api.deps import Lang, NowDep, SessionDep
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.audit.schemas import FrozenOut
from app.kit.errors import NotFound, ValidationFailed
from app.kit.ids import TenderId
from app.matches.live import TenderNotOpen
from app.matches.live_index import IndexNotLoaded
from app.openness import service
from app.openness.deps import MeansDep
from app.openness.schemas import MirrorExampleIn, MirrorIn, MirrorOut
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["openness"], route_class=IdempotentRoute)
Buyer = Annotated[Caller, CallerDep("matches:read")]
Writer = Annotated[Caller, CallerDep("matches:write")]


@router.post("/tenders/{tender_id:uuid}/mirror", responses=problems(NotFound, IndexNotLoaded, ValidationFailed))
async def mirror_tender(
    tender_id: uuid.UUID, body: MirrorIn, caller: Buyer, means: MeansDep, db: SessionDep, now: NowDep, lang: Lang
) -> MirrorOut:
    """How many startups could bid for your call, draft or published, whom each clause shuts out, and what asking less
    would change: counted anew for each change. The audit trail keeps that you looked.
    """
    return await service.of_tender(means, db, service.Asked(caller, now, lang), TenderId(tender_id), body.changes)


@router.post("/mirror", responses=problems(WrongOrganisationKind, IndexNotLoaded, ValidationFailed))
async def mirror_example(body: MirrorExampleIn, caller: Buyer, means: MeansDep, now: NowDep, lang: Lang) -> MirrorOut:
    """The mirror of a draft that is not entered anywhere. Nothing is kept."""
    return await service.of_example(means, service.Asked(caller, now, lang), body)


@router.post(
    "/tenders/{tender_id:uuid}/audit/freeze",
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotFound, TenderNotOpen, IndexNotLoaded),
)
async def freeze_candidates(
    tender_id: uuid.UUID, caller: Writer, means: MeansDep, db: SessionDep, now: NowDep, lang: Lang, _: IdempotencyDep
) -> FrozenOut:
    """Keep the candidates of your open call as they are now, 1,000 at most, dated and hashed, in the audit trail."""
    return await service.freeze(means, db, service.Asked(caller, now, lang), TenderId(tender_id))
