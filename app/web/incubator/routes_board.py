"""The board of a cohort, its gaps, and what would open most tenders to it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.cohorts import service
from app.cohorts.deps import GapsDeskDep
from app.cohorts.gaps import look_at
from app.cohorts.repository import CohortRepository, key_of
from app.cohorts.schemas import LEAST_TOLD, TOLD_FIELDS, CohortFilters, Sorting
from app.kit.i18n import MOROCCO
from app.kit.paging import Keyset
from app.kit.schemas import CleanStr
from app.openness import cohort
from app.openness.deps import DeskDep
from app.openness.service import Asked
from app.web.alternatives import alternatives
from app.web.incubator.access import CohortReader, CohortWriter, MatchReader
from app.web.pages import page, page_router, see_other
from app.web.rendering import link
from app.web.visitor import VisitorDep

router = page_router("/cohort")

_ORDERS: Final[dict[Sorting, Keyset[tuple[object, ...]]]] = {
    Sorting.NAME: Keyset("cohort.name", TypeAdapter(tuple[str, uuid.UUID])),
    Sorting.CHANGED: Keyset("cohort.changed", TypeAdapter(tuple[dt.datetime, uuid.UUID])),
    Sorting.MATCHES: Keyset("cohort.matches", TypeAdapter(tuple[int, int, uuid.UUID])),
}
_YES_NO: Final = {"yes": True, "no": False}
Typed = Annotated[CleanStr, Query(max_length=200)]
Choice = Annotated[CleanStr, Query(max_length=20)]


@router.get("")
async def show_board(
    request: Request,
    caller: CohortReader,
    db: ReadSessionDep,
    now: NowDep,
    asked: PageParams,
    q: Typed = "",
    region: Typed = "",
    profile: Choice = "",
    claimed: Choice = "",
    sort: Choice = "",
) -> Response:
    """The startups of a cohort, each with how it stands."""
    filters = CohortFilters(
        q=q.strip() or None,
        region=region.strip() or None,
        thin={"thin": True, "ok": False}.get(profile),
        claimed=_YES_NO.get(claimed),
        sort=Sorting(sort) if sort in set(Sorting) else Sorting.NAME,
    )
    order = _ORDERS[filters.sort]
    today = now.astimezone(MOROCCO).date()
    rows = await service.board(db, caller, filters, asked.after(order), asked.limit + 1, today)
    following = asked.next_cursor(rows, order, lambda row: key_of(filters.sort, row.line))
    narrowed = {"q": q, "region": region, "profile": profile, "claimed": claimed, "sort": sort}
    return page(
        request,
        "incubator/board.html",
        rows=rows[: asked.limit],
        totals=await service.totals(db, caller, today),
        may_write="startups:write" in caller.scopes,
        fields=len(TOLD_FIELDS),
        least=LEAST_TOLD,
        today=today,
        narrowed=any((q, region, profile, claimed)),
        next=link("/cohort", **narrowed, cursor=following) if following else None,
        first=link("/cohort", **narrowed) if asked.cursor else None,
        sortings=list(Sorting),
    )


@router.get("/gaps")
async def show_gaps(
    request: Request, caller: MatchReader, db: ReadSessionDep, desk: GapsDeskDep, now: NowDep
) -> Response:
    """What shuts the cohort out of its best calls, and which papers it lacks."""
    return page(request, "incubator/gaps.html", look=await look_at(db, desk, caller, now), startup=None)


@router.post("/matches")
async def rank_again(request: Request, caller: CohortWriter, db: SessionDep) -> Response:
    """Compare the startups that are not listed with the calls of today; a worker does it."""
    await service.rank_again(db, caller)
    return see_other(request, "/cohort", done="cohort.ranking")


@router.get("/openings")
async def show_openings(
    request: Request, caller: MatchReader, visitor: VisitorDep, desk: DeskDep, now: NowDep
) -> Response:
    """Which single changes would open most open calls to the cohort, or how far the comparing is."""
    look = await cohort.look_at(desk, Asked(caller, now, visitor.lang))
    helped = {each.startup_id for opening in look.told.openings for each in opening.startups} if look.told else set()
    async with desk.means.sessions() as session:
        members = await CohortRepository(session).members(caller, helped)
    names = {startup: of.name for startup, of in members.items()}
    told = alternatives(look.told.openings, visitor.lang) if look.told else []
    return page(request, "incubator/openings.html", look=look, names=names, openings=told)
