"""Kept matches, for whoever may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.eligibility.lists import Wanted, of_calls
from app.kit.errors import NotFound
from app.kit.i18n import Lang
from app.kit.ids import OrganisationId, StartupId
from app.matches.cards import tender_cards
from app.matches.decisions import DecisionRepository, Pair
from app.matches.kept import KeptMatches
from app.matches.reasons import for_others, told
from app.matches.schemas import MatchOut, ReasonOut, ScoredOut
from app.models.decision import Decision, Feedback
from app.models.match import Match
from app.models.organisation import OrganisationKind
from app.models.startup import Startup
from app.startups.visibility import whole_for

_MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class PairStory:
    """What a startup's side did about a call: its match as it is kept, its decision, its words, the latest first."""

    match: ScoredOut | None
    decision: Decision | None
    said: Sequence[Feedback]


async def shown(
    db: AsyncSession, caller: Caller, matches: Sequence[Match], lang: Lang, wanted: Wanted
) -> list[MatchOut]:
    """Match rows with their tenders and the caller's decisions; of those judged, the wanted outcomes only."""
    if not matches:
        return []
    tender_ids = [match.tender_id for match in matches]
    cards = await tender_cards(db, tender_ids)
    startup_id = StartupId(matches[0].startup_id)
    decided = await DecisionRepository(db).kinds_for_startup(caller.organisation_id, startup_id, tender_ids)
    judged = await of_calls(db, wanted, caller, startup_id, tender_ids)
    return [
        MatchOut(
            id=match.id,
            startup_id=match.startup_id,
            tender=cards[match.tender_id],
            score=match.score,
            grade=match.grade,
            lot_id=match.lot_id,
            unknown=match.unknown,
            reasons=_reasons(match, caller, lang),
            algorithm=match.algorithm,
            decision=decided.get(match.tender_id),
            eligibility=judged.get(match.tender_id),
            created_at=match.created_at,
            updated_at=match.updated_at,
        )
        for match in matches
        if match.tender_id in cards and (match.tender_id in judged or not wanted.outcomes)
    ]


async def require_whole_startup(db: AsyncSession, caller: Caller, startup_id: StartupId) -> None:
    """Refuse a startup that the caller does not see the whole of.

    Raises:
        NotFound: whether there is one or not.
    """
    if await db.scalar(select(Startup.id).where(Startup.id == startup_id, whole_for(caller))) is None:
        raise NotFound


async def story_of(db: AsyncSession, caller: Caller, pair: Pair, lang: Lang) -> PairStory:
    """What is kept about a startup and a call, for the startup's side; ``match``: while it holds.

    Raises:
        NotFound: the caller does not see the whole of such a startup.
    """
    found = await KeptMatches(db).of_pair(caller, pair.startup_id, pair.tender_id)
    if found is None:
        raise NotFound
    kept, decision = found
    owner = OrganisationId(caller.organisation_id)
    return PairStory(
        match=None if kept is None else _scored(kept, caller, lang),
        decision=decision,
        said=await DecisionRepository(db).said_of_pair(owner, pair, _MOST_SAID),
    )


def _scored(match: Match, caller: Caller, lang: Lang) -> ScoredOut:
    return ScoredOut(
        score=match.score,
        grade=match.grade,
        lot_id=match.lot_id,
        unknown=match.unknown,
        reasons=_reasons(match, caller, lang),
    )


def _reasons(match: Match, caller: Caller, lang: Lang) -> list[ReasonOut]:
    """What a startup learned from its own decisions is told to itself alone."""
    own = caller.kind is OrganisationKind.STARTUP
    return told(match.reasons if own else map(for_others, match.reasons), lang)
