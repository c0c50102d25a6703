"""Who pushes: the signature over a request's own bytes, in place of an API key."""

from __future__ import annotations

import uuid

from fastapi import Depends, Request
from fastapi.params import Depends as DependsMarker
from fastapi.security import APIKeyHeader

from app.api.deps import KeyringDep, NowDep, SessionDep
from app.api.ratelimit import RateLimiter, spend
from app.kit.observability import current_work
from app.push.errors import SignatureInvalid
from app.push.receiving import Message
from app.push.repository import SenderRepository
from app.push.service import keys_of
from app.push.signing import verify


class _Signature(APIKeyHeader):
    """Shows in the OpenAPI document that a route needs a signature."""

    def __init__(self) -> None:
        super().__init__(
            name="webhook-signature",
            scheme_name="webhookSignature",
            description="Standard Webhooks: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`, with the headers "
            "`webhook-id` and `webhook-timestamp` (docs/push.md).",
            auto_error=False,
        )

    async def __call__(  # type: ignore[override]
        self, request: Request, sender_id: uuid.UUID, db: SessionDep, keyring: KeyringDep, now: NowDep
    ) -> Message:
        body = await request.body()  # first: who sends slowly must not hold a connection to the database meanwhile
        sender = await SenderRepository(db).live(sender_id)
        if sender is None:
            raise SignatureInvalid
        webhook_id = verify(request.headers, body, keys_of(keyring, sender, now), now)
        if (work := current_work()) is not None:
            work.organisation_id = sender.owner_id
        limiter: RateLimiter | None = request.state.limiter
        if limiter is not None:
            spend(limiter, f"push:{sender.id}")
        return Message(sender, webhook_id, body)


def SignedDep() -> DependsMarker:  # noqa: N802 (reads like the class it stands for in a signature)
    """The dependency of a route that takes signed messages: ``message: Annotated[Message, SignedDep()]``."""
    needed: DependsMarker = Depends(_Signature(), scope="function")
    return needed
