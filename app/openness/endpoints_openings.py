"""Routes of counterfactuals: what a startup, or a cohort, could change."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import Lang, NowDep
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.matches.live_index import IndexNotLoaded
from app.openness import cohort, openings
from app.openness.deps import DeskDep, MeansDep
from app.openness.schemas_openings import CohortOpeningsOut, OpeningsOut
from app.openness.service import Asked

router = APIRouter(tags=["openness"])
Reader = Annotated[Caller, CallerDep("matches:read")]


@router.get("/startups/{startup_id:uuid}/openings", responses=problems(NotFound, IndexNotLoaded))
async def list_openings(startup_id: uuid.UUID, caller: Reader, means: MeansDep, now: NowDep, lang: Lang) -> OpeningsOut:
    """Which single change (a certificate, a reference, a partner, a region ...) would open how many, and which, of the
    open calls that fit your startup: each tried on each call.
    """
    return await openings.of_startup(means, Asked(caller, now, lang), StartupId(startup_id))


@router.get("/cohort/openings", responses=problems(IndexNotLoaded))
async def list_cohort_openings(caller: Reader, desk: DeskDep, now: NowDep, lang: Lang) -> CohortOpeningsOut:
    """Which single changes would help your startups most, taken together."""
    return await cohort.of_cohort(desk, Asked(caller, now, lang))
