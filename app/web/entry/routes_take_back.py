"""The way back for an account that was moved to another address, from a letter to the one before."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from app.api.deps import KeyringDep, NowDep, ReadSessionDep
from app.members import moving
from app.members.entering import Entered
from app.web.entry.door import UNFIT, DoorDep, browser_of, let_in
from app.web.entry.routes import Token
from app.web.pages import page, page_router

router = page_router("/sign-in/take-back")


@router.get("/{token}")
async def show(token: Token, request: Request, keyring: KeyringDep, db: ReadSessionDep, now: NowDep) -> Response:
    """The button that brings the account back, and what that undoes: looking at it does nothing."""
    found = await moving.may_take_back(db, keyring, token, now)
    return page(request, "entry/take_back.html", 200 if found else 404, found=found, token=token)


@router.post("/{token}")
async def take_back(token: Token, request: Request, door: DoorDep, now: NowDep) -> Response:
    """Bring the account back, and come in."""
    entry = await moving.take_back(door, token, browser_of(request), now)
    if isinstance(entry, Entered):
        return let_in(request, entry, "/account")
    return page(request, "entry/take_back.html", UNFIT, found=False, token=token)
