"""Sign-in by password, by link, with a second factor; sign-out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from app.api.deps import KeyringDep, NowDep, ReadSessionDep, SessionDep
from app.members import entering, links, second_factor
from app.members.entering import Entered, Refusal
from app.members.sessions import Awaited, awaited, end_session
from app.web.entry.door import UNFIT, DoorDep, PlanDep, browser_of, let_in, told
from app.web.forms import filled, sent_form
from app.web.pages import forget_session, local_path, page, page_router, see_other
from app.web.rendering import link
from app.web.visitor import VisitorDep, session_cookie

router = page_router()

NextQuery = Annotated[str | None, Query(alias="next", max_length=2_000)]
Token = Annotated[str, Path(max_length=100)]


@router.get("/sign-in")
async def show_sign_in(request: Request, visitor: VisitorDep, plan: PlanDep, following: NextQuery = None) -> Response:
    """Where one signs in."""
    if visitor.who is not None:
        return RedirectResponse(local_path(following), 303)
    return page(request, "entry/sign_in.html", form=filled(next=local_path(following, "")), plan=plan)


@router.post("/sign-in")
async def sign_in(request: Request, visitor: VisitorDep, plan: PlanDep, door: DoorDep, now: NowDep) -> Response:
    """Come in with address and password."""
    form = await sent_form(request)
    entry = await entering.by_password(door, form.value("mail"), form.value("password"), browser_of(request), now)
    if isinstance(entry, Entered):
        return let_in(request, entry, form.value("next"))
    form, status = told(form, entry, visitor)
    return page(request, "entry/sign_in.html", status, form=form, plan=plan)


@router.post("/sign-in/link")
async def ask_for_link(request: Request, visitor: VisitorDep, plan: PlanDep, door: DoorDep, now: NowDep) -> Response:
    """Have a link sent; the answer is the same for addresses that nobody has."""
    form = await sent_form(request)
    refusal: Refusal | None = Refusal.NO_MAIL
    if plan.mail:
        following = local_path(form.value("next"), "") or None
        asked = links.Asked(form.value("mail"), visitor.lang, following)
        refusal = await links.ask_to_sign_in(door, asked, browser_of(request), now)
    if refusal is None:
        return see_other(request, "/sign-in/sent")
    form, status = told(form, refusal, visitor)
    return page(request, "entry/sign_in.html", status, form=form, plan=plan)


@router.get("/sign-in/sent")
async def show_sent(request: Request, plan: PlanDep) -> Response:
    """That a letter is on its way, if there is anybody to send it to."""
    return page(request, "entry/sent.html", plan=plan, minutes=int(links.USED_WITHIN.total_seconds() // 60))


@router.get("/sign-in/link/{token}")
async def show_link(token: Token, request: Request, keyring: KeyringDep, db: ReadSessionDep, now: NowDep) -> Response:
    """The button that uses a link: looking at it does nothing, as programs follow links in mails."""
    found = await links.peek(db, keyring, token, now)
    return page(request, "entry/link.html", 200 if found else 404, found=found, token=token)


@router.post("/sign-in/link/{token}")
async def use_link(token: Token, request: Request, door: DoorDep, now: NowDep) -> Response:
    """Come in by a link, once."""
    entry = await links.use(door, token, browser_of(request), now)
    if isinstance(entry, Entered):
        return let_in(request, entry, entry.next_path)
    if entry is Refusal.NOWHERE:
        return page(request, "entry/nowhere.html", UNFIT)
    return page(request, "entry/link.html", UNFIT, found=None, token=token)


@router.get("/sign-in/second")
async def show_second(request: Request, visitor: VisitorDep, following: NextQuery = None) -> Response:
    """Where the second factor is given."""
    if visitor.who is not None:
        return RedirectResponse(local_path(following), 303)
    if await _awaited(request) is None:
        return RedirectResponse(link("/sign-in", next=local_path(following, "")), 303)
    return page(request, "entry/second.html", form=filled(next=local_path(following, "")))


@router.post("/sign-in/second")
async def give_second(request: Request, visitor: VisitorDep, door: DoorDep, now: NowDep) -> Response:
    """Give the second factor."""
    form = await sent_form(request)
    waiting = await _awaited(request)
    if waiting is None:
        return see_other(request, link("/sign-in", next=local_path(form.value("next"), "")))
    entry = await second_factor.give(door, waiting, form.value("code"), browser_of(request), now)
    if isinstance(entry, Entered):
        return let_in(request, entry, form.value("next"))
    form, status = told(form, entry, visitor)
    return page(request, "entry/second.html", status, form=form)


@router.post("/sign-out")
async def sign_out(request: Request, visitor: VisitorDep, db: SessionDep, now: NowDep) -> Response:
    """End this session."""
    if visitor.who is not None:
        await end_session(db, visitor.who.person_id, visitor.who.session_id, now)
    response = see_other(request, "/", done="signed-out")
    forget_session(request, response)
    return response


async def _awaited(request: Request) -> Awaited | None:
    token = request.cookies.get(session_cookie(request))
    return await awaited(request.state.hot, request.state.keyring.token_hashes(token)) if token else None
