"""Candidates of a call: the ranked list, and what is decided about each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import CpuDep, NowDep, PageParams, SessionDep
from app.eligibility.lists import Wanted
from app.kit.errors import NotFound
from app.kit.ids import StartupId, TenderId
from app.matches import deciding, live
from app.matches.decisions import DecisionRepository, Pair
from app.matches.deps import RankerDep, ReadSessionsDep
from app.matches.schemas_decisions import DecisionIn
from app.models.decision import DecisionKind
from app.models.organisation import OrganisationKind
from app.models.tender import Tender
from app.openness.repository import OpennessRepository
from app.startups.schemas import StartupSummary
from app.web.candidates.filters import GRADES, OUTCOMES, SIZES, Filters, read_filters
from app.web.candidates.listing import region_names, rows_of
from app.web.candidates.sheet import MOST_EXPORTED
from app.web.forms import read, sent_form
from app.web.pages import local_path, page, page_router, see_other
from app.web.rendering import link
from app.web.visitor import Guard, VisitorDep
from matching.types import Grade

AT_ONCE = 10
"""Candidates of a page: each tells much."""

BUYERS = (OrganisationKind.BUYER, OrganisationKind.OPERATOR)
Reader = Annotated[Caller, Depends(Guard("matches:read", *BUYERS))]
Writer = Annotated[Caller, Depends(Guard("matches:write", *BUYERS))]

router = page_router("/calls/{tender_id:uuid}")


@dataclass(frozen=True, slots=True)
class Looking:
    """Whoever looks at candidates, through which filters, with what a ranking needs."""

    caller: Caller
    filters: Filters
    question: live.Question
    sessions: ReadSessionsDep
    ranker: RankerDep


def looking(
    request: Request,
    tender_id: uuid.UUID,
    visitor: VisitorDep,
    caller: Reader,
    now: NowDep,
    cpu: CpuDep,
    sessions: ReadSessionsDep,
    ranker: RankerDep,
) -> Looking:
    """A question about candidates, as the link asks it; eligibility is judged with its reasons."""
    filters = read_filters(request.query_params)
    outcomes = frozenset({filters.eligibility} if filters.eligibility else OUTCOMES)
    question = live.Question(
        caller, now, visitor.lang, TenderId(tender_id), filters.of_ranking(), Grade(filters.grade or "possible"),
        Wanted(cpu, now, outcomes), checks=True,
    )  # fmt: skip
    return Looking(caller, filters, question, sessions, ranker)


LookingDep = Annotated[Looking, Depends(looking)]


@router.get("/candidates")
async def show_candidates(request: Request, ask: LookingDep, db: SessionDep, given: PageParams) -> Response:
    """Candidates, best first, with how the list was made."""
    tender_id, pages = ask.question.tender_id, replace(given, limit=AT_ONCE)
    try:
        found = await live.listed(db, ask.sessions, ask.ranker, ask.question, pages)
    except live.TenderNotOpen:
        return await not_open(request, db, ask.caller, tender_id, "candidates")
    shown, path = found.page, f"/calls/{tender_id}/candidates"
    return page(
        request,
        "candidates/list.html",
        call_id=tender_id,
        call=found.tender,
        rows=rows_of(shown.items, found.before, request.state.visitor.lang),
        head=shown,
        before=found.before,
        most_exported=MOST_EXPORTED,
        filters=ask.filters,
        here=path,
        next=link(path, **ask.filters.given, cursor=shown.next) if shown.next else None,
        first=link(path, **ask.filters.given) if found.before else None,
        **choices(request, ask.filters, [each.startup for each in shown.items]),
    )


@router.post("/candidates/{startup_id:uuid}")
async def decide(
    request: Request,
    tender_id: uuid.UUID,
    startup_id: uuid.UUID,
    visitor: VisitorDep,
    caller: Writer,
    db: SessionDep,
    now: NowDep,
) -> Response:
    """Shortlist, invite or dismiss a startup, or take that back."""
    form = await sent_form(request)
    pair = Pair(TenderId(tender_id), StartupId(startup_id))
    kind: DecisionKind | None = None
    if form.value("kind") == "none":
        if await decided(db, caller, pair) is not None:
            await deciding.take_back(db, caller, pair)
    else:
        decision, form = read(DecisionIn, form, visitor.lang)
        if decision is None:
            return page(
                request, "candidates/decide.html", 422, call_id=tender_id, startup_id=startup_id, form=form,
                back=_back(form.value("next"), tender_id),
            )  # fmt: skip
        made = await deciding.decide_as_buyer(db, caller, pair, decision, now)
        kind = made.kind
    if request.headers.get("hx-request"):
        return page(
            request, "candidates/decision_fragment.html", call_id=tender_id, startup_id=startup_id, decision=kind,
            back=_back(form.value("next"), tender_id), focus=True,
        )  # fmt: skip
    return see_other(
        request, f"{_back(form.value('next'), tender_id)}#startup-{startup_id}", done=f"candidates-{kind or 'undone'}"
    )


async def decided(db: AsyncSession, caller: Caller, pair: Pair) -> DecisionKind | None:
    """What the caller decided about a pair."""
    kinds = await DecisionRepository(db).kinds_for_tender(caller.organisation_id, pair.tender_id, [pair.startup_id])
    return kinds.get(pair.startup_id)


async def own_call(db: AsyncSession, caller: Caller, tender_id: TenderId) -> Tender:
    """A call of the caller's in any state.

    Raises:
        NotFound: there is no such call, or it is somebody else's.
    """
    found = await OpennessRepository(db).own_tender(caller, tender_id)
    if found is None:
        raise NotFound
    return found[0]


async def not_open(request: Request, db: AsyncSession, caller: Caller, tender_id: TenderId, here: str) -> Response:
    """Why a call has no candidates to show: a draft's are nobody's to know yet, a closed one's are in its trail."""
    call = await own_call(db, caller, tender_id)
    return page(request, "candidates/not_open.html", call_id=tender_id, call=call, here=here)


def choices(request: Request, filters: Filters, startups: Sequence[StartupSummary]) -> dict[str, object]:
    """What the form of filters offers: fixed lists, and the sectors and labels of those shown."""
    sectors = {sector for each in startups for sector in each.sectors}
    labels = {label.name for each in startups for label in each.labels}
    return {
        "regions": region_names(request.state.visitor.lang),
        "sizes": tuple(SIZES),
        "grades": GRADES,
        "outcomes": OUTCOMES,
        "sectors": sorted(sectors)[:50],
        "labels": sorted(labels)[:50],
        "given": filters.given,
    }


def _back(given: str, tender_id: uuid.UUID) -> str:
    return local_path(given, f"/calls/{tender_id}/candidates")
