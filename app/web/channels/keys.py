"""The API keys of an organisation."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.accounts import service
from app.accounts.caller import Caller
from app.accounts.repository import AccountRepository
from app.accounts.schemas import KeyIn
from app.api.deps import KeyringDep, ReadSessionDep, SessionDep
from app.kit.errors import AppError, Unauthenticated
from app.kit.ids import ApiKeyId
from app.web.forms import Form, filled, read, sent_form
from app.web.once import show_once, shown_once
from app.web.pages import page, page_router, see_other
from app.web.visitor import Guard, SignedInDep, VisitorDep

router = page_router("/keys")

Reader = Annotated[Caller, Depends(Guard("accounts:read"))]
Writer = Annotated[Caller, Depends(Guard("accounts:write"))]


@router.get("")
async def list_keys(request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """Every key, and for administrators a form for another one."""
    return await _keys(
        request, caller, db, filled(scopes=[scope for scope in caller.scopes if scope.endswith(":read")])
    )


@router.post("")
async def add_key(
    request: Request, caller: Writer, visitor: VisitorDep, who: SignedInDep, db: SessionDep, keyring: KeyringDep
) -> Response:
    """Make a key; its token is shown once."""
    order, form = read(KeyIn, await sent_form(request), visitor.lang)
    if order is not None:
        try:
            wanted = service.KeyOrder(order.name, order.scopes, order.expires_at, made_by=who.person_id)
            made = await service.create_key_for(db, keyring, caller, wanted)
        except Unauthenticated:
            raise
        except AppError as refusal:
            form = form.refused(refusal, visitor.lang)
        else:
            return show_once(request, "/keys/new", token=made.token, name=order.name[:80])
    return await _keys(request, caller, db, form, 422)


@router.get("/new")
async def show_key(request: Request, caller: Writer) -> Response:
    """The token of a key just made."""
    return page(request, "channels/key.html", secrets=shown_once(request), whose=caller.organisation_id)


@router.post("/{key_id}/revoke")
async def revoke_key(key_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep) -> Response:
    """End a key at once."""
    await service.revoke_key(db, caller, ApiKeyId(key_id))
    return see_other(request, "/keys", done="key-revoked")


async def _keys(request: Request, caller: Caller, db: ReadSessionDep, form: Form, status: int = 200) -> Response:
    accounts = AccountRepository(db)
    return page(
        request,
        "channels/keys.html",
        status,
        keys=await accounts.keys(caller.organisation_id),
        makers=await accounts.makers(caller.organisation_id),
        form=form,
        scopes=[(scope, scope) for scope in sorted(caller.scopes)],
        may_change="accounts:write" in caller.scopes,
    )
