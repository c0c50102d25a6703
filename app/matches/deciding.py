"""What organisations decide about pairs of a call and a startup, and what people say of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.audit import service as audit
from app.channels.mail.matters import News, tell
from app.db.session import driver_connection
from app.events.matches import tell_invitation
from app.jobs.messages import MatchStartups
from app.jobs.queue import enqueue
from app.kit.errors import NotFound
from app.kit.ids import OrganisationId, StartupId, TenderId, new_uuid
from app.matches.cards import startup_cards, tender_cards
from app.matches.decisions import OF_BUYERS, OF_STARTUPS, DecisionRepository, Pair
from app.matches.lessons import LessonRepository
from app.matches.schemas_decisions import (
    DecisionIn,
    DecisionOut,
    FeedbackIn,
    InvitationOut,
    PartnerWantedOut,
    ShortlistItem,
)
from app.matches.service import require_whole_startup
from app.models.audit_entry import AuditAction
from app.models.decision import Decision, DecisionKind, Feedback, FeedbackVerdict
from app.models.matter import Matter
from app.models.organisation import OrganisationKind
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from app.startups.errors import WrongOrganisationKind
from app.startups.visibility import visible_to

_LOOKING_FOR_PARTNERS = frozenset({OrganisationKind.STARTUP, OrganisationKind.INCUBATOR, OrganisationKind.OPERATOR})


async def decide_as_buyer(
    db: AsyncSession, caller: Caller, pair: Pair, decision: DecisionIn, now: dt.datetime
) -> DecisionOut:
    """Shortlist, invite or dismiss a startup for one of the caller's published calls.

    Raises:
        NotFound: the tender is not the caller's, or the startup is not one it may know of.
        WrongOrganisationKind: the kind of decision belongs to the other side.
    """
    if decision.kind not in OF_BUYERS:
        raise WrongOrganisationKind(kind=caller.kind, allowed=[OrganisationKind.STARTUP])
    await _require_own_tender(db, caller, pair.tender_id)
    await _require_visible_startup(db, caller, pair.startup_id)
    made = await DecisionRepository(db).put(caller.organisation_id, pair, decision.kind, decision.note, now)
    await audit.record(
        db, caller, pair.tender_id, AuditAction(decision.kind.value), {"startup_id": str(pair.startup_id)}, now
    )
    if decision.kind is DecisionKind.INVITED:
        by, invited = caller.organisation_id, (pair.tender_id, pair.startup_id)
        await tell_invitation(await driver_connection(db), by, invited, now)
        hearers = await DecisionRepository(db).side_of(pair.startup_id)
        await tell(db, by, News(Matter.STARTUP_INVITED, pair.tender_id, hearers, pair.startup_id, str(by)), now)
    return DecisionOut.model_validate(made)


async def decide_as_startup(
    db: AsyncSession, caller: Caller, pair: Pair, decision: DecisionIn, now: dt.datetime
) -> DecisionOut:
    """Save or dismiss a tender for a startup that the caller sees the whole of, look for a partner, or note a bid.

    Raises:
        NotFound: the startup is not the caller's, or the tender is not public.
        WrongOrganisationKind: the kind of decision belongs to the other side.
    """
    if decision.kind not in OF_STARTUPS:
        raise WrongOrganisationKind(kind=caller.kind, allowed=[OrganisationKind.BUYER])
    await require_whole_startup(db, caller, pair.startup_id)
    await _require_public_tender(db, pair.tender_id)
    made = await DecisionRepository(db).put(caller.organisation_id, pair, decision.kind, decision.note, now)
    await _learn(db, caller, pair.startup_id)
    return DecisionOut.model_validate(made)


async def partners_wanted(
    db: AsyncSession, caller: Caller, tender_id: TenderId, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[Decision]:
    """Who looks for a partner for a call, the latest first. Not for buyers: who means to bid is not theirs to know.

    Raises:
        NotFound: the tender is not public.
        WrongOrganisationKind: the caller is a buyer.
    """
    if caller.kind not in _LOOKING_FOR_PARTNERS:
        raise WrongOrganisationKind(kind=caller.kind, allowed=_LOOKING_FOR_PARTNERS)
    await _require_public_tender(db, tender_id)
    return await DecisionRepository(db).partners_wanted(tender_id, after, limit)


async def partners_wanted_items(db: AsyncSession, decisions: Sequence[Decision]) -> list[PartnerWantedOut]:
    """Those who look for a partner, by their public line."""
    cards = await startup_cards(db, [decision.startup_id for decision in decisions])
    return [
        PartnerWantedOut(startup=cards[decision.startup_id], since=decision.updated_at)
        for decision in decisions
        if decision.startup_id in cards
    ]


async def take_back(db: AsyncSession, caller: Caller, pair: Pair) -> None:
    """Drop the caller's decision about a pair.

    Raises:
        NotFound: there is none.
    """
    if not await DecisionRepository(db).drop(caller.organisation_id, pair):
        raise NotFound
    await _learn(db, caller, pair.startup_id)


async def shortlist(
    db: AsyncSession, caller: Caller, tender_id: TenderId, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[Decision]:
    """What the caller decided about startups for its tender.

    Raises:
        NotFound: the tender is not the caller's.
    """
    await _require_own_tender(db, caller, tender_id)
    return await DecisionRepository(db).of_tender(caller.organisation_id, tender_id, after, limit)


async def shortlist_items(db: AsyncSession, decisions: Sequence[Decision]) -> list[ShortlistItem]:
    """Decisions with their startups; one that is no longer listed is left out."""
    cards = await startup_cards(db, [decision.startup_id for decision in decisions])
    return [
        ShortlistItem(**DecisionOut.model_validate(decision).model_dump(), startup=cards[decision.startup_id])
        for decision in decisions
        if decision.startup_id in cards
    ]


async def invitations(
    db: AsyncSession, caller: Caller, startup_id: StartupId, after: tuple[dt.datetime, uuid.UUID] | None, limit: int
) -> Sequence[Decision]:
    """The invitations of a startup that the caller sees the whole of.

    Raises:
        NotFound: it does not.
    """
    await require_whole_startup(db, caller, startup_id)
    return await DecisionRepository(db).invitations(startup_id, after, limit)


async def invitation_items(db: AsyncSession, decisions: Sequence[Decision]) -> list[InvitationOut]:
    """Invitations with their tenders."""
    cards = await tender_cards(db, [decision.tender_id for decision in decisions])
    return [
        InvitationOut(
            tender=cards[decision.tender_id],
            startup_id=decision.startup_id,
            note=decision.note,
            invited_at=decision.updated_at,
        )
        for decision in decisions
        if decision.tender_id in cards
    ]


async def give_feedback(db: AsyncSession, caller: Caller, said: FeedbackIn, now: dt.datetime) -> Feedback:
    """Keep a person's word on a match, with the score the pair has now, or on the call's notice.

    Raises:
        NotFound: the caller owns neither the tender nor the startup.
    """
    pair = Pair(TenderId(said.tender_id), StartupId(said.startup_id))
    if caller.kind is OrganisationKind.BUYER:
        await _require_own_tender(db, caller, pair.tender_id)
        await _require_visible_startup(db, caller, pair.startup_id)
    else:
        await require_whole_startup(db, caller, pair.startup_id)
        await _require_public_tender(db, pair.tender_id)
    repository = DecisionRepository(db)
    feedback = Feedback(
        id=new_uuid(),
        organisation_id=caller.organisation_id,
        tender_id=pair.tender_id,
        startup_id=pair.startup_id,
        verdict=said.verdict,
        because=said.because,
        score=await repository.score_of(pair),
        part=said.part,
        created_at=now,
    )
    repository.add_feedback(feedback)
    if said.verdict is not FeedbackVerdict.NOTICE_ERROR:
        await _learn(db, caller, pair.startup_id)
    return feedback


async def _learn(db: AsyncSession, caller: Caller, startup_id: StartupId) -> None:
    """Have a startup's profile and matches follow what its own side just said; others teach it nothing."""
    if await LessonRepository(db).mark(OrganisationId(caller.organisation_id), startup_id):
        await enqueue(db, MatchStartups(startup_ids=(startup_id,)))


async def _require_own_tender(db: AsyncSession, caller: Caller, tender_id: TenderId) -> None:
    query = select(Tender.id).where(Tender.id == tender_id, Tender.status != TenderStatus.DRAFT)
    if not caller.is_operator:
        query = query.where(Tender.owner_id == OrganisationId(caller.organisation_id))
    if await db.scalar(query) is None:
        raise NotFound


async def _require_public_tender(db: AsyncSession, tender_id: TenderId) -> None:
    query = select(Tender.id).where(Tender.id == tender_id, Tender.status != TenderStatus.DRAFT)
    if await db.scalar(query) is None:
        raise NotFound


async def _require_visible_startup(db: AsyncSession, caller: Caller, startup_id: StartupId) -> None:
    if await db.scalar(select(Startup.id).where(Startup.id == startup_id, visible_to(caller))) is None:
        raise NotFound
