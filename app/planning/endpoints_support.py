"""The route of support for a pair: who helps with what this startup lacks for this call."""

from __future__ import annotations

import uuid

from fastapi import APIRouter

from app.api.problems import problems
from app.kit.errors import NotFound
from app.planning import helping
from app.planning.endpoints import AskerDep, LookoutDep
from app.planning.schemas import PairSupportOut

router = APIRouter(tags=["planning"])


@router.get("/startups/{startup_id}/tenders/{tender_id}/support", responses=problems(NotFound))
async def show_support(startup_id: uuid.UUID, tender_id: uuid.UUID, asker: AskerDep, out: LookoutDep) -> PairSupportOut:
    """Who helps with what your startup lacks for this call: offers of partner organisations and programmes of a dated
    and cited catalogue, for each gap that may shut you out and for the money that is bound. Not legal advice.
    """
    return await helping.support_of(out, asker(startup_id, tender_id))
