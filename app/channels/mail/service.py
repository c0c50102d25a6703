"""Subscriptions: entered by organisations, confirmed and ended by the owners of addresses."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.mail.addresses import hash_of, seal
from app.channels.mail.errors import DigestExists, MailOff, TooManyDigests
from app.channels.mail.repository import LinkRepository, Of, SubscriptionRepository, new_letter
from app.channels.mail.schemas import DigestChange, DigestIn
from app.channels.mail.times import ask_at, next_slot
from app.jobs.messages import SendLetter
from app.jobs.queue import enqueue
from app.kit.crypto import Keyring, new_token
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import OrganisationId, new_uuid
from app.kit.observability import get_logger
from app.models.digest import DigestState, DigestSubscription, Letter, LetterKind

MOST_DIGESTS = 500
LETTERS_SHOWN = 20

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MailDesk:
    """What addresses are sealed with, and whether mail is sent at all."""

    keyring: Keyring
    on: bool


async def create(
    session: AsyncSession, desk: MailDesk, caller: Caller, wanted: DigestIn, now: dt.datetime
) -> DigestSubscription:
    """Enter a subscription, and have the owner of its address asked.

    An address that was asked lately, by whomever, is asked later: nobody can have it flooded.

    Raises:
        MailOff: this installation sends no mail.
        NotFound: the startup is none that the caller's organisation owns or registered, or it keeps no such search.
        ValidationFailed: it is not a search of a startup's matches, or a startup is named beside it.
        DigestExists: the address has such a subscription.
        TooManyDigests: the organisation has enough.
    """
    if not desk.on:
        raise MailOff
    repository = SubscriptionRepository(session)
    owner = caller.organisation_id
    of = await _of(repository, owner, wanted)
    address_hash = hash_of(desk.keyring, wanted.address)
    asked = await repository.asked(address_hash)  # locked: the same subscription can't be entered beside this one
    if (known := await repository.same(owner, [address_hash], of)) is not None:
        raise DigestExists(digest_id=str(known.id), state=known.state.value)
    if await repository.count(owner) >= MOST_DIGESTS:
        raise TooManyDigests(limit=MOST_DIGESTS)
    subscription_id, token = new_uuid(), new_token("sfu")
    subscription = DigestSubscription(
        id=subscription_id,
        owner_id=owner,
        startup_id=of.startup_id,
        search_id=of.search_id,
        address=seal(desk.keyring, subscription_id, wanted.address),
        address_hash=address_hash,
        lang=wanted.lang,
        every=wanted.every,
        weekday=wanted.weekday,
        hour=wanted.hour,
        zone=wanted.zone,
        min_grade=wanted.min_grade,
        state=DigestState.PENDING,
        state_since=now,
        unsubscribe_hash=desk.keyring.token_hash(token),
        unsubscribe_token=seal(desk.keyring, subscription_id, token),
        next_at=next_slot(wanted.every, wanted.weekday, wanted.hour, wanted.zone, now),
        created_at=now,
        updated_at=now,
    )
    await repository.add(subscription)
    due_at = ask_at(asked.asked, asked.asked_at, now)
    asked.asked, asked.asked_at = asked.asked + 1, due_at
    letter = new_letter(new_uuid(), subscription_id, LetterKind.CONFIRMATION, due_at, now)
    session.add(letter)
    await session.flush()
    await enqueue(session, SendLetter(letter_id=letter.id), delay=max(due_at - now, dt.timedelta(0)))
    return subscription


async def _of(repository: SubscriptionRepository, owner: OrganisationId, wanted: DigestIn) -> Of:
    startup_id = wanted.startup_id
    if wanted.search_id is not None:
        search = await repository.search(owner, wanted.search_id)
        if search is None:
            raise NotFound
        if search.startup_id is None or startup_id is not None:
            raise ValidationFailed(
                FieldError("#/search_id", "search-of-matches", fallback="must be of a startup's matches, and alone")
            )
        startup_id = search.startup_id
    if startup_id is not None and not await repository.hears_of(owner, startup_id):
        raise NotFound
    return Of(startup_id, wanted.search_id)


async def show(
    session: AsyncSession, caller: Caller, subscription_id: uuid.UUID, *, lock: bool = False
) -> DigestSubscription:
    """A subscription of the caller's.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = await SubscriptionRepository(session).one(caller.organisation_id, subscription_id, lock=lock)
    if found is None:
        raise NotFound
    return found


async def with_letters(
    session: AsyncSession, caller: Caller, subscription_id: uuid.UUID
) -> tuple[DigestSubscription, Sequence[Letter]]:
    """A subscription of the caller's with its latest letters.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = await show(session, caller, subscription_id)
    return found, await SubscriptionRepository(session).letters(subscription_id, LETTERS_SHOWN)


async def subscriptions(session: AsyncSession, caller: Caller) -> Sequence[DigestSubscription]:
    """The subscriptions of the caller's organisation."""
    return await SubscriptionRepository(session).all(caller.organisation_id)


async def change(
    session: AsyncSession, caller: Caller, subscription_id: uuid.UUID, wanted: DigestChange, now: dt.datetime
) -> DigestSubscription:
    """Change what was given of a subscription; its state is not the caller's to change.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = await show(session, caller, subscription_id, lock=True)
    for name, value in wanted.model_dump(exclude_none=True).items():
        setattr(found, name, value)
    found.next_at = next_slot(found.every, found.weekday, found.hour, found.zone, now)
    found.updated_at = now
    await session.flush()
    return found


async def remove(session: AsyncSession, caller: Caller, subscription_id: uuid.UUID) -> None:
    """Delete a subscription; its address is written to no more.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    if not await SubscriptionRepository(session).remove(caller.organisation_id, subscription_id):
        raise NotFound


async def confirm(
    session: AsyncSession, keyring: Keyring, token: str, now: dt.datetime
) -> tuple[DigestSubscription, str] | None:
    """Take the word of whoever has the token that digests are wanted; ``None``: it is none, or too old."""
    repository = LinkRepository(session)
    found = await repository.to_confirm(keyring.token_hashes(token), now, lock=True)
    if found is not None and found[0].state is DigestState.PENDING:
        subscription = found[0]
        subscription.state, subscription.state_since = DigestState.CONFIRMED, now
        subscription.next_at = next_slot(
            subscription.every, subscription.weekday, subscription.hour, subscription.zone, now
        )
        await repository.forget_asking(subscription.address_hash)
        await session.flush()
        log.info("digest.confirmed", subscription_id=str(subscription.id))
    return found


async def unsubscribe(
    session: AsyncSession, keyring: Keyring, token: str, now: dt.datetime
) -> tuple[DigestSubscription, str] | None:
    """End the subscription of a token, whatever its state; ``None``: the token is none."""
    found = await LinkRepository(session).to_unsubscribe(keyring.token_hashes(token), lock=True)
    if found is not None and found[0].state is not DigestState.UNSUBSCRIBED:
        subscription = found[0]
        subscription.state, subscription.state_since = DigestState.UNSUBSCRIBED, now
        await session.flush()
        log.info("digest.unsubscribed", subscription_id=str(subscription.id))
    return found
