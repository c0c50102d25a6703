"""A signed message in: kept once, told what it is at once, stored by a job; or tried without keeping anything."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.jobs.messages import StorePush
from app.jobs.queue import enqueue
from app.kit.errors import NotFound
from app.kit.ids import new_uuid
from app.models.push import PushDelivery, PushSender, PushState
from app.push.errors import PushIdReused
from app.push.mapping import Fault, Unreadable, read_message
from app.push.repository import DeliveryRepository
from app.push.storing import store

VERSION_REUSED = "version-reused"


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose signature is the sender's."""

    sender: PushSender
    webhook_id: str
    body: bytes


async def receive(session: AsyncSession, message: Message, now: dt.datetime) -> PushDelivery:
    """Keep a message, once however often it comes, and ask for what it needs to be done.

    A message that is no good is kept as rejected, so that its sender and its owner can look it up.

    Raises:
        PushIdReused: the sender's webhook-id came before with another body.
    """
    deliveries = DeliveryRepository(session)
    digest = hashlib.sha256(message.body).digest()
    delivery = await deliveries.claim(
        {
            "id": new_uuid(),
            "sender_id": message.sender.id,
            "webhook_id": message.webhook_id,
            "digest": digest,
            "state": PushState.QUEUED,
            "received_at": now,
        }
    )
    if delivery is None:
        known = await deliveries.by_webhook_id(message.sender.id, message.webhook_id)
        if known is None or known.digest != digest:
            raise PushIdReused
        return known
    await _judge(deliveries, delivery, message, now)
    await session.flush()
    if delivery.state is PushState.QUEUED:
        await enqueue(session, StorePush(delivery_id=delivery.id))
    return delivery


async def try_out(session: AsyncSession, message: Message, now: dt.datetime) -> PushDelivery:
    """What would become of a message; nothing of it stays.

    Raises:
        PushIdReused: as for a real one.
    """
    async with session.begin_nested() as savepoint:
        delivery = await receive(session, message, now)
        if delivery.state is PushState.QUEUED:
            try:
                await store(session, delivery.id, now)
            except asyncpg.UniqueViolationError:  # somebody enters the same call at this moment
                delivery.state = PushState.UPDATED
        await session.refresh(delivery)
        session.expunge(delivery)
        await savepoint.rollback()
    return delivery


async def outcome(session: AsyncSession, sender: PushSender, delivery_id: uuid.UUID) -> PushDelivery:
    """A delivery of the sender's own.

    Raises:
        NotFound: there is none, or it is another sender's.
    """
    found = await DeliveryRepository(session).one(sender.id, delivery_id)
    if found is None:
        raise NotFound
    return found


async def _judge(
    deliveries: DeliveryRepository, delivery: PushDelivery, message: Message, now: dt.datetime
) -> None:  # fmt: skip
    """Read a new delivery and say what it is: to be stored, or done already."""
    try:
        pushed = read_message(message.body, message.sender)
    except Unreadable as wrong:
        _end(delivery, PushState.REJECTED, now, faults(wrong.faults))
        return
    delivery.external_id, delivery.call_version, delivery.status = pushed.external_id, pushed.version, pushed.status
    if await deliveries.advance(message.sender.id, pushed.external_id, pushed.version, pushed.digest):
        delivery.record = pushed.record
        return
    call = await deliveries.call(message.sender.id, pushed.external_id)
    assert call is not None
    if call.version > pushed.version:
        _end(delivery, PushState.SUPERSEDED, now)
    elif call.digest == pushed.digest:
        _end(delivery, PushState.UNCHANGED, now)
        delivery.tender_id = await deliveries.tender_of(
            message.sender.owner_id, f"{message.sender.code}:{pushed.external_id}"
        )
    else:
        said = Fault("#/data/version", VERSION_REUSED, "came before with another content: raise the version")
        _end(delivery, PushState.REJECTED, now, faults([said]))


def _end(delivery: PushDelivery, state: PushState, now: dt.datetime, wrong: Sequence[JsonObject] = ()) -> None:
    delivery.state, delivery.faults, delivery.finished_at = state, list(wrong), now


def faults(found: Sequence[Fault]) -> list[JsonObject]:
    """Faults as they are kept; NUL and half characters can't be."""
    return [
        {name: text.replace("\0", "\ufffd").encode("utf-8", "replace").decode() for name, text in one._asdict().items()}
        for one in found
    ]
