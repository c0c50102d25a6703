"""The address of one's own account: another one, or the present one confirmed, by a link that goes there."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import Response

from app.api.deps import KeyringDep, NowDep, ReadSessionDep
from app.kit.i18n import translate
from app.members import account, moving
from app.members.links import Asked
from app.members.moving import NotMoved
from app.members.sessions import LONGEST, SignedIn
from app.web.entry.door import TOO_MANY, UNFIT, DoorDep, PlanDep, browser_of
from app.web.forms import Form, sent_form
from app.web.pages import keep_session, page, page_router, see_other
from app.web.visitor import SignedInDep, VisitorDep

router = page_router("/account/address")

Token = Annotated[str, Path(max_length=100)]


@router.get("")
async def show_address(request: Request, who: SignedInDep, plan: PlanDep, now: NowDep) -> Response:
    """The present address, and where to ask for another one."""
    return await _shown(request, who, plan, now, Form())


@router.post("")
async def ask_to_move(
    request: Request, visitor: VisitorDep, who: SignedInDep, door: DoorDep, plan: PlanDep, now: NowDep
) -> Response:
    """Have a link sent to a new address; the answer is the same for one that somebody has."""
    form = await sent_form(request)
    if not plan.mail:
        return await _shown(request, who, plan, now, form.wrong(mail=_said(visitor, "no-mail")))
    if form.value("confirm"):
        refusal = await moving.ask_to_confirm(door, who, visitor.lang, browser_of(request), now)
    elif not await account.proven(door, who, form.value("current"), now):
        form = form.wrong(current=translate("web.account.password.not-current", visitor.lang))
        return await _shown(request, who, plan, now, form)
    else:
        asked = Asked(form.value("mail"), visitor.lang)
        refusal = await moving.ask_to_move(door, who, asked, browser_of(request), now)
    if refusal is None:
        return see_other(request, "/account/address", done="address-asked")
    status = TOO_MANY if refusal is NotMoved.TOO_OFTEN else UNFIT
    return await _shown(request, who, plan, now, form.wrong(mail=_said(visitor, f"not.{refusal.value}")), status)


@router.get("/{token}")
async def show_link(
    token: Token, request: Request, who: SignedInDep, keyring: KeyringDep, db: ReadSessionDep, now: NowDep
) -> Response:
    """The button that uses a link; nothing for whoever is signed in as somebody else."""
    address = await moving.shown(db, keyring, token, who, now)
    return page(request, "account/address_link.html", 200 if address else 404, address=address, token=token)


@router.post("/{token}")
async def move(token: Token, request: Request, who: SignedInDep, door: DoorDep, now: NowDep) -> Response:
    """Use a link; other browsers are signed out."""
    moved = await moving.move(door, who, token, browser_of(request), now)
    if isinstance(moved, NotMoved):
        return page(request, "account/address_link.html", UNFIT, address=None, token=token)
    response = see_other(request, "/account", done="address")
    keep_session(request, response, moved, int(LONGEST.total_seconds()))
    return response


def _said(visitor: VisitorDep, key: str) -> str:
    return translate(f"web.account.address.{key}", visitor.lang)


async def _shown(
    request: Request, who: SignedIn, plan: PlanDep, now: NowDep, form: Form, status: int = UNFIT
) -> Response:
    async with request.state.read_sessions() as session:
        own = await account.account_of(session, request.state.keyring, who, now)
    shown = status if form.errors else 200
    return page(request, "account/address.html", shown, account=own, plan=plan, form=form)
