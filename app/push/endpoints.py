"""Where senders push their calls, and look up what became of them."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status

from app.api.deps import NowDep, SessionDep
from app.api.problems import problem_response, problems
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.models.push import PushDelivery, PushState
from app.push import receiving
from app.push.auth import SignedDep
from app.push.errors import PushIdReused, PushVersionReused, SignatureExpired, SignatureInvalid
from app.push.receiving import VERSION_REUSED, Message
from app.push.schemas import DeliveryOut

router = APIRouter(tags=["push"])

Signed = Annotated[Message, SignedDep()]
_BODY: dict[str, object] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PushMessage"}}},
    },
    "parameters": [
        {
            "name": name, "in": "header", "required": True, "description": said,
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, pattern, said in (
            ("webhook-id", r"^[\x21-\x7e]{1,200}$", "Unique for each message, the same for each attempt to send it."),
            ("webhook-timestamp", r"^\d{1,12}$", "Unix seconds of this attempt; at most five minutes off."),
        )
    ],
}  # fmt: skip


@router.post(
    "/push/{sender_id}",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_BODY,
    responses={
        200: {"model": DeliveryOut, "description": "What would become of it; with `dry_run`."},
        **problems(SignatureInvalid, SignatureExpired, PushIdReused, PushVersionReused),
    },
    response_model=DeliveryOut,
)
async def push_call(
    sender_id: uuid.UUID,
    request: Request,
    message: Signed,
    db: SessionDep,
    now: NowDep,
    dry_run: Annotated[bool, Query(description="Say what would become of it, and keep nothing.")] = False,
) -> Response:
    """Push one call as it stands now, signed as [Standard Webhooks](https://www.standardwebhooks.com) says.

    Answered as soon as it is kept; a job makes it a version of its call. Send the same message again, with the same
    `webhook-id`, until you have an answer: it counts once.
    """
    handle = receiving.try_out if dry_run else receiving.receive
    delivery = await handle(db, message, now)
    if delivery.state is PushState.REJECTED:
        return problem_response(request, _problem_of(delivery))
    told = DeliveryOut.model_validate(delivery)
    if dry_run:
        told = told.model_copy(update={"id": None, "tender_id": None, "dry_run": True})
        return _json(told, status.HTTP_200_OK)
    answer = _json(told, status.HTTP_202_ACCEPTED)
    answer.headers["Location"] = f"/v1/push/{sender_id}/deliveries/{delivery.id}"
    return answer


@router.get(
    "/push/{sender_id}/deliveries/{delivery_id}",
    openapi_extra={"parameters": _BODY["parameters"]},
    responses=problems(SignatureInvalid, SignatureExpired, NotFound),
)
async def get_pushed_delivery(
    sender_id: uuid.UUID,  # noqa: ARG001 - the signature's dependency reads it
    delivery_id: uuid.UUID,
    message: Signed,
    db: SessionDep,
) -> DeliveryOut:
    """What became of one of the sender's own messages. Signed like a message, over an empty body."""
    return DeliveryOut.model_validate(await receiving.outcome(db, message.sender, delivery_id))


def _json(told: DeliveryOut, code: int) -> Response:
    return Response(told.model_dump_json(), code, media_type="application/json")


def _problem_of(delivery: PushDelivery) -> PushVersionReused | ValidationFailed:
    """The refusal of a delivery, again as it was told the first time."""
    found = [FieldError(str(one["pointer"]), str(one["code"]), fallback=str(one["reason"])) for one in delivery.faults]
    if any(one.code == VERSION_REUSED for one in found):
        return PushVersionReused(version=delivery.call_version)
    return ValidationFailed(*found)
