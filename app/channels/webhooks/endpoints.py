"""Routes of webhook endpoints, for whoever they belong to."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.channels.webhooks import service
from app.channels.webhooks.errors import TooManyWebhooks, WebhookDisabled
from app.channels.webhooks.repository import DeliveryRepository, EndpointRepository
from app.channels.webhooks.schemas import (
    WebhookAttemptOut,
    WebhookChange,
    WebhookDeliveryOut,
    WebhookDeliveryWithAttempts,
    WebhookIn,
    WebhookOut,
    WebhookReplay,
    WebhookReplayed,
    WebhookSecretRotation,
    WebhookWithCounts,
    WebhookWithSecret,
)
from app.kit.errors import NotFound
from app.kit.paging import Keyset, Page
from app.models.webhook import DeliveryState, WebhookDelivery

router = APIRouter(tags=["webhooks"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("webhooks:read")]
Writer = Annotated[Caller, CallerDep("webhooks:write")]
NEWEST = Keyset("webhooks.deliveries", TypeAdapter(tuple[uuid.UUID]))


def get_vault(request: Request) -> service.Vault:
    """What seals secrets and judges addresses."""
    return service.Vault(request.state.keyring, request.state.webhook_guard)


VaultDep = Annotated[service.Vault, Depends(get_vault)]


@router.post("/webhooks", status_code=status.HTTP_201_CREATED, responses=problems(TooManyWebhooks))
async def create_webhook(
    wanted: WebhookIn, caller: Writer, db: SessionDep, vault: VaultDep, now: NowDep, response: Response,
    _: IdempotencyDep,
) -> WebhookWithSecret:  # fmt: skip
    """Have events sent to an address of yours, signed, from now on. Its secret is in this answer and nowhere else."""
    made = await service.create(db, vault, caller, wanted, now)
    response.headers["Location"] = f"/v1/webhooks/{made.endpoint.id}"
    return _with_secret(made)


@router.get("/webhooks")
async def list_webhooks(caller: Reader, db: ReadSessionDep) -> list[WebhookOut]:
    """The endpoints of your organisation, the oldest first."""
    return [WebhookOut.model_validate(one) for one in await service.endpoints(db, caller)]


@router.get("/webhooks/{endpoint_id}", responses=problems(NotFound))
async def get_webhook(endpoint_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> WebhookWithCounts:
    """One endpoint, and how many of its deliveries became what."""
    endpoint = WebhookOut.model_validate(await service.show(db, caller, endpoint_id))
    return WebhookWithCounts(**endpoint.model_dump(), deliveries=await EndpointRepository(db).counts(endpoint_id))


@router.patch("/webhooks/{endpoint_id}", responses=problems(NotFound))
async def change_webhook(
    endpoint_id: uuid.UUID, wanted: WebhookChange, caller: Writer, db: SessionDep, vault: VaultDep, now: NowDep
) -> WebhookOut:
    """Change its address, what it wants, or whether it is sent to. What waits is sent as the endpoint is then."""
    return WebhookOut.model_validate(await service.change(db, vault, caller, endpoint_id, wanted, now))


@router.delete("/webhooks/{endpoint_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound))
async def delete_webhook(endpoint_id: uuid.UUID, caller: Writer, db: SessionDep) -> None:
    """Send nothing more, at once; its log goes with it."""
    await service.remove(db, caller, endpoint_id)


@router.post("/webhooks/{endpoint_id}/secret", responses=problems(NotFound))
async def rotate_webhook_secret(
    endpoint_id: uuid.UUID, rotation: WebhookSecretRotation, caller: Writer, db: SessionDep, vault: VaultDep,
    now: NowDep, _: IdempotencyDep,
) -> WebhookWithSecret:  # fmt: skip
    """Make a new secret. For a while both sign, so that the receiver can change over without a gap."""
    overlap = dt.timedelta(hours=rotation.overlap_hours)
    return _with_secret(await service.rotate(db, vault, caller, endpoint_id, overlap, now))


@router.post(
    "/webhooks/{endpoint_id}/ping",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, WebhookDisabled),
)
async def ping_webhook(
    endpoint_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> WebhookDeliveryOut:
    """Send a `webhook.ping`, signed and tried again like any other message. Look its delivery up for the answer."""
    return _out(await service.ping(db, caller, endpoint_id, now))


@router.get("/webhooks/{endpoint_id}/deliveries", responses=problems(NotFound))
async def list_webhook_deliveries(
    endpoint_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams,
    state: Annotated[DeliveryState | None, Query(description="Those in this state only.")] = None,
) -> Page[WebhookDeliveryOut]:  # fmt: skip
    """What was sent to an endpoint, or waits to be, the newest first."""
    await service.show(db, caller, endpoint_id)
    before = page.after(NEWEST)
    found = await DeliveryRepository(db).newest(endpoint_id, state, before[0] if before else None, page.limit + 1)
    made = Page[WebhookDeliveryOut](
        items=[_out(one) for one in found[: page.limit]],
        next=page.next_cursor(found, NEWEST, lambda one: (one.id,)),
    )
    return with_link(request, response, made)


@router.get("/webhooks/{endpoint_id}/deliveries/{delivery_id}", responses=problems(NotFound))
async def get_webhook_delivery(
    endpoint_id: uuid.UUID, delivery_id: uuid.UUID, caller: Reader, db: ReadSessionDep
) -> WebhookDeliveryWithAttempts:
    """One delivery with every attempt: when, how long, what was answered."""
    found, attempts = await service.delivery(db, caller, endpoint_id, delivery_id)
    log = [WebhookAttemptOut.model_validate(one) for one in attempts]
    return WebhookDeliveryWithAttempts(**_out(found).model_dump(), log=log)


@router.post(
    "/webhooks/{endpoint_id}/deliveries/{delivery_id}/replay",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, WebhookDisabled),
)
async def replay_webhook_delivery(
    endpoint_id: uuid.UUID, delivery_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> WebhookReplayed:
    """Send one delivery again, whatever became of it, with the same `webhook-id`."""
    await service.replay_one(db, caller, endpoint_id, delivery_id, now)
    return WebhookReplayed(queued=1)


@router.post(
    "/webhooks/{endpoint_id}/replay",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, WebhookDisabled),
)
async def replay_webhook(
    endpoint_id: uuid.UUID, wanted: WebhookReplay, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> WebhookReplayed:
    """Send again what failed for good, what was missed while the endpoint was off, or all events of a time."""
    return WebhookReplayed(queued=await service.replay(db, caller, endpoint_id, wanted, now))


def _out(delivery: WebhookDelivery) -> WebhookDeliveryOut:
    shown = WebhookDeliveryOut.model_validate(delivery)
    return shown if delivery.state is DeliveryState.WAITING else shown.model_copy(update={"due_at": None})


def _with_secret(made: service.NewSecret) -> WebhookWithSecret:
    return WebhookWithSecret(**WebhookOut.model_validate(made.endpoint).model_dump(), secret=made.secret)
