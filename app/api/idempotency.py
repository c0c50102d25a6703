"""``Idempotency-Key`` on POST: a repeated request is answered with the first answer, and changes nothing again.

How a route takes part: its router is made with ``route_class=IdempotentRoute`` and its signature has
``_: IdempotencyDep`` after the caller. The dependency claims the key in the request's own transaction; the route class
keeps the finished answer in it; so change, answer and key are committed together or not at all. While a request works,
its key is held by an advisory lock of that transaction, so a second one is told (409) instead of waiting. Only
successes are kept: after a refusal or a fault, the same key may be tried again.

A route that streams its body (an upload) calls :func:`claim` itself, with a digest of what it received.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.api.deps import SessionDep
from app.api.middleware import route_template
from app.kit.crypto import DecryptionFailed, Keyring
from app.kit.errors import FieldError, IdempotencyInProgress, IdempotencyKeyReused, ValidationFailed
from app.kit.observability import current_work
from app.models.idempotency_key import IdempotencyKey

REPLAYED = "Idempotency-Replayed"
_KEPT_HEADERS = ("content-type", "location", "etag", "link")
_WELL_FORMED = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class _Claim:
    """A key that this request has to itself until its transaction ends."""

    session: AsyncSession
    keyring: Keyring
    organisation_id: UUID
    key: str
    route: str
    request_hash: bytes

    async def keep(self, response: Response) -> None:
        """Keep the answer beside the change; its body may hold a secret (a new API key), so it is encrypted."""
        self.session.add(
            IdempotencyKey(
                organisation_id=self.organisation_id,
                key=self.key,
                route=self.route,
                request_hash=self.request_hash,
                status=response.status_code,
                headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers},
                body=self.keyring.encrypt(bytes(response.body), context=_context(self.organisation_id, self.key)),
            )
        )
        await self.session.flush()


class _Replay(Exception):
    """Carries the kept answer past the endpoint."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class IdempotentRoute(APIRoute):
    """Keeps the answer of a route that claimed a key, or gives the kept one; see the module."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, run while the function-scoped session is still open."""
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            try:
                response = await handle(request)
            except _Replay as replay:
                return replay.response
            claimed: _Claim | None = getattr(request.state, "idempotency", None)
            if claimed is not None and 200 <= response.status_code < 300:
                await claimed.keep(response)
            return response

        return handle_once


IdempotencyKeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Any text of yours, unique per change. Repeat a request with it, and it is done once.",
        # Told, not checked here: the check is :func:`claim`'s, which knows its own sentence for it.
        json_schema_extra={"anyOf": [{"type": "string", "pattern": f"^{_WELL_FORMED.pattern}$"}, {"type": "null"}]},
    ),
]


async def claim_key(request: Request, session: SessionDep, idempotency_key: IdempotencyKeyHeader = None) -> None:
    """Claim the key of this request, over its method, path, query and body."""
    if idempotency_key is not None:
        await claim(request, session, idempotency_key, hashlib.sha256(await request.body()).digest())


IdempotencyDep = Annotated[None, Depends(claim_key)]


async def claim(request: Request, session: AsyncSession, key: str, body_digest: bytes) -> None:
    """Claim ``key`` for the caller's organisation, or answer as the first request with it was answered."""
    if not _WELL_FORMED.fullmatch(key):
        raise ValidationFailed(FieldError("#/Idempotency-Key", "idempotency-key-malformed", "header"))
    work = current_work()
    if work is None or work.organisation_id is None:
        raise RuntimeError(
            "an Idempotency-Key belongs to an organisation: the caller must be known before it is claimed"
        )
    keyring: Keyring = request.state.keyring
    wanted = f"{request.method} {request.url.path}?{request.url.query}\0".encode() + body_digest
    claimed = _Claim(
        session, keyring, work.organisation_id, key, route_template(request.scope), hashlib.sha256(wanted).digest()
    )
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_lock_number(claimed)))):
        raise IdempotencyInProgress
    kept = await session.scalar(
        select(IdempotencyKey).where(
            IdempotencyKey.organisation_id == claimed.organisation_id, IdempotencyKey.key == key
        )
    )
    if kept is not None:
        raise _Replay(_answer_from(kept, claimed))
    request.state.idempotency = claimed


async def forget_answers(session: AsyncSession, *, before: dt.datetime) -> int:
    """Delete the answers kept since before an instant; returns how many."""
    result = await session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < before).returning(IdempotencyKey.key)
    )
    return len(result.all())


def _answer_from(kept: IdempotencyKey, claimed: _Claim) -> Response:
    if kept.request_hash != claimed.request_hash or kept.status is None or kept.body is None:
        raise IdempotencyKeyReused
    try:
        body = claimed.keyring.decrypt(kept.body, context=_context(kept.organisation_id, kept.key))
    except DecryptionFailed as error:  # kept under a server secret that is gone
        raise IdempotencyKeyReused from error
    headers = {name: str(value) for name, value in (kept.headers or {}).items()}
    return Response(body, kept.status, {**headers, REPLAYED: "true"})


def _lock_number(claimed: _Claim) -> int:
    """A signed 64-bit number for the key; a collision would only make an unrelated request try again."""
    name = f"idempotency\0{claimed.organisation_id}\0{claimed.key}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), signed=True)


def _context(organisation_id: UUID, key: str) -> str:
    return f"idempotency_key:{organisation_id}:{key}"
