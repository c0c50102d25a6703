"""Senders: registered, changed, revoked; their secrets made, shown once, replaced with an overlap."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.crypto import Keyring
from app.kit.errors import NotFound
from app.kit.ids import new_uuid
from app.kit.standard_webhooks import key_of, new_secret
from app.models.organisation import OrganisationKind
from app.models.push import PushSender
from app.models.source import Source
from app.push.errors import PushSenderExists, TooManyPushSenders
from app.push.repository import SenderRepository
from app.push.schemas import SenderChange, SenderIn
from app.startups.errors import WrongOrganisationKind

REGISTRARS = frozenset({OrganisationKind.BUYER, OrganisationKind.OPERATOR})
MOST_SENDERS = 200
"""Of one organisation: each sender has an allowance of its own."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A sender with its new secret, which is shown this once."""

    sender: PushSender
    secret: str


async def register(
    session: AsyncSession, keyring: Keyring, caller: Caller, wanted: SenderIn, now: dt.datetime
) -> NewSecret:
    """Enter a sender whose calls become the caller's.

    Raises:
        WrongOrganisationKind: calls are brought in by buyers and operators.
        PushSenderExists: the caller's organisation has a sender with this code.
        TooManyPushSenders: the caller's organisation has as many as it may.
    """
    if caller.kind not in REGISTRARS:
        raise WrongOrganisationKind(kind=caller.kind, allowed=REGISTRARS)
    if await SenderRepository(session).count(caller.organisation_id) >= MOST_SENDERS:
        raise TooManyPushSenders(limit=MOST_SENDERS)
    sender_id, secret = new_uuid(), new_secret()
    source = Source(id=new_uuid(), name=f"push:{sender_id}", title=wanted.name)
    sender = await SenderRepository(session).add(
        source,
        {
            **wanted.model_dump(),
            "id": sender_id,
            "owner_id": caller.organisation_id,
            "source_id": source.id,
            "secret": _sealed(keyring, sender_id, secret),
            "created_at": now,
            "updated_at": now,
        },
    )
    if sender is None:
        raise PushSenderExists(code=wanted.code)
    return NewSecret(sender, secret)


async def show(session: AsyncSession, caller: Caller, sender_id: uuid.UUID) -> PushSender:
    """A sender of the caller's organisation.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = await SenderRepository(session).one(caller.organisation_id, sender_id)
    if found is None:
        raise NotFound
    return found


async def senders(session: AsyncSession, caller: Caller) -> Sequence[PushSender]:
    """The senders of the caller's organisation, revoked ones included."""
    return await SenderRepository(session).all(caller.organisation_id)


async def change(
    session: AsyncSession, caller: Caller, sender_id: uuid.UUID, wanted: SenderChange, now: dt.datetime
) -> PushSender:
    """Change what was given of a live sender.

    Raises:
        NotFound: there is none, it was revoked, or it is somebody else's.
    """
    sender = await _live(session, caller, sender_id)
    for name, value in wanted.model_dump(exclude_unset=True).items():
        if name != "name" or value is not None:
            setattr(sender, name, value)
    sender.updated_at = now
    await session.flush()
    return sender


async def rotate(
    session: AsyncSession,
    keyring: Keyring,
    caller: Caller,
    sender_id: uuid.UUID,
    overlap: dt.timedelta,
    now: dt.datetime,
) -> NewSecret:
    """Replace a sender's secret; the old one is still taken for ``overlap``.

    Raises:
        NotFound: there is none, it was revoked, or it is somebody else's.
    """
    sender = await _live(session, caller, sender_id)
    secret = new_secret()
    sender.previous_secret = sender.secret if overlap else None
    sender.previous_until = now + overlap if overlap else None
    sender.secret = _sealed(keyring, sender.id, secret)
    sender.updated_at = now
    await session.flush()
    return NewSecret(sender, secret)


async def revoke(session: AsyncSession, caller: Caller, sender_id: uuid.UUID, now: dt.datetime) -> None:
    """Take nothing more from a sender. Its calls and deliveries stay.

    Raises:
        NotFound: there is none, it was revoked before, or it is somebody else's.
    """
    sender = await _live(session, caller, sender_id)
    sender.revoked_at = sender.updated_at = now
    sender.previous_secret = sender.previous_until = None
    await session.flush()


def keys_of(keyring: Keyring, sender: PushSender, now: dt.datetime) -> list[bytes]:
    """The keys that sign for a sender now."""
    sealed = [sender.secret]
    if sender.previous_secret is not None and sender.previous_until is not None and now < sender.previous_until:
        sealed.append(sender.previous_secret)
    return [key_of(keyring.decrypt(one, context=_context(sender.id)).decode()) for one in sealed]


async def _live(session: AsyncSession, caller: Caller, sender_id: uuid.UUID) -> PushSender:
    found = await SenderRepository(session).one(caller.organisation_id, sender_id, lock=True)
    if found is None or found.revoked_at is not None:
        raise NotFound
    return found


def _sealed(keyring: Keyring, sender_id: uuid.UUID, secret: str) -> bytes:
    return keyring.encrypt(secret.encode(), context=_context(sender_id))


def _context(sender_id: uuid.UUID) -> str:
    return f"push_sender:{sender_id}"
