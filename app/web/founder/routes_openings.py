"""``/openings``: which single change would open how many more calls. It is computed when it is looked at."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import NowDep
from app.models.organisation import OrganisationKind
from app.openness import openings
from app.openness.deps import MeansDep
from app.openness.service import Asked
from app.web.alternatives import alternatives
from app.web.founder.here import Here, Reading
from app.web.pages import page_router
from app.web.startups import StartupParam, chosen_startup
from app.web.visitor import Guard

router = page_router("/openings")
_SHOWN = 20


@router.get("")
async def show_openings(here: Reading) -> Response:
    """The page at once; what takes a moment comes after it, or by a link where there is no JavaScript."""
    if here.choice is None:
        return here.none_yet()
    return here.show("founder/openings.html", found=None)


@router.get("/list")
async def list_openings(
    request: Request,
    caller: Annotated[Caller, Depends(Guard("matches:read", OrganisationKind.STARTUP))],
    means: MeansDep,
    now: NowDep,
    startup: StartupParam = None,
) -> Response:
    """The same with the changes; no connection is held while they are tried on each call."""
    async with means.sessions() as session:
        here = Here(request, caller, session, await chosen_startup(session, caller, startup), now)
    if here.choice is None:
        return here.none_yet()
    found = await openings.of_startup(means, Asked(caller, now, here.lang), here.startup_id)
    told = alternatives(found.openings, here.lang)[:_SHOWN]
    return here.show("founder/openings.html", found=found, openings=told)
