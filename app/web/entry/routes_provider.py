"""Sign-in by the provider of identities that the operator set, if any.

What is compared when somebody comes back stands in a sealed cookie of ten minutes, for this browser only: one that a
neighbouring site planted, to have somebody signed in as another, opens nothing.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import Final

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from app.api.deps import NowDep
from app.kit.crypto import DecryptionFailed, Keyring
from app.kit.errors import NotFound
from app.kit.observability import get_logger
from app.members.entering import Entered, Refusal
from app.members.identities import by_identity, may_try
from app.members.provider import CALLBACK, Begun, Provider, ProviderFailed
from app.web.entry.door import DoorDep, PlanDep, browser_of, let_in, told
from app.web.entry.routes import NextQuery
from app.web.forms import filled
from app.web.pages import keep_visit, local_path, page, page_router
from app.web.visitor import Visitor, VisitorDep, is_secure

router = page_router()
log = get_logger(__name__)

COOKIE: Final = "safqa_provider"
_PATH: Final = "/sign-in/provider"
_SECONDS: Final = 600
_LONGEST: Final = 3_000


@router.get("/sign-in/provider")
async def go(
    request: Request, visitor: VisitorDep, plan: PlanDep, door: DoorDep, now: NowDep, following: NextQuery = None
) -> Response:
    """To the provider.

    Raises:
        NotFound: none is set.

    """
    provider = _provider(request)
    begun, refusal = None, Refusal.TOO_OFTEN
    if await may_try(door, browser_of(request), now):
        try:
            begun = await provider.begin()
        except ProviderFailed as failed:
            log.warning("provider.failed", why=str(failed))
            refusal = Refusal.PROVIDER
    if begun is None:
        form, status = told(filled(next=local_path(following, "")), refusal, visitor)
        return page(request, "entry/sign_in.html", status, form=form, plan=plan)
    keyring: Keyring = request.state.keyring
    kept = json.dumps({**asdict(begun), "url": "", "next": local_path(following, "")[:1_000]}).encode()
    response = RedirectResponse(begun.url, 303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        COOKIE, base64.urlsafe_b64encode(keyring.encrypt(kept, context=_context(visitor))).decode(), max_age=_SECONDS,
        path=_PATH, secure=is_secure(request), httponly=True, samesite="lax",
    )  # fmt: skip
    keep_visit(request, response, visitor)
    return response


@router.get(CALLBACK)
async def come_back(request: Request, visitor: VisitorDep, plan: PlanDep, door: DoorDep, now: NowDep) -> Response:
    """Back from the provider.

    Raises:
        NotFound: none is set.

    """
    provider = _provider(request)
    begun, following = _kept(request, visitor)
    entry: Entered | Refusal = Refusal.PROVIDER
    if not await may_try(door, browser_of(request), now):
        entry = Refusal.TOO_OFTEN
    elif begun is not None:
        try:
            identity = await provider.finish(begun, dict(request.query_params))
        except ProviderFailed as failed:
            log.warning("provider.failed", why=str(failed))
        else:
            entry = await by_identity(door, identity, browser_of(request), now)
    if isinstance(entry, Entered):
        response = let_in(request, entry, following)
    else:
        form, status = told(filled(next=following), entry, visitor)
        response = page(request, "entry/sign_in.html", status, form=form, plan=plan)
    response.delete_cookie(COOKIE, path=_PATH)
    return response


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.state.provider
    if provider is None:
        raise NotFound
    return provider


def _context(visitor: Visitor) -> str:
    return f"{COOKIE}:{visitor.secret.hex()}"


def _kept(request: Request, visitor: Visitor) -> tuple[Begun | None, str]:
    sealed = request.cookies.get(COOKIE, "")
    if not 0 < len(sealed) <= _LONGEST:
        return None, ""
    keyring: Keyring = request.state.keyring
    try:
        kept = json.loads(keyring.decrypt(base64.urlsafe_b64decode(sealed), context=_context(visitor)))
    except (DecryptionFailed, ValueError):
        return None, ""
    following = str(kept.pop("next"))
    return Begun(**kept), following
