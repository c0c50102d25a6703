"""What was sent to an endpoint, and sending it again."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi import Response as Answer
from pydantic import BaseModel, ConfigDict, Field

from app.accounts.caller import Caller
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.channels.webhooks import endpoints as webhooks_api
from app.channels.webhooks import service
from app.channels.webhooks.schemas import WebhookReplay
from app.kit.i18n import MOROCCO
from app.models.webhook import DeliveryState
from app.web.channels.endpoints import named
from app.web.forms import Form, filled, read, sent_form
from app.web.pages import page, page_router, see_other
from app.web.rendering import link
from app.web.visitor import Guard, VisitorDep

router = page_router("/endpoints/{endpoint_id}/deliveries")

Reader = Annotated[Caller, Depends(Guard("webhooks:read"))]
Writer = Annotated[Caller, Depends(Guard("webhooks:write"))]

Day = Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(9000, 12, 31))]
"""A day that has another one after it, wherever it is reckoned from."""


class ReplayForm(BaseModel):
    """What is sent again: days of Morocco, both included."""

    model_config = ConfigDict(extra="forbid")

    what: str = "failed"
    since: Day | None = None
    until: Day | None = None

    def wanted(self) -> dict[str, object]:
        """The fields of a replay, as the API takes them."""
        last = None if self.until is None else self.until + dt.timedelta(days=1)
        return {"what": self.what, "since": _midnight(self.since), "until": _midnight(last)}


@router.get("")
async def list_deliveries(
    endpoint_id: uuid.UUID, request: Request, response: Answer, caller: Reader, db: ReadSessionDep, pages: PageParams,
    state: DeliveryState | None = None,
) -> Response:  # fmt: skip
    """The log of an endpoint, the newest first."""
    return await _log(request, response, caller, db, endpoint_id, pages, state, filled(what="failed"))


@router.get("/{delivery_id}")
async def show_delivery(
    endpoint_id: uuid.UUID, delivery_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep
) -> Response:
    """One delivery with every attempt."""
    return page(
        request,
        "channels/delivery.html",
        endpoint=await named(db, caller, endpoint_id),
        delivery=await webhooks_api.get_webhook_delivery(endpoint_id, delivery_id, caller, db),
        may_change="webhooks:write" in caller.scopes,
    )


@router.post("/{delivery_id}/replay")
async def replay_delivery(
    endpoint_id: uuid.UUID, delivery_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep, now: NowDep
) -> Response:
    """Send one delivery again."""
    await service.replay_one(db, caller, endpoint_id, delivery_id, now)
    return see_other(request, f"/endpoints/{endpoint_id}/deliveries/{delivery_id}", done="delivery-queued")


@router.post("/replay")
async def replay_many(
    endpoint_id: uuid.UUID, request: Request, response: Answer, caller: Writer, visitor: VisitorDep, db: SessionDep,
    now: NowDep, pages: PageParams,
) -> Response:  # fmt: skip
    """Send again what failed, what was missed, or all of a time."""
    lang = visitor.lang
    asked, form = read(ReplayForm, await sent_form(request), lang)
    if asked is not None:
        given = {name: [str(value)] for name, value in asked.wanted().items() if value is not None}
        wanted, told = read(WebhookReplay, Form(given), lang)
        if wanted is not None:
            await service.replay(db, caller, endpoint_id, wanted, now)
            return see_other(request, f"/endpoints/{endpoint_id}/deliveries", done="delivery-queued")
        form = Form(form.values, told.errors)
    return await _log(request, response, caller, db, endpoint_id, pages, None, form)


async def _log(
    request: Request, response: Answer, caller: Caller, db: ReadSessionDep, endpoint_id: uuid.UUID, pages: PageParams,
    state: DeliveryState | None, form: Form,
) -> Response:  # fmt: skip
    found = await webhooks_api.list_webhook_deliveries(endpoint_id, request, response, caller, db, pages, state)
    here = f"/endpoints/{endpoint_id}/deliveries"
    following = link(here, cursor=found.next, state=state.value if state else None) if found.next else None
    return page(
        request,
        "channels/deliveries.html",
        422 if form.errors else 200,
        endpoint=await named(db, caller, endpoint_id),
        deliveries=found.items,
        state=state,
        states=list(DeliveryState),
        following=following,
        first=here if pages.cursor else None,
        form=form,
        may_change="webhooks:write" in caller.scopes,
    )


def _midnight(day: dt.date | None) -> str | None:
    return None if day is None else dt.datetime.combine(day, dt.time(), MOROCCO).isoformat()
