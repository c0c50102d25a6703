"""Routes of senders, for whoever their calls belong to."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import KeyringDep, NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.paging import Keyset, Page
from app.models.push import PushState
from app.push import service
from app.push.errors import PushSenderExists, TooManyPushSenders
from app.push.repository import DeliveryRepository, SenderRepository
from app.push.schemas import (
    DeliveryOut,
    RotationIn,
    SenderChange,
    SenderIn,
    SenderOut,
    SenderWithCounts,
    SenderWithSecret,
)
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["push"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("imports:read")]
Writer = Annotated[Caller, CallerDep("imports:write")]
NEWEST = Keyset("push.deliveries", TypeAdapter(tuple[uuid.UUID]))


@router.post(
    "/senders",
    status_code=status.HTTP_201_CREATED,
    responses=problems(WrongOrganisationKind, PushSenderExists, TooManyPushSenders),
)
async def create_push_sender(
    wanted: SenderIn,
    caller: Writer,
    db: SessionDep,
    keyring: KeyringDep,
    now: NowDep,
    response: Response,
    _: IdempotencyDep,
) -> SenderWithSecret:
    """Register a portal or a private buyer that pushes its calls. They become your calls, published at once.
    Its secret is in this answer and nowhere else.
    """
    made = await service.register(db, keyring, caller, wanted, now)
    response.headers["Location"] = f"/v1/senders/{made.sender.id}"
    return _with_secret(made)


@router.get("/senders")
async def list_push_senders(caller: Reader, db: ReadSessionDep) -> list[SenderOut]:
    """The senders that your organisation registered, the oldest first, revoked ones included."""
    return [SenderOut.model_validate(one) for one in await service.senders(db, caller)]


@router.get("/senders/{sender_id}", responses=problems(NotFound))
async def get_push_sender(sender_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> SenderWithCounts:
    """One sender, and how many of its deliveries became what."""
    sender = SenderOut.model_validate(await service.show(db, caller, sender_id))
    return SenderWithCounts(**sender.model_dump(), deliveries=await SenderRepository(db).counts(sender_id))


@router.patch("/senders/{sender_id}", responses=problems(NotFound))
async def change_push_sender(
    sender_id: uuid.UUID, wanted: SenderChange, caller: Writer, db: SessionDep, now: NowDep
) -> SenderOut:
    """Change its name, its country, its zone or its sector; what was pushed before stays as it is."""
    return SenderOut.model_validate(await service.change(db, caller, sender_id, wanted, now))


@router.post("/senders/{sender_id}/secret", responses=problems(NotFound))
async def rotate_push_secret(
    sender_id: uuid.UUID,
    rotation: RotationIn,
    caller: Writer,
    db: SessionDep,
    keyring: KeyringDep,
    now: NowDep,
    _: IdempotencyDep,
) -> SenderWithSecret:
    """Make a new secret. The old one is still taken for a while, so that the sender can change over without a gap."""
    overlap = dt.timedelta(hours=rotation.overlap_hours)
    return _with_secret(await service.rotate(db, keyring, caller, sender_id, overlap, now))


@router.delete("/senders/{sender_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound))
async def revoke_push_sender(sender_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep) -> None:
    """Take nothing more from a sender, at once. The calls that it pushed stay."""
    await service.revoke(db, caller, sender_id, now)


@router.get("/senders/{sender_id}/deliveries", responses=problems(NotFound))
async def list_push_deliveries(
    sender_id: uuid.UUID,
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadSessionDep,
    page: PageParams,
    state: Annotated[PushState | None, Query(description="Those in this state only.")] = None,
) -> Page[DeliveryOut]:
    """What a sender has pushed in the last ninety days and what became of it, the newest first."""
    await service.show(db, caller, sender_id)
    before = page.after(NEWEST)
    found = await DeliveryRepository(db).newest(sender_id, state, before[0] if before else None, page.limit + 1)
    made = Page[DeliveryOut](
        items=[DeliveryOut.model_validate(one) for one in found[: page.limit]],
        next=page.next_cursor(found, NEWEST, lambda one: (one.id,)),
    )
    return with_link(request, response, made)


def _with_secret(made: service.NewSecret) -> SenderWithSecret:
    sender = SenderOut.model_validate(made.sender)
    return SenderWithSecret(**sender.model_dump(), secret=made.secret, push_url=f"/v1/push/{sender.id}")
