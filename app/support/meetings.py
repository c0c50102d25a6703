"""Meetings: asked for, answered, moved, called off.

==========  ===============  =========  ==========================================
step        from             to         by
==========  ===============  =========  ==========================================
accept      asked            accepted   the side whose turn it is
propose     asked            asked      the same; then it is the other side's turn
decline     asked            declined   the same
withdraw    asked            withdrawn  the side that waits for an answer
withdraw    accepted         withdrawn  either side
==========  ===============  =========  ==========================================

Whether both may talk about the call at all is looked at anew with each step that leads to a meeting: a draft that was
talked over may have been published since.
"""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.mail.matters import News, tell
from app.kit.errors import AppError, FieldError, NotFound, ValidationFailed
from app.kit.ids import new_uuid
from app.models.matter import Matter
from app.models.meeting import Meeting, MeetingState, Side
from app.support.equal_treatment import require_equal_treatment
from app.support.errors import MeetingAlreadyAsked, MeetingTimePassed, OtherSideAbsent
from app.support.meeting_repository import MeetingRepository, Subject
from app.support.schemas import Acceptance, Answer, MeetingIn, MeetingTime, Proposal


class Step(StrEnum):
    """What a side does to a meeting."""

    ACCEPT = "accept"
    PROPOSE = "propose"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class MeetingStateRefuses(AppError):
    """The meeting's state, or whose turn it is, refuses this step; ``allowed`` lists those that you may take."""

    status, slug = 409, "meeting-state"

    def __init__(self, *, step: Step, meeting: Meeting, side: Side) -> None:
        super().__init__(
            step=step.value,
            meeting_state=meeting.state.value,
            allowed=[other.value for other in Step if _may(other, meeting, side)],
        )


async def ask(session: AsyncSession, caller: Caller, wanted: MeetingIn, now: dt.datetime) -> uuid.UUID:
    """Ask the other side for a meeting.

    Raises:
        NotFound: the caller knows of no such startup, call or pilot, or is on neither side.
        OtherSideAbsent: nobody would answer.
        EqualTreatment: bidders compete for the call.
        ValidationFailed: the time has passed.
        MeetingAlreadyAsked: a request for this pair and subject is alive.

    """
    repository = MeetingRepository(session)
    subject = await _subject(repository, caller, wanted)
    owner = await repository.startup_owner(caller, wanted.startup_id)
    if subject is None or owner is None:
        raise NotFound
    side = _side_of(caller, owner[0], subject.buyer_id)
    if side is None:
        raise NotFound
    if owner[0] is None or (side is Side.STARTUP and not subject.reachable):
        raise OtherSideAbsent
    if subject.status is not None:
        require_equal_treatment(subject.status, subject.sector, subject.country)
    _require_ahead(wanted, now)
    made = await repository.add(
        {
            "id": new_uuid(),
            "startup_id": wanted.startup_id,
            "startup_side_id": owner[0],
            "buyer_id": subject.buyer_id,
            "tender_id": wanted.tender_id,
            "pilot_id": wanted.pilot_id,
            "asked_by": side,
            "startups_turn": side is Side.BUYER,
            "state": MeetingState.ASKED,
            "topic": wanted.topic,
            "starts_at": wanted.starts_at,
            "minutes": wanted.minutes,
            "place": wanted.place,
            f"{side.value}_contact": wanted.contact,
            "created_at": now,
            "updated_at": now,
        }
    )
    if made is None:
        raise MeetingAlreadyAsked
    sides = (owner[0], subject.buyer_id)
    await tell(session, caller.organisation_id, News(Matter.MEETING_ASKED, made, sides), now)
    return made


async def accept(
    session: AsyncSession, caller: Caller, meeting_id: uuid.UUID, said: Acceptance, now: dt.datetime
) -> None:
    """Say yes; from then on each side reads the other's contact.

    Raises:
        NotFound: the caller has no side in such a meeting.
        MeetingStateRefuses: it is answered, or the other side's turn.
        EqualTreatment: bidders compete for the call by now.
        MeetingTimePassed: the proposed time is over.
        ValidationFailed: the caller has given no contact yet.

    """
    meeting, side = await _stepped(session, caller, meeting_id, Step.ACCEPT)
    await _require_equal(session, meeting)
    if meeting.starts_at <= now:
        raise MeetingTimePassed(starts_at=meeting.starts_at.isoformat())
    _set_contact(meeting, side, said.contact)
    meeting.state = MeetingState.ACCEPTED
    await _done(session, caller, meeting, Matter.MEETING_ACCEPTED, now)


async def propose(
    session: AsyncSession, caller: Caller, meeting_id: uuid.UUID, said: Proposal, now: dt.datetime
) -> None:
    """Propose another time; then the other side has to answer.

    Raises:
        NotFound: the caller has no side in such a meeting.
        MeetingStateRefuses: it is answered, or the other side's turn.
        EqualTreatment: bidders compete for the call by now.
        ValidationFailed: the time has passed, or the caller has given no contact yet.

    """
    meeting, side = await _stepped(session, caller, meeting_id, Step.PROPOSE)
    await _require_equal(session, meeting)
    _require_ahead(said, now)
    _set_contact(meeting, side, said.contact)
    meeting.starts_at, meeting.minutes, meeting.place = said.starts_at, said.minutes, said.place
    meeting.note, meeting.startups_turn = said.note, side is Side.BUYER
    await _done(session, caller, meeting, Matter.MEETING_MOVED, now)


async def decline(session: AsyncSession, caller: Caller, meeting_id: uuid.UUID, said: Answer, now: dt.datetime) -> None:
    """Say no.

    Raises:
        NotFound: the caller has no side in such a meeting.
        MeetingStateRefuses: it is answered, or the other side's turn.

    """
    meeting, _ = await _stepped(session, caller, meeting_id, Step.DECLINE)
    meeting.state, meeting.note = MeetingState.DECLINED, said.note
    await _done(session, caller, meeting, Matter.MEETING_DECLINED, now)


async def withdraw(
    session: AsyncSession, caller: Caller, meeting_id: uuid.UUID, said: Answer, now: dt.datetime
) -> None:
    """Take a request back, or call an accepted meeting off.

    Raises:
        NotFound: the caller has no side in such a meeting.
        MeetingStateRefuses: there is nothing to take back.

    """
    meeting, _ = await _stepped(session, caller, meeting_id, Step.WITHDRAW)
    meeting.state, meeting.note = MeetingState.WITHDRAWN, said.note
    await _done(session, caller, meeting, Matter.MEETING_WITHDRAWN, now)


def side_of(caller: Caller, meeting: Meeting) -> Side:
    """The caller's side of a meeting that it has a side in."""
    return Side.STARTUP if meeting.startup_side_id == caller.organisation_id else Side.BUYER


async def _subject(repository: MeetingRepository, caller: Caller, wanted: MeetingIn) -> Subject | None:
    if wanted.tender_id is not None:
        return await repository.tender(caller, wanted.tender_id)
    assert wanted.pilot_id is not None
    return await repository.pilot(caller, wanted.pilot_id)


def _side_of(caller: Caller, owner_id: uuid.UUID | None, buyer_id: uuid.UUID) -> Side | None:
    if owner_id == caller.organisation_id:
        return Side.STARTUP
    return Side.BUYER if buyer_id == caller.organisation_id else None


def _may(step: Step, meeting: Meeting, side: Side) -> bool:
    match meeting.state:
        case MeetingState.ASKED:
            return (step is not Step.WITHDRAW) == (meeting.turn is side)
        case MeetingState.ACCEPTED:
            return step is Step.WITHDRAW
        case _:
            return False


async def _stepped(session: AsyncSession, caller: Caller, meeting_id: uuid.UUID, step: Step) -> tuple[Meeting, Side]:
    meeting = await MeetingRepository(session).held(caller, meeting_id)
    if meeting is None:
        raise NotFound
    side = side_of(caller, meeting)
    if not _may(step, meeting, side):
        raise MeetingStateRefuses(step=step, meeting=meeting, side=side)
    return meeting, side


async def _require_equal(session: AsyncSession, meeting: Meeting) -> None:
    about = await MeetingRepository(session).subject_of(meeting)
    if about is not None:
        require_equal_treatment(*about)


def _require_ahead(time: MeetingTime, now: dt.datetime) -> None:
    if time.starts_at <= now:
        raise ValidationFailed(FieldError("#/starts_at", "time-passed", fallback="must lie ahead"))


def _set_contact(meeting: Meeting, side: Side, contact: str | None) -> None:
    name = f"{side.value}_contact"
    if contact is not None:
        setattr(meeting, name, contact)
    elif getattr(meeting, name) is None:
        raise ValidationFailed(FieldError("#/contact", "contact-needed", fallback="needed, as none was given before"))


async def _done(session: AsyncSession, caller: Caller, meeting: Meeting, what: Matter, now: dt.datetime) -> None:
    """Keep a step, and have the other side's people told of it; a time may be moved again and again."""
    meeting.updated_at = now
    await MeetingRepository(session).flush()
    sides = (meeting.startup_side_id, meeting.buyer_id)
    turn = now.isoformat() if what is Matter.MEETING_MOVED else ""
    await tell(session, caller.organisation_id, News(what, meeting.id, sides, turn=turn), now)
