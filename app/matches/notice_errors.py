"""Errors that startups find in notices: read and answered by whoever can mend them, and what became of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.mail.matters import News, tell
from app.kit.errors import NotFound
from app.kit.ids import OrganisationId, StartupId
from app.matches.cards import TenderTexts, tender_cards, tender_texts
from app.matches.notice_error_repository import NoticeErrorFilters, NoticeErrorRepository
from app.matches.schemas_decisions import NoticeErrorAnswerIn, NoticeErrorAnswerOut, NoticeErrorOut
from app.matches.service import require_whole_startup
from app.models.decision import Feedback, NoticePart
from app.models.matter import Matter
from app.models.organisation import OrganisationKind
from app.startups.errors import WrongOrganisationKind
from app.tenders.schemas import TenderSummary

_MENDING = frozenset({OrganisationKind.BUYER, OrganisationKind.OPERATOR})
_LONGEST_PASSAGE = 500
_IN_TEXTS = frozenset({NoticePart.DESCRIPTION, NoticePart.LOTS})


async def told(
    db: AsyncSession, caller: Caller, filters: NoticeErrorFilters, before: uuid.UUID | None, limit: int
) -> Sequence[Feedback]:
    """Errors told of in notices, the latest first: a buyer's own calls', or for the operator all.

    Raises:
        WrongOrganisationKind: the caller can mend no notice.
    """
    return await NoticeErrorRepository(db).newest(_buyer(caller), filters, before, limit)


async def told_for(
    db: AsyncSession, caller: Caller, startup_id: StartupId, before: uuid.UUID | None, limit: int
) -> Sequence[Feedback]:
    """What the caller itself told of for a startup that it sees the whole of, the latest first.

    Raises:
        NotFound: it sees none such.
    """
    await require_whole_startup(db, caller, startup_id)
    owner = OrganisationId(caller.organisation_id)
    return await NoticeErrorRepository(db).told_for(owner, startup_id, before, limit)


async def open_by_source(db: AsyncSession, caller: Caller) -> Mapping[tuple[str | None, str | None], int]:
    """How many are open that the caller can mend, by name and title of the source.

    Raises:
        WrongOrganisationKind: the caller can mend no notice.
    """
    return await NoticeErrorRepository(db).open_by_source(_buyer(caller))


async def answer(
    db: AsyncSession, caller: Caller, error_id: uuid.UUID, said: NoticeErrorAnswerIn, now: dt.datetime
) -> Feedback:
    """Say what became of an error; the last word stands.

    Raises:
        NotFound: no such error was told of that the caller can mend.
        WrongOrganisationKind: the caller can mend no notice.
    """
    found = await _held(db, caller, error_id)
    found.outcome, found.answer, found.answered_at = said.outcome, said.answer, now
    await NoticeErrorRepository(db).flush()
    news = News(Matter.NOTICE_ANSWERED, found.id, {found.organisation_id}, turn=said.outcome.value)
    await tell(db, caller.organisation_id, news, now)
    return found


async def reopen(db: AsyncSession, caller: Caller, error_id: uuid.UUID) -> None:
    """Take an answer back; an error that is open stays so.

    Raises:
        NotFound: no such error was told of that the caller can mend.
        WrongOrganisationKind: the caller can mend no notice.
    """
    found = await _held(db, caller, error_id)
    found.outcome = found.answer = found.answered_at = None
    await NoticeErrorRepository(db).flush()


async def items(db: AsyncSession, told_of: Sequence[Feedback]) -> list[NoticeErrorOut]:
    """Errors told of, each with its call and what that says there now, and without who told."""
    cards = await tender_cards(db, {one.tender_id for one in told_of})
    texts = await tender_texts(db, {one.tender_id for one in told_of if one.part in _IN_TEXTS})
    return [
        NoticeErrorOut(
            id=one.id,
            tender=cards[one.tender_id],
            part=one.part,
            passage=_passage(one.part, cards[one.tender_id], texts.get(one.tender_id)),
            because=one.because,
            answered=_answered(one),
            created_at=one.created_at,
        )
        for one in told_of
        if one.tender_id in cards
    ]


def _answered(one: Feedback) -> NoticeErrorAnswerOut | None:
    if one.outcome is None or one.answered_at is None:
        return None
    return NoticeErrorAnswerOut(outcome=one.outcome, answer=one.answer, answered_at=one.answered_at)


def _passage(part: NoticePart | None, call: TenderSummary, texts: TenderTexts | None) -> str | None:
    match part:
        case NoticePart.TITLE:
            said: str | None = call.title
        case NoticePart.BUYER:
            said = call.buyer.name if call.buyer else None
        case NoticePart.DEADLINE:
            said = call.deadline_at.isoformat() if call.deadline_at else None
        case NoticePart.VALUE:
            said = f"{call.value.amount} {call.value.currency}" if call.value else None
        case NoticePart.PLACE:
            said = call.place
        case NoticePart.DESCRIPTION:
            said = texts.description if texts else None
        case NoticePart.LOTS:
            said = "; ".join(texts.lots.values()) if texts else None
        case _:
            said = None
    return said[:_LONGEST_PASSAGE] if said else None


async def _held(db: AsyncSession, caller: Caller, error_id: uuid.UUID) -> Feedback:
    found = await NoticeErrorRepository(db).held(_buyer(caller), error_id)
    if found is None:
        raise NotFound
    return found


def _buyer(caller: Caller) -> OrganisationId | None:
    if caller.kind not in _MENDING:
        raise WrongOrganisationKind(kind=caller.kind, allowed=_MENDING)
    return None if caller.is_operator else OrganisationId(caller.organisation_id)
