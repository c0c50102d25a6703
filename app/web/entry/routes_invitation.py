"""An invitation, as its holder sees it, and accepting it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response
from pydantic import Field

from app.api.deps import NowDep
from app.db.session import unit_of_work
from app.kit.i18n import translate
from app.kit.schemas import Schema
from app.members import invitations
from app.members.entering import Entered
from app.members.passwords import UnfitPassword
from app.members.sessions import switch_organisation
from app.web.account.naming import PersonName
from app.web.entry.door import UNFIT, DoorDep, PlanDep, browser_of, let_in, told
from app.web.forms import Form, read, sent_form
from app.web.pages import page, page_router, see_other
from app.web.visitor import SignedInDep, Visitor, VisitorDep

router = page_router()

Token = Annotated[str, Path(max_length=100)]


class NewcomerIn(Schema):
    """Who accepts an invitation without having an account."""

    name: PersonName
    password: str = Field(default="", max_length=500)


@router.get("/invitation/{token}")
async def show_invitation(token: Token, request: Request, visitor: VisitorDep, plan: PlanDep, now: NowDep) -> Response:
    """Who invites to what."""
    shown = await _shown(request, token, visitor, now)
    return page(
        request, "entry/invitation.html", 200 if shown else 404, invitation=shown, token=token, form=Form(), plan=plan
    )


@router.post("/invitation/{token}")
async def accept_as_newcomer(
    token: Token, request: Request, visitor: VisitorDep, plan: PlanDep, door: DoorDep, now: NowDep
) -> Response:
    """Join with a new account; without a password only where links are mailed to come in by."""
    order, form = read(NewcomerIn, await sent_form(request), visitor.lang)
    status = UNFIT
    if order is not None:
        password = None if plan.mail and not order.password else order.password
        try:
            entry = await invitations.accept_as_newcomer(door, token, order.name, password, browser_of(request), now)
        except UnfitPassword as unfit:
            form = form.wrong(password=translate(f"web.account.password.{unfit.why}", visitor.lang))
        else:
            if isinstance(entry, Entered):
                return let_in(request, entry, None)
            form, status = told(form, entry, visitor)
    shown = await _shown(request, token, visitor, now)
    return page(request, "entry/invitation.html", status, invitation=shown, token=token, form=form, plan=plan)


@router.post("/invitation/{token}/join")
async def accept_as_member(token: Token, request: Request, who: SignedInDep, door: DoorDep, now: NowDep) -> Response:
    """Join with the account that one is signed in with, and go on in the new organisation."""
    joined = await invitations.accept_as_member(door, token, who, now)
    if joined is None:
        return see_other(request, f"/invitation/{token}")
    async with unit_of_work(door.sessions) as session:
        await switch_organisation(session, who, joined)
    return see_other(request, "/", done="joined")


async def _shown(request: Request, token: str, visitor: Visitor, now: dt.datetime) -> invitations.Shown | None:
    async with request.state.read_sessions() as session:
        return await invitations.show(session, request.state.keyring, token, visitor.who, now)
