"""What a buyer does with pilots: writes them, opens them, chooses, judges, and ends them."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response

from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.kit.errors import AppError, ValidationFailed
from app.kit.i18n import HOME_CURRENCY
from app.matches.deps import RankerDep, ReadSessionsDep
from app.models.pilot import PilotState
from app.pilots import ranking, service
from app.pilots.attestations import Issuer
from app.pilots.endpoints import get_issuer
from app.pilots.schemas import Cancellation, Choice, NewPilot
from app.pilots.states import Action, PilotStateRefuses, after
from app.web.forms import filled, read, sent_form
from app.web.pages import page, page_router, see_other
from app.web.pilots.access import Buyer, BuyerReader
from app.web.pilots.routes import shown
from app.web.pilots.typed import body_of, closing_of, form_of
from app.web.visitor import VisitorDep

router = page_router("/pilots")

_MOST: Final = 20


@router.get("/new")
async def show_form(request: Request, caller: Buyer) -> Response:
    """Where a pilot is written."""
    del caller
    return page(request, "pilots/form.html", form=filled(currency=HOME_CURRENCY), pilot=None)


@router.post("/new")
async def post(request: Request, caller: Buyer, visitor: VisitorDep, db: SessionDep, now: NowDep) -> Response:
    """Keep it as a draft, or open it at once."""
    sent = await sent_form(request)
    body, form = body_of(sent, visitor.lang)
    if body is None:
        return page(request, "pilots/form.html", 422, form=form, pilot=None)
    state = "open" if form.value("do") == "open" else "draft"
    pilot = await service.post(db, caller, NewPilot(**body.model_dump(), state=state), now)
    return see_other(request, f"/pilots/{pilot.id}", done="pilot-opened" if state == "open" else "pilot-kept")


@router.get("/{pilot_id:uuid}/edit")
async def show_edit(pilot_id: uuid.UUID, request: Request, caller: Buyer, db: ReadSessionDep) -> Response:
    """A draft as a form; what is open does not change any more."""
    pilot = await service.require_own(db, caller, pilot_id)
    if pilot.state is not PilotState.DRAFT:
        return see_other(request, f"/pilots/{pilot_id}")
    return page(request, "pilots/form.html", form=form_of(pilot), pilot=pilot)


@router.post("/{pilot_id:uuid}/edit")
async def edit(
    pilot_id: uuid.UUID, request: Request, caller: Buyer, visitor: VisitorDep, db: SessionDep, now: NowDep
) -> Response:
    """Make a draft say something else; who was second sees that somebody was first."""
    pilot = await service.require_own(db, caller, pilot_id)
    body, form = body_of(await sent_form(request), visitor.lang, pilot)
    if body is None:
        return page(request, "pilots/form.html", 422, form=form, pilot=pilot)
    version = form.value("version")
    numbered = version.isdecimal() and len(version) < 10
    if_match = service.pilot_etag(pilot_id, int(version), inside=True) if numbered else '""'
    try:
        await service.replace(db, caller, pilot_id, body, if_match, now)
    except PilotStateRefuses:
        return see_other(request, f"/pilots/{pilot_id}")
    except AppError as error:
        return page(request, "pilots/form.html", error.status, form=form.refused(error, visitor.lang), pilot=pilot)
    return see_other(request, f"/pilots/{pilot_id}", done="pilot-kept")


@router.post("/{pilot_id:uuid}/open")
async def open_up(pilot_id: uuid.UUID, request: Request, caller: Buyer, db: SessionDep, now: NowDep) -> Response:
    """Let startups see it."""
    await service.open_up(db, caller, pilot_id, now)
    return see_other(request, f"/pilots/{pilot_id}", done="pilot-opened")


@router.post("/{pilot_id:uuid}/delete")
async def delete(pilot_id: uuid.UUID, request: Request, caller: Buyer, db: SessionDep) -> Response:
    """Throw a draft away."""
    await service.discard(db, caller, pilot_id)
    return see_other(request, "/pilots", done="pilot-deleted")


@router.post("/{pilot_id:uuid}/cancel")
async def cancel(
    pilot_id: uuid.UUID, request: Request, caller: Buyer, visitor: VisitorDep, db: SessionDep, now: NowDep
) -> Response:
    """End it without a result, for a reason."""
    why, form = read(Cancellation, await sent_form(request), visitor.lang)
    if why is None:
        return await shown(request, db, caller, pilot_id, now=now, form=form)
    await service.cancel(db, caller, pilot_id, why.because, now)
    return see_other(request, f"/pilots/{pilot_id}", done="pilot-cancelled")


@router.post("/{pilot_id:uuid}/choose")
async def choose(
    pilot_id: uuid.UUID, request: Request, caller: Buyer, visitor: VisitorDep, db: SessionDep, now: NowDep
) -> Response:
    """Let one of those who applied run it."""
    choice, _ = read(Choice, await sent_form(request), visitor.lang)
    if choice is None:
        raise ValidationFailed
    await service.choose(db, caller, pilot_id, choice.startup_id, now)
    return see_other(request, f"/pilots/{pilot_id}", done="pilot-chosen")


@router.get("/{pilot_id:uuid}/close")
async def show_closing(pilot_id: uuid.UUID, request: Request, caller: Buyer, db: ReadSessionDep) -> Response:
    """Where each criterion gets its verdict."""
    pilot = await service.require_own(db, caller, pilot_id)
    if pilot.state is not PilotState.RUNNING:
        return see_other(request, f"/pilots/{pilot_id}")
    form = filled(currency=pilot.budget_currency)
    return page(request, "pilots/close.html", pilot=pilot, form=form)


@router.post("/{pilot_id:uuid}/close")
async def close(
    pilot_id: uuid.UUID,
    request: Request,
    caller: Buyer,
    visitor: VisitorDep,
    db: SessionDep,
    issuer: Annotated[Issuer, Depends(get_issuer)],
    now: NowDep,
) -> Response:
    """End it with verdicts; a success is attested."""
    pilot = await service.require_own(db, caller, pilot_id)
    said, form = closing_of(await sent_form(request), len(pilot.criteria), visitor.lang)
    if said is None:
        return page(request, "pilots/close.html", 422, pilot=pilot, form=form)
    await service.close(db, issuer, caller, pilot_id, said, now)
    return see_other(request, f"/pilots/{pilot_id}", done="pilot-closed")


@router.get("/{pilot_id:uuid}/candidates")
async def show_candidates(
    pilot_id: uuid.UUID,
    request: Request,
    caller: BuyerReader,
    db: ReadSessionDep,
    visitor: VisitorDep,
    sessions: ReadSessionsDep,
    ranker: RankerDep,
    now: NowDep,
) -> Response:
    """Listed startups that fit an open pilot."""
    pilot = await service.require_own(db, caller, pilot_id)
    await db.close()
    try:
        after(Action.CHOOSE, pilot.state)
    except PilotStateRefuses:
        return see_other(request, f"/pilots/{pilot_id}")
    found = await ranking.candidates(sessions, ranker, ranking.Asked(caller, now, visitor.lang, _MOST), pilot_id)
    return page(request, "pilots/candidates.html", pilot=pilot, found=found, may_meet="support:write" in caller.scopes)
