"""Routes of consortium proposals."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from app.accounts.auth import Caller, CallerDep
from app.api.deps import Lang, NowDep, SessionDep
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId, TenderId
from app.matches.live_index import IndexNotLoaded
from app.openness import consortia
from app.openness.deps import MeansDep
from app.openness.schemas_consortia import ConsortiaIn, ConsortiaOut
from app.openness.service import Asked

router = APIRouter(tags=["openness"])
Reader = Annotated[Caller, CallerDep("matches:read")]


@router.post("/tenders/{tender_id:uuid}/consortia", responses=problems(NotFound, IndexNotLoaded))
async def propose_consortia(
    tender_id: uuid.UUID,
    body: ConsortiaIn,
    caller: Reader,
    means: MeansDep,
    db: SessionDep,
    now: NowDep,
    lang: Lang,
) -> ConsortiaOut:
    """The smallest sets of listed startups that could answer your call together, with lead, shares and why each member.
    Of an unpublished draft without names. The audit trail keeps who was shown.
    """
    return await consortia.for_buyer(means, db, Asked(caller, now, lang), TenderId(tender_id), body)


@router.get(
    "/startups/{startup_id:uuid}/tenders/{tender_id:uuid}/consortia", responses=problems(NotFound, IndexNotLoaded)
)
async def list_consortia(
    startup_id: uuid.UUID,
    tender_id: uuid.UUID,
    caller: Reader,
    means: MeansDep,
    now: NowDep,
    lang: Lang,
    most: Annotated[int, Query(ge=1, le=4, description="Members at most, yours included.")] = 4,
    sure: Annotated[bool, Query(description="Count only what partners are known to hold.")] = False,
) -> ConsortiaOut:
    """The smallest sets of your startup and listed partners that could answer a published call together."""
    body = ConsortiaIn(most=most, sure=sure)
    return await consortia.for_startup(
        means, Asked(caller, now, lang), StartupId(startup_id), TenderId(tender_id), body
    )
