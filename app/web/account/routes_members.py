"""The members of an organisation, invitations to it, and the organisations that one may go on in."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import NowDep, SessionDep
from app.kit.errors import NotFound
from app.kit.i18n import Lang, translate
from app.kit.ids import OrganisationId
from app.kit.mail_address import MailAddress
from app.kit.schemas import Schema
from app.members import belonging, invitations
from app.members.belonging import NotDone
from app.members.invitations import Invited
from app.members.roles import Role
from app.members.sessions import SignedIn, switch_organisation
from app.web.entry.door import UNFIT, PlanDep
from app.web.forms import Form, filled, read, sent_form
from app.web.once import show_once, shown_once
from app.web.pages import local_path, page, page_router, see_other
from app.web.visitor import Guard, SignedInDep, VisitorDep

router = page_router()
MayDecide = Annotated[Caller, Depends(Guard("accounts:write"))]


class InvitationIn(Schema):
    """Whom to invite."""

    mail: MailAddress
    role: Role
    lang: Lang


class RoleIn(Schema):
    """Another role of a member."""

    role: Role


class SwitchIn(Schema):
    """The organisation to go on in, and the page of it to go on at."""

    organisation: uuid.UUID
    next: str = ""


@router.get("/members")
async def show_members(request: Request, who: SignedInDep, plan: PlanDep, now: NowDep) -> Response:
    """Who belongs to the organisation; for admins, also who was invited."""
    return await _shown(request, who, now, filled(role=Role.MEMBER.value), mail=plan.mail)


@router.post("/members/invitations")
async def invite(
    request: Request, visitor: VisitorDep, who: SignedInDep, plan: PlanDep, db: SessionDep, now: NowDep, _: MayDecide
) -> Response:
    """Invite somebody."""
    order, form = read(InvitationIn, await sent_form(request), visitor.lang)
    if order is not None:
        asked = invitations.Asked(order.mail, order.role, order.lang, by_mail=plan.mail)
        made = await invitations.invite(db, request.state.keyring, who, asked, now)
        if isinstance(made, Invited):
            if made.token is None:
                return see_other(request, "/members", done="invited")
            site = request.state.public_url or str(request.base_url).rstrip("/")
            return show_once(request, "/members", mail=order.mail, link=f"{site}/invitation/{made.token}")
        form = form.wrong(mail=translate(f"web.account.not-invited.{made.value}", visitor.lang))
    return await _shown(request, who, now, form, mail=plan.mail)


@router.post("/members/invitations/{invitation_id}/revoke")
async def revoke(
    invitation_id: uuid.UUID, request: Request, who: SignedInDep, db: SessionDep, now: NowDep, _: MayDecide
) -> Response:
    """Take an invitation back.

    Raises:
        NotFound: it is none of the organisation's, or open no more.

    """
    if not await invitations.revoke(db, who, invitation_id, now):
        raise NotFound
    return see_other(request, "/members", done="invitation-revoked")


@router.post("/members/{person_id}/role")
async def change_role(
    person_id: uuid.UUID, request: Request, visitor: VisitorDep, who: SignedInDep, db: SessionDep, now: NowDep,
    _: MayDecide,
) -> Response:  # fmt: skip
    """Give a member another role."""
    order, _form = read(RoleIn, await sent_form(request), visitor.lang)
    if order is None:
        raise NotFound
    return await _decided(request, who, now, await belonging.change_role(db, who, person_id, order.role, now))


@router.post("/members/{person_id}/remove")
async def remove(
    person_id: uuid.UUID, request: Request, who: SignedInDep, db: SessionDep, now: NowDep, _: MayDecide
) -> Response:
    """Take a member out of the organisation."""
    keep_keys = (await sent_form(request)).has("keep_keys", "true")
    return await _decided(request, who, now, await belonging.remove(db, who, person_id, now, keep_keys=keep_keys))


@router.get("/organisation")
async def show_organisations(
    request: Request, who: SignedInDep, following: Annotated[str, Query(alias="next")] = ""
) -> Response:
    """The organisations that one belongs to. ``following``: the page that was asked for, which may be another's."""
    async with request.state.read_sessions() as session:
        found = await belonging.organisations(session, who)
    return page(request, "account/organisation.html", organisations=found, following=local_path(following, ""))


@router.post("/organisation")
async def switch(request: Request, visitor: VisitorDep, who: SignedInDep, db: SessionDep) -> Response:
    """Go on in another organisation.

    Raises:
        NotFound: one does not belong to it.

    """
    order, _ = read(SwitchIn, await sent_form(request), visitor.lang)
    if order is None or not await switch_organisation(db, who, OrganisationId(order.organisation)):
        raise NotFound
    return see_other(request, local_path(order.next))


async def _decided(request: Request, who: SignedIn, now: NowDep, refusal: NotDone | None) -> Response:
    if refusal is NotDone.NOBODY:
        raise NotFound
    if refusal is None:
        return see_other(request, "/members", done="member-changed")
    said = translate("web.account.last-admin", request.state.visitor.lang)
    form = Form().wrong(**{"": said})
    return await _shown(request, who, now, form, mail=request.state.entry.mail)


async def _shown(request: Request, who: SignedIn, now: NowDep, form: Form, *, mail: bool) -> Response:
    may_decide = "accounts:write" in who.caller.scopes
    keyring = request.state.keyring
    async with request.state.read_sessions() as session:
        members = await belonging.members(session, keyring, who)
        pending = await belonging.pending(session, keyring, who, now) if may_decide else ()
    return page(
        request, "account/members.html", UNFIT if form.errors else 200, members=members, pending=pending, form=form,
        may_decide=may_decide, made=shown_once(request) if may_decide else {}, sends_mail=mail, roles=list(Role),
    )  # fmt: skip
