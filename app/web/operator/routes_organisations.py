"""Who is on this installation: its organisations, and a new one with its first administrator."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import OrganisationIn
from app.api.deps import KeyringDep, NowDep, PageParams, ReadSessionDep, SessionDep
from app.kit.i18n import Lang, translate
from app.kit.ids import OrganisationId
from app.kit.mail_address import MailAddress
from app.kit.paging import Keyset
from app.kit.schemas import CleanStr, Schema
from app.members import invitations
from app.members.invitations import Invited, NotInvited
from app.members.roles import Role
from app.models.organisation import OrganisationKind
from app.operations import service
from app.operations.service import OrganisationFilters
from app.web.entry.door import PlanDep
from app.web.forms import Form, filled, read, sent_form
from app.web.once import show_once, shown_once
from app.web.operator.access import Admin, Reader
from app.web.pages import page, page_router, see_other
from app.web.rendering import link
from app.web.visitor import SignedInDep, VisitorDep

router = page_router("/operate/organisations")

NEWEST: Final = Keyset("operate.organisations", TypeAdapter(tuple[uuid.UUID]))
_KINDS: Final = tuple(OrganisationKind)


class FirstAdminIn(Schema):
    """Whom to invite as an administrator."""

    mail: MailAddress
    lang: Lang


@router.get("")
async def show_organisations(
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    asked: PageParams,
    kind: Annotated[CleanStr, Query(max_length=20)] = "",
    q: Annotated[CleanStr, Query(max_length=200)] = "",
) -> Response:
    """The organisations, the newest first."""
    wanted = OrganisationFilters(OrganisationKind(kind) if kind in set(_KINDS) else None, q.strip() or None)
    before = asked.after(NEWEST)
    found = await service.organisations(db, caller, wanted, before[0] if before else None, asked.limit + 1)
    following = asked.next_cursor(found, NEWEST, lambda line: (line.id,))
    here = "/operate/organisations"
    return page(
        request,
        "operator/organisations.html",
        found=found[: asked.limit],
        kinds=_KINDS,
        narrowed=bool(kind or q),
        next=link(here, kind=kind, q=q, cursor=following) if following else None,
        first=link(here, kind=kind, q=q) if asked.cursor else None,
        may_write="accounts:write" in caller.scopes,
    )


@router.get("/new")
async def show_form(request: Request, caller: Admin, visitor: VisitorDep) -> Response:
    """Where a new organisation is entered."""
    del caller
    return page(request, "operator/organisation_new.html", form=filled(country="MA", lang=visitor.lang), kinds=_KINDS)


@router.post("/new")
async def enter(
    request: Request,
    caller: Admin,
    visitor: VisitorDep,
    who: SignedInDep,
    plan: PlanDep,
    db: SessionDep,
    keyring: KeyringDep,
    now: NowDep,
) -> Response:
    """Enter an organisation and invite its first administrator: both, or neither."""
    sent = await sent_form(request)
    order, form = read(OrganisationIn, sent, visitor.lang)
    first, form = read(FirstAdminIn, form, visitor.lang)
    if order is None or first is None:
        return page(request, "operator/organisation_new.html", 422, form=form, kinds=_KINDS)
    async with db.begin_nested() as attempt:
        organisation_id = await service.enter_organisation(db, caller, order)
        asked = invitations.Asked(first.mail, Role.ADMIN, first.lang, by_mail=plan.mail)
        made = await invitations.invite_into(db, keyring, who, organisation_id, asked, now)
        if isinstance(made, NotInvited):
            await attempt.rollback()
            form = form.wrong(mail=translate(f"web.account.not-invited.{made.value}", visitor.lang))
            return page(request, "operator/organisation_new.html", 422, form=form, kinds=_KINDS)
    return _invited(request, organisation_id, first.mail, made)


@router.get("/{organisation_id:uuid}")
async def show_organisation(
    organisation_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep, visitor: VisitorDep
) -> Response:
    """One organisation."""
    return await _shown(request, db, caller, organisation_id, filled(lang=visitor.lang))


@router.post("/{organisation_id:uuid}/invite")
async def invite(
    organisation_id: uuid.UUID,
    request: Request,
    caller: Admin,
    visitor: VisitorDep,
    who: SignedInDep,
    plan: PlanDep,
    db: SessionDep,
    now: NowDep,
) -> Response:
    """Invite somebody as an administrator of an organisation."""
    line = await service.organisation(db, caller, organisation_id)
    first, form = read(FirstAdminIn, await sent_form(request), visitor.lang)
    if first is not None:
        asked = invitations.Asked(first.mail, Role.ADMIN, first.lang, by_mail=plan.mail)
        owner = OrganisationId(line.id)
        made = await invitations.invite_into(db, request.state.keyring, who, owner, asked, now)
        if isinstance(made, Invited):
            return _invited(request, owner, first.mail, made)
        form = form.wrong(mail=translate(f"web.account.not-invited.{made.value}", visitor.lang))
    return await _shown(request, db, caller, organisation_id, form, 422)


async def _shown(
    request: Request, db: AsyncSession, caller: Reader, organisation_id: uuid.UUID, form: Form, status: int = 200
) -> Response:
    return page(
        request,
        "operator/organisation.html",
        status,
        line=await service.organisation(db, caller, organisation_id),
        form=form,
        once=shown_once(request),
        may_write="accounts:write" in caller.scopes,
    )


def _invited(request: Request, organisation_id: OrganisationId, mail: str, made: Invited) -> Response:
    path = f"/operate/organisations/{organisation_id}"
    if made.token is None:
        return see_other(request, path, done="invited")
    site = request.state.public_url or str(request.base_url).rstrip("/")
    return show_once(request, path, mail=mail, link=f"{site}/invitation/{made.token}")
