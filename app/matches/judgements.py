"""What organisations decided and said of matches, as judgements that weights are trained on."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.matches.documents import chosen_tenders, known_startups
from app.models.decision import Decision, DecisionKind, Feedback, FeedbackVerdict
from matching.judged import JudgedSet

GRADES: Final[Mapping[DecisionKind | FeedbackVerdict, float]] = MappingProxyType(
    {
        DecisionKind.INVITED: 3.0,
        FeedbackVerdict.WON: 3.0,
        DecisionKind.SHORTLISTED: 2.0,
        DecisionKind.SAVED: 2.0,
        DecisionKind.PARTNER_WANTED: 2.0,
        DecisionKind.BID: 2.0,
        FeedbackVerdict.RIGHT: 2.0,
        DecisionKind.DISMISSED: 0.0,
        FeedbackVerdict.WRONG: 0.0,
        FeedbackVerdict.LOST: 1.0,  # it had applied, and another was preferred
    }
)
"""The grade (0 to 3) that each word on a match stands for; of several about one pair the mean counts."""


async def feedback_set(session: AsyncSession) -> JudgedSet:
    """Every pair somebody decided or spoke about, among all startups that are listed or judged."""
    grades: dict[uuid.UUID, dict[uuid.UUID, list[float]]] = {}
    async for tender_id, startup_id, grade in _words(session):
        grades.setdefault(tender_id, {}).setdefault(startup_id, []).append(grade)
    judged = {startup for each in grades.values() for startup in each}
    tenders = [change.doc async for batch in chosen_tenders(session, list(grades)) for change in batch if change.doc]
    startups = [change.doc async for batch in known_startups(session, judged) for change in batch if change.doc]
    there = {doc.id for doc in startups}
    qrels = {
        str(tender): {str(startup): sum(said) / len(said) for startup, said in each.items() if str(startup) in there}
        for tender, each in grades.items()
    }
    return JudgedSet("feedback", tenders, startups, {tender: each for tender, each in qrels.items() if each})


async def _words(session: AsyncSession) -> AsyncIterator[tuple[uuid.UUID, uuid.UUID, float]]:
    decisions = await session.execute(select(Decision.tender_id, Decision.startup_id, Decision.kind))
    verdicts = await session.execute(
        select(Feedback.tender_id, Feedback.startup_id, Feedback.verdict).where(
            Feedback.verdict != FeedbackVerdict.NOTICE_ERROR
        )
    )
    for tender_id, startup_id, said in [*decisions, *verdicts]:
        yield tender_id, startup_id, GRADES[said]
