"""One's own account: name, language, password, sessions."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Request
from fastapi.responses import Response
from pydantic import Field

from app.api.deps import NowDep, SessionDep
from app.db.session import unit_of_work
from app.kit.i18n import Lang, translate
from app.kit.schemas import Schema
from app.members import account
from app.members.passwords import UnfitPassword
from app.members.sessions import LONGEST, end_other_sessions, end_session, live_sessions
from app.web.account.agents import agent_of
from app.web.account.naming import PersonName
from app.web.entry.door import UNFIT, DoorDep, browser_of
from app.web.forms import Form, filled, read, sent_form
from app.web.pages import forget_session, keep_lang, keep_session, page, page_router, see_other
from app.web.visitor import SignedInDep, VisitorDep

router = page_router("/account")


class ProfileIn(Schema):
    """What a person is called, and the language of their pages and letters."""

    name: PersonName
    lang: Lang


class PasswordIn(Schema):
    """A new password, with the present one where that is asked for."""

    current: Annotated[str, Field(max_length=500)] = ""
    password: Annotated[str, Field(max_length=500)] = ""


@router.get("")
async def show_account(request: Request, visitor: VisitorDep, who: SignedInDep, now: NowDep) -> Response:
    """The account of who is signed in."""
    return await _shown(request, visitor, who, now)


@router.post("/profile")
async def change_profile(
    request: Request, visitor: VisitorDep, who: SignedInDep, db: SessionDep, now: NowDep
) -> Response:
    """Change name and language."""
    order, form = read(ProfileIn, await sent_form(request), visitor.lang)
    if order is None:
        return await _shown(request, visitor, who, now, profile=form)
    await account.rename(db, who, order.name, order.lang)
    response = see_other(request, "/account", done="account-saved")
    keep_lang(request, response, order.lang)
    return response


@router.post("/password")
async def change_password(
    request: Request, visitor: VisitorDep, who: SignedInDep, door: DoorDep, now: NowDep
) -> Response:
    """Set a new password; other browsers are signed out."""
    order, form = read(PasswordIn, await sent_form(request), visitor.lang)
    if order is not None:
        if not await account.proven(door, who, order.current, now):
            form = form.wrong(current=translate("web.account.password.not-current", visitor.lang))
        else:
            try:
                token = await account.set_password(door, who, order.password, browser_of(request), now)
            except UnfitPassword as unfit:
                form = form.wrong(password=translate(f"web.account.password.{unfit.why}", visitor.lang))
            else:
                response = see_other(request, "/account", done="password")
                keep_session(request, response, token, int(LONGEST.total_seconds()))
                return response
    return await _shown(request, visitor, who, now, password=form)


@router.post("/sessions/{session_id}/end")
async def end_one(session_id: uuid.UUID, request: Request, who: SignedInDep, db: SessionDep, now: NowDep) -> Response:
    """Sign another browser out."""
    await end_session(db, who.person_id, session_id, now)
    return see_other(request, "/account", done="session-ended")


@router.post("/sessions/end-others")
async def end_others(request: Request, who: SignedInDep, db: SessionDep, now: NowDep) -> Response:
    """Sign all other browsers out."""
    await end_other_sessions(db, who.person_id, who.session_id, now)
    return see_other(request, "/account", done="session-ended")


@router.post("/delete")
async def delete_account(
    request: Request, visitor: VisitorDep, who: SignedInDep, door: DoorDep, now: NowDep
) -> Response:
    """Delete one's own account for good."""
    form = await sent_form(request)
    if not await account.proven(door, who, form.value("current"), now):
        form = form.wrong(**{"current-delete": translate("web.account.password.not-current", visitor.lang)})
        return await _shown(request, visitor, who, now, erasing=form)
    async with unit_of_work(door.sessions) as session:
        kept_by = await account.erase(session, door.keyring, who)
    if kept_by is not None:
        said = translate("web.account.delete.last-admin", visitor.lang, organisation=kept_by)
        return await _shown(request, visitor, who, now, erasing=form.wrong(**{"": said}))
    response = see_other(request, "/", done="account-deleted")
    forget_session(request, response)
    return response


async def _shown(
    request: Request, visitor: VisitorDep, who: SignedInDep, now: NowDep, *, profile: Form | None = None,
    password: Form | None = None, erasing: Form | None = None,
) -> Response:  # fmt: skip
    async with request.state.read_sessions() as session:
        own = await account.account_of(session, request.state.keyring, who, now)
        sessions = await live_sessions(session, who.person_id, now)
    return page(
        request, "account/account.html", UNFIT if profile or password or erasing else 200, account=own,
        profile=profile or filled(name=own.name, lang=own.lang or visitor.lang), password=password or Form(),
        erasing=erasing or Form(),
        sessions=[(one, agent_of(one.agent)) for one in sessions],
    )  # fmt: skip
