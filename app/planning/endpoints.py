"""Routes of plans: what is left to do for a call, and the ways around what shuts out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from app.accounts.auth import Caller, CallerDep
from app.api.deps import CpuDep, Lang, NowDep
from app.api.problems import problems
from app.eligibility.service import Pair
from app.kit.errors import NotFound
from app.kit.ids import StartupId, TenderId
from app.matches.deps import RankerDep, ReadSessionsDep
from app.matches.live_index import IndexNotLoaded
from app.planning import service
from app.planning.schemas import ReadinessOut, RoutesOut
from app.planning.surroundings import Lookout
from app.planning.telling import tell_readiness, tell_routes
from matching.eligibility.loading import default_rules

router = APIRouter(tags=["planning"])

Reader = Annotated[Caller, CallerDep("matches:read")]


def get_asker(caller: Reader, now: NowDep, lang: Lang) -> Callable[[uuid.UUID, uuid.UUID], Pair]:
    """Makes the question of who asks about a startup and a call."""
    return lambda startup, tender: Pair(caller, TenderId(tender), StartupId(startup), now, lang)


def get_lookout(sessions: ReadSessionsDep, ranker: RankerDep, cpu: CpuDep) -> Lookout:
    """What is needed to look around a pair."""
    return Lookout(sessions, ranker, cpu, default_rules())


AskerDep = Annotated[Callable[[uuid.UUID, uuid.UUID], Pair], Depends(get_asker)]
LookoutDep = Annotated[Lookout, Depends(get_lookout)]


@router.get("/startups/{startup_id}/tenders/{tender_id}/readiness", responses=problems(NotFound))
async def show_readiness(startup_id: uuid.UUID, tender_id: uuid.UUID, asker: AskerDep, out: LookoutDep) -> ReadinessOut:
    """What your bid still takes: pieces held, expiring and missing, the cash it binds, and whether the days are enough.

    Times are estimates of practice, each with its date. Not legal advice.
    """
    pair = asker(startup_id, tender_id)
    return tell_readiness(await service.ready(out, pair), pair.lang)


@router.get("/startups/{startup_id}/tenders/{tender_id}/routes", responses=problems(NotFound, IndexNotLoaded))
async def list_routes(startup_id: uuid.UUID, tender_id: uuid.UUID, asker: AskerDep, out: LookoutDep) -> RoutesOut:
    """The lawful ways in where this call shuts your startup out: another lot or call, partners, leads, pilots; each
    with its steps dated back from the deadline, over weekends and feasts, and with its ground. Not legal advice.
    """
    pair = asker(startup_id, tender_id)
    eligibility, routes = await service.ways_in(out, pair)
    return tell_routes(eligibility, routes, pair.lang)
