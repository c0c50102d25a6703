"""The second factor: set up, recovery codes, done without again."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from app.api.deps import NowDep
from app.db.session import unit_of_work
from app.kit.i18n import translate
from app.members import account, second_factor
from app.members.sessions import SignedIn
from app.web.entry.door import UNFIT, DoorDep
from app.web.forms import Form, sent_form
from app.web.once import show_once, shown_once
from app.web.pages import page, page_router, see_other
from app.web.visitor import SignedInDep, VisitorDep

router = page_router("/account/second-factor")
_CODES = "/account/second-factor/codes"


@router.get("")
async def show(request: Request, who: SignedInDep, now: NowDep) -> Response:
    """A secret to set up; where one is, what can be done with it."""
    return await _shown(request, who, now, Form())


@router.post("")
async def enable(request: Request, visitor: VisitorDep, who: SignedInDep, door: DoorDep, now: NowDep) -> Response:
    """Set up the secret with its first code."""
    form = await sent_form(request)
    if not await account.proven(door, who, form.value("current"), now):
        form = form.wrong(current=translate("web.account.password.not-current", visitor.lang))
        return await _shown(request, who, now, form)
    codes = await second_factor.enable(door, who, form.value("sealed"), form.value("code"), now)
    if codes is None:
        form = form.wrong(code=translate("web.entry.refused.wrong-code", visitor.lang))
        return await _shown(request, who, now, form)
    return show_once(request, _CODES, codes=" ".join(codes))


@router.post("/codes")
async def renew_codes(request: Request, visitor: VisitorDep, who: SignedInDep, door: DoorDep, now: NowDep) -> Response:
    """Make new recovery codes in place of the others."""
    form = await sent_form(request)
    if not await account.proven(door, who, form.value("current"), now):
        form = form.wrong(current=translate("web.account.password.not-current", visitor.lang))
        return await _shown(request, who, now, form)
    async with unit_of_work(door.sessions) as session:
        codes = await second_factor.new_recovery_codes(session, door.keyring, who.person_id)
    return show_once(request, _CODES, codes=" ".join(codes))


@router.get("/codes")
async def show_codes(request: Request, _: SignedInDep) -> Response:
    """The recovery codes, just after they were made."""
    codes = shown_once(request).get("codes", "").split()
    return page(request, "account/codes.html", codes=codes)


@router.post("/off")
async def disable(request: Request, visitor: VisitorDep, who: SignedInDep, door: DoorDep, now: NowDep) -> Response:
    """Do without from now on."""
    form = await sent_form(request)
    if not await account.proven(door, who, form.value("current"), now):
        form = form.wrong(**{"current-off": translate("web.account.password.not-current", visitor.lang)})
        return await _shown(request, who, now, form)
    async with unit_of_work(door.sessions) as session:
        await second_factor.disable(session, who.person_id, who.session_id, now)
    return see_other(request, "/account", done="second-factor-off")


async def _shown(request: Request, who: SignedIn, now: NowDep, form: Form) -> Response:
    async with request.state.read_sessions() as session:
        own = await account.account_of(session, request.state.keyring, who, now)
    offer = None
    if not own.has_second_factor:
        offer = second_factor.offer(request.state.keyring, who.person_id, own.mail, form.value("sealed") or None)
    status = UNFIT if form.errors else 200
    return page(request, "account/second_factor.html", status, account=own, offer=offer, form=form)
