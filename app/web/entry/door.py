"""What the ways in share: who stands at the door, and what becomes of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.kit.crypto import Keyring
from app.kit.i18n import translate
from app.kit.networks import network_of
from app.members.entering import Browser, Door, Entered, Refusal
from app.members.plan import EntryPlan
from app.members.sessions import LONGEST
from app.web.forms import Form
from app.web.pages import keep_session, local_path, see_other
from app.web.rendering import link
from app.web.visitor import Visitor, session_cookie

TOO_MANY, UNFIT = 429, 422


def get_door(request: Request) -> Door:
    """What ways in need."""
    return Door(request.state.sessions, request.state.keyring)


def get_plan(request: Request) -> EntryPlan:
    """How this installation lets people in."""
    plan: EntryPlan = request.state.entry
    return plan


DoorDep = Annotated[Door, Depends(get_door)]
PlanDep = Annotated[EntryPlan, Depends(get_plan)]


def browser_of(request: Request) -> Browser:
    """Who comes: their network, what their browser calls itself, the session that it came with."""
    keyring: Keyring = request.state.keyring
    token = request.cookies.get(session_cookie(request))
    return Browser(
        network=network_of(request.client.host if request.client else None),
        agent=request.headers.get("user-agent"),
        digests=keyring.token_hashes(token) if token else (),
    )


def let_in(request: Request, entered: Entered, following: str | None) -> Response:
    """On to the page that was asked for, or to the second factor, with the token of the new session."""
    target = local_path(following)
    if entered.half:
        target = link("/sign-in/second", next=target if target != "/" else None)
    response = see_other(request, target)
    keep_session(request, response, entered.token, int(LONGEST.total_seconds()))
    return response


def told(form: Form, refusal: Refusal, visitor: Visitor) -> tuple[Form, int]:
    """The form again with why nobody came in, and the status of the answer."""
    said = translate(f"web.entry.refused.{refusal.value}", visitor.lang)
    return form.wrong(**{"": said}), TOO_MANY if refusal is Refusal.TOO_OFTEN else UNFIT
