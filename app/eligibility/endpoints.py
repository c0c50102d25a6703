"""Routes of eligibility."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import CpuDep, Lang, NowDep, ReadSessionDep
from app.api.problems import problems
from app.eligibility import service
from app.eligibility.schemas import EligibilityOut, ExamplePairIn, PairEligibilityOut
from app.eligibility.service import Pair
from app.kit.errors import NotFound
from app.kit.ids import StartupId, TenderId

router = APIRouter(tags=["eligibility"])

Reader = Annotated[Caller, CallerDep("matches:read")]


@router.get("/startups/{startup_id}/tenders/{tender_id}/eligibility", responses=problems(NotFound))
async def get_eligibility(
    startup_id: uuid.UUID,
    tender_id: uuid.UUID,
    caller: Reader,
    db: ReadSessionDep,
    cpu: CpuDep,
    now: NowDep,
    lang: Lang,
) -> PairEligibilityOut:
    """May your startup bid for this call: pass, fail, or unknown with what would settle it. Not legal advice."""
    pair = Pair(caller, TenderId(tender_id), StartupId(startup_id), now, lang)
    return await service.for_startup(db, cpu, pair)


@router.get("/tenders/{tender_id}/startups/{startup_id}/eligibility", responses=problems(NotFound))
async def get_candidate_eligibility(
    tender_id: uuid.UUID,
    startup_id: uuid.UUID,
    caller: Reader,
    db: ReadSessionDep,
    cpu: CpuDep,
    now: NowDep,
    lang: Lang,
) -> PairEligibilityOut:
    """May this startup bid for your published call: the outcome and the checks, without the startup's own figures."""
    pair = Pair(caller, TenderId(tender_id), StartupId(startup_id), now, lang)
    return await service.for_buyer(db, cpu, pair)


@router.post("/eligibility")
async def post_eligibility(given: ExamplePairIn, _: Reader, cpu: CpuDep, now: NowDep, lang: Lang) -> EligibilityOut:
    """The same for a call and a startup that are not stored; nothing is kept."""
    return await service.for_example(cpu, given, now, lang)
