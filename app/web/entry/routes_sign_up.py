"""Sign-up of a startup by its founder, where the operator lets it."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from app.api.deps import NowDep
from app.kit.errors import NotFound
from app.kit.i18n import translate
from app.kit.mail_address import MailAddress
from app.kit.schemas import Schema
from app.members import links
from app.members.passwords import UnfitPassword
from app.members.plan import SignUp
from app.web.account.naming import PersonName
from app.web.entry.door import UNFIT, DoorDep, PlanDep, browser_of, told
from app.web.forms import Form, read, sent_form
from app.web.pages import page, page_router, see_other
from app.web.visitor import VisitorDep

router = page_router()


class FounderIn(Schema):
    """Who signs up, and for which startup."""

    name: PersonName
    organisation: PersonName
    mail: MailAddress
    password: str = Field(default="", max_length=500)


@router.get("/sign-up")
async def show_sign_up(request: Request, visitor: VisitorDep, plan: PlanDep) -> Response:
    """Where founders sign up; where nobody may, who to ask."""
    if visitor.who is not None:
        return RedirectResponse("/", 303)
    return page(request, "entry/sign_up.html", form=Form(), plan=plan)


@router.get("/sign-up/done")
async def show_signed_up(request: Request, plan: PlanDep) -> Response:
    """That one signs in now; the same whether or not the address had an account."""
    return page(request, "entry/signed_up.html", plan=plan)


@router.post("/sign-up")
async def sign_up(request: Request, visitor: VisitorDep, plan: PlanDep, door: DoorDep, now: NowDep) -> Response:
    """Enter a startup at once, or after the address is confirmed; the answer is the same for one that has an account.

    Raises:
        NotFound: nobody signs up here.

    """
    if plan.sign_up is SignUp.CLOSED:
        raise NotFound
    order, form = read(FounderIn, await sent_form(request), visitor.lang)
    if order is None:
        return page(request, "entry/sign_up.html", UNFIT, form=form, plan=plan)
    asked, founder = links.Asked(order.mail, visitor.lang), links.Founder(order.name, order.organisation)
    if plan.sign_up is SignUp.CONFIRMED:
        refusal = await links.ask_to_sign_up(door, asked, founder, browser_of(request), now)
        if refusal is None:
            return see_other(request, "/sign-in/sent")
        form, status = told(form, refusal, visitor)
        return page(request, "entry/sign_up.html", status, form=form, plan=plan)
    try:
        refusal = await links.sign_up(door, asked, founder, order.password, browser_of(request), now)
    except UnfitPassword as unfit:
        form = form.wrong(password=translate(f"web.account.password.{unfit.why}", visitor.lang))
        return page(request, "entry/sign_up.html", UNFIT, form=form, plan=plan)
    if refusal is None:
        return see_other(request, "/sign-up/done")
    form, status = told(form, refusal, visitor)
    return page(request, "entry/sign_up.html", status, form=form, plan=plan)
