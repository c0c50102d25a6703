"""Webhook endpoints: entered, changed, paused, tried out, removed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Final, Literal

from fastapi import Depends, Request
from fastapi import Form as Field
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.channels.webhooks import service
from app.channels.webhooks.endpoints import VaultDep
from app.channels.webhooks.repository import EndpointRepository
from app.channels.webhooks.schemas import WebhookChange, WebhookFilters, WebhookIn, WebhookOut
from app.events.catalogue import EVENT_TYPES
from app.kit.errors import AppError
from app.kit.i18n import translate
from app.web.channels.endpoint_form import EndpointForm, form_of
from app.web.forms import Form, filled, read, sent_form
from app.web.once import show_once, shown_once
from app.web.pages import page, page_router, see_other
from app.web.visitor import Guard, VisitorDep

router = page_router("/endpoints")

Reader = Annotated[Caller, Depends(Guard("webhooks:read"))]
Writer = Annotated[Caller, Depends(Guard("webhooks:write"))]
_OVERLAP: Final = dt.timedelta(hours=24)


@router.get("")
async def list_endpoints(request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """The endpoints of the organisation."""
    found = [WebhookOut.model_validate(one) for one in await service.endpoints(db, caller)]
    return page(request, "channels/endpoints.html", endpoints=found, may_change="webhooks:write" in caller.scopes)


@router.get("/new")
async def new_endpoint(request: Request, _: Writer) -> Response:
    """The form of an endpoint."""
    return _form(request, filled(alerts_per_day=10), "/endpoints/new")


@router.post("/new")
async def add_endpoint(
    request: Request, caller: Writer, visitor: VisitorDep, db: SessionDep, vault: VaultDep, now: NowDep
) -> Response:
    """Enter an endpoint; its secret is shown once."""
    wanted, form = read(EndpointForm, await sent_form(request), visitor.lang)
    if wanted is not None:
        try:
            made = await service.create(db, vault, caller, WebhookIn(**wanted.wanted()), now)
        except AppError as refusal:
            form = form.refused(refusal, visitor.lang)
        else:
            return show_once(request, f"/endpoints/{made.endpoint.id}/secret", secret=made.secret)
    return _form(request, form, "/endpoints/new", 422)


@router.get("/{endpoint_id}")
async def show_endpoint(endpoint_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """One endpoint, what it wants, and how its deliveries go."""
    endpoint = WebhookOut.model_validate(await service.show(db, caller, endpoint_id))
    return page(
        request,
        "channels/endpoint.html",
        endpoint=endpoint,
        counts=await EndpointRepository(db).counts(endpoint_id),
        may_change="webhooks:write" in caller.scopes,
    )


@router.get("/{endpoint_id}/secret")
async def show_secret(endpoint_id: uuid.UUID, request: Request, caller: Writer, db: ReadSessionDep) -> Response:
    """The secret just made."""
    endpoint = await service.show(db, caller, endpoint_id)
    return page(request, "channels/secret.html", endpoint=endpoint, secrets=shown_once(request))


@router.get("/{endpoint_id}/edit")
async def edit_endpoint(endpoint_id: uuid.UUID, request: Request, caller: Writer, db: ReadSessionDep) -> Response:
    """The form of an endpoint, filled."""
    endpoint = WebhookOut.model_validate(await service.show(db, caller, endpoint_id))
    return _form(request, form_of(endpoint), f"/endpoints/{endpoint_id}/edit")


@router.post("/{endpoint_id}/edit")
async def change_endpoint(
    endpoint_id: uuid.UUID, request: Request, caller: Writer, visitor: VisitorDep, db: SessionDep, vault: VaultDep,
    now: NowDep,
) -> Response:  # fmt: skip
    """Change what an endpoint wants, or where it is."""
    wanted, form = read(EndpointForm, await sent_form(request), visitor.lang)
    if wanted is not None:
        kept = WebhookFilters.model_validate((await service.show(db, caller, endpoint_id)).filters)
        try:
            await service.change(db, vault, caller, endpoint_id, WebhookChange(**wanted.wanted(kept)), now)
        except AppError as refusal:
            form = form.refused(refusal, visitor.lang)
        else:
            return see_other(request, f"/endpoints/{endpoint_id}", done="saved")
    return _form(request, form, f"/endpoints/{endpoint_id}/edit", 422)


@router.post("/{endpoint_id}/state")
async def switch_endpoint(
    endpoint_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep, vault: VaultDep, now: NowDep,
    to: Annotated[Literal["on", "off"], Field()],
) -> Response:  # fmt: skip
    """Pause an endpoint, or send to it again."""
    await service.change(db, vault, caller, endpoint_id, WebhookChange(enabled=to == "on"), now)
    return see_other(request, f"/endpoints/{endpoint_id}", done=f"endpoint-{to}")


@router.post("/{endpoint_id}/rotate")
async def rotate_secret(
    endpoint_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep, vault: VaultDep, now: NowDep
) -> Response:
    """Make a new secret; for a day both sign."""
    made = await service.rotate(db, vault, caller, endpoint_id, _OVERLAP, now)
    return show_once(request, f"/endpoints/{endpoint_id}/secret", secret=made.secret)


@router.post("/{endpoint_id}/ping")
async def ping(endpoint_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep, now: NowDep) -> Response:
    """Send a message to try the endpoint out."""
    sent = await service.ping(db, caller, endpoint_id, now)
    return see_other(request, f"/endpoints/{endpoint_id}/deliveries/{sent.id}", done="endpoint-pinged")


@router.post("/{endpoint_id}/delete")
async def remove_endpoint(endpoint_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep) -> Response:
    """Send nothing more, and forget its log."""
    await service.remove(db, caller, endpoint_id)
    return see_other(request, "/endpoints", done="endpoint-deleted")


def _form(request: Request, form: Form, action: str, status: int = 200) -> Response:
    lang = request.state.visitor.lang
    names = [(name, translate(f"web.channels.event.{name}", lang)) for name in EVENT_TYPES]
    return page(request, "channels/endpoint_form.html", status, form=form, action=action, event_names=names)


async def named(db: AsyncSession, caller: Caller, endpoint_id: uuid.UUID) -> WebhookOut:
    """An endpoint of the caller's, for the pages of its deliveries."""
    return WebhookOut.model_validate(await service.show(db, caller, endpoint_id))
