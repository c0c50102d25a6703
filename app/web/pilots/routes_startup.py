"""What a founder does with pilots: finds those that fit, applies, and makes references of what was attested."""

from __future__ import annotations

import uuid
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import KeyringDep, NowDep, PageParams, ReadSessionDep, SessionDep
from app.kit.errors import AppError, NotFound, ValidationFailed
from app.matches.deps import RankerDep, ReadSessionsDep
from app.pilots import attestations, ranking, service
from app.pilots.endpoints_startups import EARNED, NEWEST
from app.pilots.repository import PilotRepository
from app.pilots.schemas import ApplicationIn, ReferenceDecision
from app.pilots.signing import AttestationKeys
from app.pilots.views import own_application_view, own_attestation_view
from app.web.forms import read, sent_form
from app.web.pages import page, page_router, see_other
from app.web.pilots.access import Founder, FounderReader, ProfileWriter
from app.web.pilots.attested import Told
from app.web.pilots.routes import shown
from app.web.rendering import link
from app.web.startups import Choice, StartupParam, chosen_startup
from app.web.tender.notice import amount_of
from app.web.visitor import VisitorDep

router = page_router("/pilots")

_MOST: Final = 20


@router.get("/fitting")
async def show_fitting(
    request: Request,
    caller: FounderReader,
    db: ReadSessionDep,
    visitor: VisitorDep,
    sessions: ReadSessionsDep,
    ranker: RankerDep,
    now: NowDep,
    startup: StartupParam = None,
) -> Response:
    """Open pilots that fit the startup, best first, with reasons."""
    choice = await chosen_startup(db, caller, startup)
    await db.close()
    if choice is None:
        return page(request, "opportunities/no_startup.html")
    found = await ranking.pilots_for(sessions, ranker, ranking.Asked(caller, now, visitor.lang, _MOST), choice.id)
    hits = [(hit, amount_of(hit.pilot.budget)) for hit in found.items]
    return page(request, "pilots/fitting.html", choice=choice, hits=hits, considered=found.considered)


@router.get("/applied")
async def show_applied(
    request: Request, caller: FounderReader, db: ReadSessionDep, asked: PageParams, startup: StartupParam = None
) -> Response:
    """What the startup applied for, the newest pilot first."""
    choice = await chosen_startup(db, caller, startup)
    if choice is None:
        return page(request, "opportunities/no_startup.html")
    before = asked.after(NEWEST)
    rows = await PilotRepository(db).applications_of(choice.id, before[0] if before else None, asked.limit + 1)
    following = asked.next_cursor(rows, NEWEST, lambda row: (row[0].pilot_id,))
    here = "/pilots/applied"
    return page(
        request,
        "pilots/applied.html",
        choice=choice,
        applications=[own_application_view(row) for row in rows[: asked.limit]],
        next=link(here, startup=choice.param, cursor=following) if following else None,
        first=link(here, startup=choice.param) if asked.cursor else None,
    )


@router.get("/attested")
async def show_attested(
    request: Request,
    caller: FounderReader,
    db: ReadSessionDep,
    keyring: KeyringDep,
    asked: PageParams,
    startup: StartupParam = None,
) -> Response:
    """What pilots of the startup were attested with, and whether they are among its references."""
    choice = await chosen_startup(db, caller, startup)
    if choice is None:
        return page(request, "opportunities/no_startup.html")
    before = asked.after(EARNED)
    found = await attestations.earned_by(db, caller, choice.id, before[0] if before else None, asked.limit + 1)
    following = asked.next_cursor(found, EARNED, lambda one: (one.id,))
    keys, here = AttestationKeys(keyring), "/pilots/attested"
    views = [own_attestation_view(one, keys) for one in found[: asked.limit]]
    return page(
        request,
        "pilots/attested.html",
        choice=choice,
        earned=[(one, Told.model_validate(one.facts)) for one in views],
        next=link(here, startup=choice.param, cursor=following) if following else None,
        first=link(here, startup=choice.param) if asked.cursor else None,
        may_write="startups:write" in caller.scopes,
    )


@router.post("/attested/{code}/reference")
async def decide_reference(
    code: str, request: Request, caller: ProfileWriter, visitor: VisitorDep, db: SessionDep, now: NowDep
) -> Response:
    """Make an attestation a reference of the profile, or take it from them."""
    form = await sent_form(request)
    decision, _ = read(ReferenceDecision, form, visitor.lang)
    if decision is None:
        raise ValidationFailed
    choice = await _own(db, caller, form.value("startup"))
    await attestations.decide(db, caller, choice.id, code, now, accepted=decision.accepted)
    done = "reference-kept" if decision.accepted else "reference-dropped"
    return see_other(request, link("/pilots/attested", startup=choice.param), done=done)


@router.post("/{pilot_id:uuid}/apply")
async def apply(
    pilot_id: uuid.UUID, request: Request, caller: Founder, visitor: VisitorDep, db: SessionDep, now: NowDep
) -> Response:
    """Apply, or say it otherwise."""
    form = await sent_form(request)
    choice = await _own(db, caller, form.value("startup"))
    said, form = read(ApplicationIn, form, visitor.lang)
    if said is not None:
        try:
            await service.apply(db, caller, pilot_id, choice.id, said.message, now)
        except NotFound:
            raise
        except AppError as error:
            form = form.refused(error, visitor.lang)
        else:
            return see_other(request, link(f"/pilots/{pilot_id}", startup=choice.param), done="pilot-applied")
    return await shown(request, db, caller, pilot_id, now=now, startup=choice.param, form=form)


@router.post("/{pilot_id:uuid}/take-back")
async def take_back(pilot_id: uuid.UUID, request: Request, caller: Founder, db: SessionDep) -> Response:
    """Take an application back."""
    choice = await _own(db, caller, (await sent_form(request)).value("startup"))
    await service.take_back(db, caller, pilot_id, choice.id)
    return see_other(request, link(f"/pilots/{pilot_id}", startup=choice.param), done="pilot-taken-back")


async def _own(db: AsyncSession, caller: Caller, wanted: str) -> Choice:
    choice = await chosen_startup(db, caller, wanted or None)
    if choice is None:
        raise NotFound
    return choice
