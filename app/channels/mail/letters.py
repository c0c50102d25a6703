"""Letters in the database: made when they are due, claimed by one worker at a time, closed with what became of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.feeds.entries import ReadSearch, Searched
from app.channels.mail.content import enter_matches
from app.channels.mail.repository import new_letter
from app.channels.mail.smtp import Answer, Handed
from app.channels.mail.times import AGAIN, LEASE, next_slot
from app.db.outages import passing
from app.kit.ids import ApiKeyId, OrganisationId, new_uuid
from app.kit.observability import get_logger
from app.models.digest import DigestEntry, DigestState, DigestSubscription, Letter, LetterKind, LetterState, MailAddress
from app.models.organisation import Organisation
from app.models.startup import Startup

log = get_logger(__name__)

_AFTER_FAULT: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that this worker may send, with all that it takes."""

    letter: Letter
    mark: uuid.UUID
    subscription: DigestSubscription
    organisation: str
    startup: str | None


async def make_due(session: AsyncSession, now: dt.datetime, limit: int, read_search: ReadSearch) -> int:
    """Make the digests that are due, ``limit`` at most, but for empty ones; how many subscriptions were looked at."""
    due = (
        select(DigestSubscription)
        .where(DigestSubscription.state == DigestState.CONFIRMED, DigestSubscription.next_at <= now)
        .order_by(DigestSubscription.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    subscriptions = (await session.scalars(due)).all()
    for one in subscriptions:
        try:
            async with session.begin_nested():
                await _make(session, one, now, read_search)
        except Exception as fault:  # a zone that is no more, say: nobody else waits for it
            if passing(fault) is not None:
                raise
            log.exception("digest.fault", subscription_id=str(one.id))
            one.next_at = now + _AFTER_FAULT
            await session.flush()
    return len(subscriptions)


async def _make(session: AsyncSession, one: DigestSubscription, now: dt.datetime, read_search: ReadSearch) -> None:
    asked = await _asked(session, one, now, read_search)
    letter = new_letter(new_uuid(), one.id, LetterKind.DIGEST, now, now)
    session.add(letter)
    await session.flush()
    if not await enter_matches(session, one, letter.id, now, asked):
        await session.delete(letter)
    one.next_at = next_slot(one.every, one.weekday, one.hour, one.zone, now)
    await session.flush()


async def _asked(
    session: AsyncSession, one: DigestSubscription, now: dt.datetime, read_search: ReadSearch
) -> Searched | None:
    """What the search of a subscription asks for, which goes with it. Its reader may do nothing but be told."""
    if one.search_id is None:
        return None
    owner = await session.get_one(Organisation, one.owner_id)
    reader = Caller(OrganisationId(owner.id), owner.kind, frozenset(), ApiKeyId(one.id))
    asked = await read_search(session, reader, one.search_id, now)
    if asked is None:
        raise LookupError("a subscription goes with its search")
    return asked


async def waiting(session: AsyncSession, now: dt.datetime, limit: int) -> Sequence[uuid.UUID]:
    """The letters that may be sent now, the oldest first."""
    found = select(Letter.id).where(Letter.state == LetterState.QUEUED, Letter.due_at <= now)
    return (await session.scalars(found.order_by(Letter.due_at).limit(limit))).all()


async def give_up_lapsed(session: AsyncSession, now: dt.datetime) -> Sequence[Letter]:
    """Close the letters whose worker was lost while it sent them: nobody knows whether they were accepted."""
    done = await session.scalars(
        update(Letter)
        .where(Letter.state == LetterState.SENDING, Letter.due_at <= now)
        .values(state=LetterState.UNCERTAIN, answer="worker-lost", finished_at=now)
        .returning(Letter)
    )
    return done.all()


async def claim(session: AsyncSession, letter_id: uuid.UUID, now: dt.datetime) -> Claimed | None:
    """Take a letter, if it is due and still wanted. Two workers never take the same one."""
    mark = new_uuid()
    letter = await session.scalar(
        update(Letter)
        .where(Letter.id == letter_id, Letter.state == LetterState.QUEUED, Letter.due_at <= now)
        .values(claim=mark, due_at=now + LEASE, attempts=Letter.attempts + 1)
        .returning(Letter)
    )
    if letter is None:
        return None
    row = (
        await session.execute(
            select(DigestSubscription, Organisation.name, Startup.name)
            .join(Organisation, Organisation.id == DigestSubscription.owner_id)
            .outerjoin(Startup, Startup.id == DigestSubscription.startup_id)
            .where(DigestSubscription.id == letter.subscription_id)
        )
    ).one()
    return Claimed(letter, mark, row[0], row[1], row[2])


async def to_be_confirmed(
    session: AsyncSession, subscription: DigestSubscription, token_hash: bytes, until: dt.datetime
) -> None:
    """From now on, the token of this hash confirms a subscription, and no earlier one."""
    await session.execute(
        update(DigestSubscription)
        .where(DigestSubscription.id == subscription.id)
        .values(confirm_hash=token_hash, confirm_until=until)
    )


def wanted_in(kind: LetterKind) -> DigestState:
    """The state of the subscription in which letters of a kind are sent."""
    return DigestState.PENDING if kind is LetterKind.CONFIRMATION else DigestState.CONFIRMED


async def begin(session: AsyncSession, claimed: Claimed) -> bool:
    """Note that the content is about to leave; whether it may: the claim holds, and the letter is still wanted.

    The subscription is locked against who unsubscribes meanwhile: whose word came first, counts.
    """
    wanted = await session.scalar(
        select(DigestSubscription.id)
        .where(
            DigestSubscription.id == claimed.subscription.id,
            DigestSubscription.state == wanted_in(claimed.letter.kind),
        )
        .with_for_update(read=True)
    )
    if wanted is None:
        return False
    begun = await session.scalar(
        update(Letter)
        .where(Letter.id == claimed.letter.id, Letter.claim == claimed.mark, Letter.state == LetterState.QUEUED)
        .values(state=LetterState.SENDING)
        .returning(Letter.id)
    )
    return begun is not None


async def close(session: AsyncSession, claimed: Claimed, answer: Answer, now: dt.datetime) -> LetterState | None:
    """Write what became of a letter; ``None``: it is somebody else's by now."""
    attempts = claimed.letter.attempts
    due_at, finished_at = now, now
    match answer.outcome:
        case Handed.SENT:
            state = LetterState.SENT
        case Handed.UNCERTAIN:
            state = LetterState.UNCERTAIN
        case Handed.WITHDRAWN:
            state = LetterState.DROPPED
        case Handed.LATER if attempts <= len(AGAIN):
            state, due_at = LetterState.QUEUED, now + AGAIN[attempts - 1]
        case _:
            state = LetterState.FAILED
    closed = await session.scalar(
        update(Letter)
        .where(Letter.id == claimed.letter.id, Letter.claim == claimed.mark, Letter.state != LetterState.SENT)
        .values(
            state=state,
            due_at=due_at,
            answer=answer.code,
            claim=None if state is LetterState.QUEUED else claimed.mark,
            finished_at=None if state is LetterState.QUEUED else finished_at,
        )
        .returning(Letter.id)
    )
    if closed is None:
        return None
    if state is LetterState.FAILED and answer.outcome is Handed.LATER:
        # The server could not be reached for half a day: the next digest tells of these.
        await session.execute(delete(DigestEntry).where(DigestEntry.letter_id == claimed.letter.id))
    if answer.outcome is Handed.REFUSED:
        await session.execute(
            update(DigestSubscription)
            .where(
                DigestSubscription.id == claimed.subscription.id,
                DigestSubscription.state.in_([DigestState.PENDING, DigestState.CONFIRMED]),
            )
            .values(state=DigestState.REFUSED, state_since=now)
        )
    return state


async def forget(session: AsyncSession, before: dt.datetime) -> int:
    """Forget addresses that nobody confirmed, when they were asked last, and letters that tell of nothing any more.

    Letters whose matches still stand are kept: they say what was told. Returns how many subscriptions were forgotten.
    """
    unanswered = (DigestSubscription.state == DigestState.PENDING) & (DigestSubscription.created_at < before)
    # One that waits for its turn to be asked has nothing to answer yet.
    asked = exists().where(Letter.subscription_id == DigestSubscription.id, Letter.finished_at < before)
    done = await session.execute(delete(DigestSubscription).where(unanswered, asked).returning(DigestSubscription.id))
    await session.execute(delete(MailAddress).where(MailAddress.asked_at < before))
    told = exists().where(DigestEntry.letter_id == Letter.id)
    await session.execute(delete(Letter).where(Letter.finished_at < before, ~told))
    return len(done.all())
