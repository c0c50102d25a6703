"""A few candidates side by side, and one startup explained: why it is on the list or not."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response

from app.api.deps import ReadSessionDep, SessionDep
from app.kit.schemas import CleanStr
from app.matches import explaining, live
from app.models.tender import TenderStatus
from app.startups.filters import StartupFilters
from app.startups.repository import StartupRepository
from app.support.equal_treatment import may_meet
from app.web.candidates.filters import OUTCOMES
from app.web.candidates.listing import in_the_way, reasons_of, region_names
from app.web.candidates.routes import LookingDep, not_open, own_call
from app.web.candidates.table import FEWEST, MOST, compared
from app.web.marking import pieces, spans_in
from app.web.pages import page, page_router
from app.web.reasons import gathered
from app.web.rendering import link

_FOUND: Final = 10

router = page_router("/calls/{tender_id:uuid}")


@router.get("/compare")
async def compare(
    request: Request,
    ask: LookingDep,
    db: SessionDep,
    startup: Annotated[list[uuid.UUID], Query(default_factory=list, max_length=20)],
    differences: Annotated[str | None, Query(max_length=10)] = None,
) -> Response:
    """Two to four candidates, line by line."""
    question, lang = ask.question, ask.question.lang
    ids = list(dict.fromkeys(startup))
    back = f"/calls/{question.tender_id}/candidates"
    if not FEWEST <= len(ids) <= MOST:
        call = await own_call(db, ask.caller, question.tender_id)
        return page(request, "candidates/compare_choose.html", 422, call_id=question.tender_id, call=call, back=back)
    try:
        found = await explaining.side_by_side(db, ask.sessions, ask.ranker, question, ids)
    except live.TenderNotOpen:
        return await not_open(request, db, ask.caller, question.tender_id, "candidates")
    whole = compared(found.shown, region_names(lang), lang)
    asked = "&".join(f"startup={each}" for each in ids)
    return page(
        request,
        "candidates/compare.html",
        call_id=question.tender_id,
        call=found.tender,
        shown=found.shown,
        gone=len(found.shown) < len(ids),
        table=whole.without_sameness() if differences else whole,
        differences=whole.differences,
        only=bool(differences),
        everything=f"/calls/{question.tender_id}/compare?{asked}",
        back=back,
    )


@router.get("/why")
async def pick(
    request: Request,
    ask: LookingDep,
    db: ReadSessionDep,
    name: Annotated[CleanStr | None, Query(max_length=200)] = None,
) -> Response:
    """A known startup, looked for by its name."""
    tender_id = ask.question.tender_id
    call = await own_call(db, ask.caller, tender_id)
    found = None
    if name:
        found = await StartupRepository(db).by_name(ask.caller, StartupFilters(q=name, listed=True), None, _FOUND)
    return page(request, "candidates/why_pick.html", call_id=tender_id, call=call, name=name or "", found=found)


@router.get("/why/{startup_id:uuid}")
async def why(request: Request, startup_id: uuid.UUID, ask: LookingDep, db: SessionDep) -> Response:
    """Rank, preconditions, reasons and eligibility of one startup, with its public profile."""
    question = ask.question
    try:
        told, found = await explaining.why(db, ask.sessions, ask.ranker, question, startup_id)
    except live.TenderNotOpen:
        return await not_open(request, db, ask.caller, question.tender_id, "candidates")
    one = found.shown[0]
    places = [span for reason in one.candidate.reasons for span in reason.in_startup]
    description = one.profile.description
    return page(
        request,
        "candidates/why.html",
        call_id=question.tender_id,
        call=found.tender,
        told=told,
        profile=one.profile,
        description=pieces(description, spans_in(description, "description", places)) if description else [],
        references=[
            (reference, pieces(reference.title, spans_in(reference.title, "references", places, number)))
            for number, reference in enumerate(one.profile.references[:20])
        ],
        reasons=reasons_of(gathered(one.candidate.reasons, question.lang)),
        checks=in_the_way(one.candidate.eligibility),
        regions=region_names(question.lang),
        outcomes=OUTCOMES,
        may_meet=may_meet(TenderStatus.PUBLISHED, found.tender.sector) and "support:write" in ask.caller.scopes,
        most=live.DEEPEST,
        back=link(f"/calls/{question.tender_id}/candidates"),
    )
