"""What a letter of a matter says, read as it stands when the letter is sent: what no longer holds is not told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.mail.rendering import clean
from app.kit.i18n import MOROCCO, Fact, Lang, format_instant
from app.models.decision import Decision, DecisionKind, Feedback
from app.models.matter import Matter, MatterLetter
from app.models.meeting import Meeting, MeetingState, Side
from app.models.organisation import Organisation
from app.models.pilot import Pilot, PilotApplication, PilotState
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus

_LONGEST_TITLE: Final = 120
_LONGEST_NAME: Final = 80
_MEETING: Final[Mapping[Matter, MeetingState]] = {
    Matter.MEETING_ASKED: MeetingState.ASKED,
    Matter.MEETING_MOVED: MeetingState.ASKED,
    Matter.MEETING_ACCEPTED: MeetingState.ACCEPTED,
    Matter.MEETING_DECLINED: MeetingState.DECLINED,
    Matter.MEETING_WITHDRAWN: MeetingState.WITHDRAWN,
}
_PILOT: Final[Mapping[Matter, frozenset[PilotState]]] = {
    Matter.PILOT_APPLICATION: frozenset({PilotState.OPEN}),
    Matter.PILOT_CHOSEN: frozenset({PilotState.RUNNING}),
    Matter.PILOT_PASSED: frozenset({PilotState.RUNNING, PilotState.CLOSED, PilotState.CANCELLED}),
    Matter.PILOT_CANCELLED: frozenset({PilotState.CANCELLED}),
    Matter.PILOT_CLOSED: frozenset({PilotState.CLOSED}),
}


@dataclass(frozen=True, slots=True)
class Told:
    """The facts of the sentences, and where the letter's link leads."""

    facts: Mapping[str, Fact]
    path: str


async def told(session: AsyncSession, letter: MatterLetter, lang: Lang) -> Told | None:
    """What a letter says to its organisation; ``None``: it no longer holds."""
    match letter.matter:
        case Matter.STARTUP_INVITED:
            return await _invitation(session, letter)
        case Matter.NOTICE_ANSWERED:
            return await _answer(session, letter)
        case meeting if meeting in _MEETING:
            return await _meeting(session, letter, lang)
        case _:
            return await _pilot(session, letter)


async def _meeting(session: AsyncSession, letter: MatterLetter, lang: Lang) -> Told | None:
    """The title of a draft is its buyer's alone: the other side reads what the meeting was asked for under."""
    row = (
        await session.execute(
            select(Meeting, Startup.name, Organisation.name, Tender.title, Tender.status, Pilot.title)
            .join(Startup, Startup.id == Meeting.startup_id)
            .join(Organisation, Organisation.id == Meeting.buyer_id)
            .outerjoin(Tender, Tender.id == Meeting.tender_id)
            .outerjoin(Pilot, Pilot.id == Meeting.pilot_id)
            .where(Meeting.id == letter.subject_id)
        )
    ).one_or_none()
    if row is None or row[0].state is not _MEETING[letter.matter]:
        return None
    meeting, startup, buyer, call, status, pilot = row
    side = Side.STARTUP if meeting.startup_side_id == letter.organisation_id else Side.BUYER
    if meeting.state is MeetingState.ASKED and meeting.turn is not side:
        return None
    hidden = side is Side.STARTUP and status is TenderStatus.DRAFT
    about = meeting.topic if hidden else call or pilot or meeting.topic
    facts = {
        "other": _name(buyer if side is Side.STARTUP else startup),
        "title": _title(about),
        "when": f"{format_instant(meeting.starts_at, lang)} ({MOROCCO.key})",
    }
    return Told(facts, f"/meetings/{meeting.id}")


async def _pilot(session: AsyncSession, letter: MatterLetter) -> Told | None:
    row = (
        await session.execute(
            select(Pilot.title, Pilot.state, Organisation.name, Startup.name, Startup.owner_id)
            .join(Organisation, Organisation.id == Pilot.buyer_id)
            .outerjoin(Startup, and_(Startup.id == Pilot.startup_id, Startup.deleted_at.is_(None)))
            .where(Pilot.id == letter.subject_id)
        )
    ).one_or_none()
    if row is None or row[1] not in _PILOT[letter.matter]:
        return None
    title, _, buyer, startup, owner_id = row
    if letter.matter in {Matter.PILOT_CHOSEN, Matter.PILOT_CLOSED} and owner_id != letter.organisation_id:
        return None
    facts: dict[str, Fact] = {"title": _title(title), "other": _name(buyer), "startup": _name(startup or "")}
    if letter.matter is Matter.PILOT_APPLICATION:
        facts["count"] = await _applicants(session, letter.subject_id)
        if not facts["count"]:
            return None
    return Told(facts, f"/pilots/{letter.subject_id}")


async def _applicants(session: AsyncSession, pilot_id: uuid.UUID) -> int:
    found = (
        select(func.count())
        .select_from(PilotApplication)
        .join(Startup, Startup.id == PilotApplication.startup_id)
        .where(PilotApplication.pilot_id == pilot_id, Startup.deleted_at.is_(None))
    )
    return await session.scalar(found) or 0


async def _invitation(session: AsyncSession, letter: MatterLetter) -> Told | None:
    row = (
        await session.execute(
            select(Tender.title, Organisation.name, Startup.name)
            .select_from(Decision)
            .join(Tender, and_(Tender.id == Decision.tender_id, Tender.status != TenderStatus.DRAFT))
            .join(Startup, and_(Startup.id == Decision.startup_id, Startup.deleted_at.is_(None)))
            .join(Organisation, Organisation.id == Decision.organisation_id)
            .where(
                Decision.organisation_id == letter.caused_by,
                Decision.tender_id == letter.subject_id,
                Decision.startup_id == letter.startup_id,
                Decision.kind == DecisionKind.INVITED,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    facts = {"title": _title(row[0]), "other": _name(row[1]), "startup": _name(row[2])}
    return Told(facts, _call(letter.subject_id, letter.startup_id))


async def _answer(session: AsyncSession, letter: MatterLetter) -> Told | None:
    row = (
        await session.execute(
            select(Tender.id, Tender.title, Feedback.startup_id)
            .select_from(Feedback)
            .join(Tender, and_(Tender.id == Feedback.tender_id, Tender.status != TenderStatus.DRAFT))
            .where(
                Feedback.id == letter.subject_id,
                Feedback.organisation_id == letter.organisation_id,
                Feedback.outcome.is_not(None),
            )
        )
    ).one_or_none()
    return None if row is None else Told({"title": _title(row[1])}, _call(row[0], row[2]))


def _call(tender_id: uuid.UUID, startup_id: uuid.UUID | None) -> str:
    return f"/tenders/{tender_id}?startup={startup_id}"


def _title(text: str) -> str:
    return clean(text, _LONGEST_TITLE)


def _name(text: str) -> str:
    return clean(text, _LONGEST_NAME)
