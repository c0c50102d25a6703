"""Pilots as everybody sees them: the list, and one of them as its two sides and all others do."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import NowDep, PageParams, ReadSessionDep
from app.kit.schemas import CleanStr
from app.models.organisation import OrganisationKind
from app.models.pilot import PilotApplication, PilotState
from app.pilots import service
from app.pilots.endpoints import APPLICANTS, NEWEST
from app.pilots.repository import PilotFilters, PilotRepository
from app.pilots.schemas import Applicant, PilotSummary
from app.pilots.states import TRANSITIONS, Action
from app.pilots.views import applicant_view, pilot_view, summary
from app.web.forms import Form
from app.web.pages import page, page_router
from app.web.pilots.access import Reader, posts_pilots
from app.web.rendering import link
from app.web.startups import Choice, StartupParam, chosen_startup
from app.web.tender.notice import Amount, amount_of

router = page_router("/pilots")

_HERE: Final = "/pilots"
_STATES: Final = tuple(PilotState)


@dataclass(frozen=True, slots=True)
class Line:
    """A pilot in a list."""

    pilot: PilotSummary
    budget: Amount | None


def lines_of(pilots: Sequence[PilotSummary]) -> list[Line]:
    """Pilots as lists show them."""
    return [Line(pilot, amount_of(pilot.budget)) for pilot in pilots]


@router.get("")
async def list_pilots(
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    asked: PageParams,
    state: Annotated[str, Query(max_length=20)] = "",
    region: Annotated[CleanStr, Query(max_length=200)] = "",
    q: Annotated[CleanStr, Query(max_length=300)] = "",
) -> Response:
    """A buyer's own pilots in any state; for all others those that are open."""
    own = posts_pilots(caller)
    wanted = [each for each in _STATES if each.value == state] if own else []
    filters = PilotFilters(own=own, states=wanted, region=region.strip() or None, q=q.strip() or None)
    before = asked.after(NEWEST)
    rows = await PilotRepository(db).newest(caller, filters, before[0] if before else None, asked.limit + 1)
    following = asked.next_cursor(rows, NEWEST, lambda row: (row[0].id,))
    here = link(_HERE, state=state, region=region, q=q)
    return page(
        request,
        "pilots/list.html",
        lines=lines_of([summary(pilot, buyer) for pilot, buyer in rows[: asked.limit]]),
        own=own,
        states=[each.value for each in _STATES],
        state=state,
        region=region,
        q=q,
        next=link(_HERE, state=state, region=region, q=q, cursor=following) if following else None,
        first=here if asked.cursor else None,
        may_write="pilots:write" in caller.scopes,
    )


@router.get("/{pilot_id:uuid}")
async def show_pilot(
    pilot_id: uuid.UUID,
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    now: NowDep,
    asked: PageParams,
    startup: StartupParam = None,
) -> Response:
    """One pilot: for its buyer who applied and what to do next, for a founder whether and how to apply."""
    return await shown(request, db, caller, pilot_id, now=now, asked=asked, startup=startup)


async def shown(
    request: Request, db: AsyncSession, caller: Caller, pilot_id: uuid.UUID, *, now: NowDep,
    asked: PageParams | None = None, startup: str | None = None, form: Form | None = None,
) -> Response:  # fmt: skip
    """The page of a pilot; ``form``: one that was refused."""
    seen = await service.show(db, caller, pilot_id)
    pilot = pilot_view(seen, caller)
    own = pilot.buyer.id == caller.organisation_id
    people: Sequence[Applicant] = ()
    following = None
    if own and pilot.state is not PilotState.DRAFT:
        people, following = await _applicants(db, caller, pilot_id, asked)
    choice, said = (None, None) if own else await _application(db, caller, pilot_id, startup)
    here = link(f"{_HERE}/{pilot_id}", startup=choice.param if choice else None)
    over = pilot.apply_by is not None and pilot.apply_by <= now
    return page(
        request,
        "pilots/pilot.html",
        200 if form is None else 422,
        pilot=pilot,
        budget=amount_of(pilot.budget),
        paid=amount_of(pilot.paid),
        own=own,
        actions=[each.value for each in Action if pilot.state in TRANSITIONS[each]],
        people=people,
        choice=choice,
        said=said,
        ran=choice is not None and pilot.startup_id == choice.id,
        over=over,
        form=form or Form(),
        here=here,
        next=link(here, cursor=following) if following else None,
        first=here if asked is not None and asked.cursor else None,
        may_write="pilots:write" in caller.scopes,
        may_meet="support:write" in caller.scopes and pilot.state is not PilotState.DRAFT,
    )


async def _applicants(
    db: AsyncSession, caller: Caller, pilot_id: uuid.UUID, asked: PageParams | None
) -> tuple[Sequence[Applicant], str | None]:
    after = asked.after(APPLICANTS) if asked is not None else None
    limit = asked.limit if asked is not None else 20
    rows = await PilotRepository(db).applicants(
        caller.organisation_id, pilot_id, after[0] if after else None, limit + 1
    )
    following = asked.next_cursor(rows, APPLICANTS, lambda row: (row[0].startup_id,)) if asked is not None else None
    return [applicant_view(row) for row in rows[:limit]], following


async def _application(
    db: AsyncSession, caller: Caller, pilot_id: uuid.UUID, startup: str | None
) -> tuple[Choice | None, PilotApplication | None]:
    if caller.kind is not OrganisationKind.STARTUP:
        return None, None
    choice = await chosen_startup(db, caller, startup)
    if choice is None:
        return None, None
    return choice, await service.application_of(db, caller, pilot_id, choice.id)
