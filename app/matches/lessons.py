"""What organisations decided and said, as lessons of their own startups and tenders, and of nobody else's.

The startup's side of a pair is its owner's, or its registrar's while nobody has claimed it; the tender's side is that
of the organisation that posted it. Of several words about one pair the newest counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import CompoundSelect, Select, Subquery, exists, func, literal, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.kit.ids import OrganisationId, StartupId, TenderId
from app.matches.decisions import OF_BUYERS, OF_STARTUPS
from app.models.decision import Decision, DecisionKind, Feedback, FeedbackVerdict
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from matching.feedback import MAX_LESSONS

_SPEAKS_FOR_STARTUP: Final = func.coalesce(Startup.owner_id, Startup.registrar_id)
_KEPT: Final = Decision.kind != DecisionKind.DISMISSED
# Whoever lost had applied: the subject was right.
_RIGHT: Final = Feedback.verdict != FeedbackVerdict.WRONG
_OF_THE_MATCH: Final = Feedback.verdict != FeedbackVerdict.NOTICE_ERROR

_Words: TypeAlias = CompoundSelect[Any]


TAUGHT: Final = or_(
    exists().where(Decision.tender_id == Tender.id, Decision.organisation_id == Tender.owner_id),
    exists().where(Feedback.tender_id == Tender.id, Feedback.organisation_id == Tender.owner_id),
)
"""Whether a tender may have lessons: what spares most of them a statement."""


@dataclass(frozen=True, slots=True)
class Said:
    """A record of the other side, and whether it was kept or turned down."""

    id: uuid.UUID
    record: JsonObject
    kept: bool


class LessonRepository:
    """Reads lessons, and marks who has new ones."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_startups(self, startup_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Said]]:
        """What the own side of each startup made of tenders: the newest of each, at most ``MAX_LESSONS``."""
        wanted = list(startup_ids)
        decided = (
            select(Decision.startup_id, Decision.tender_id, _KEPT.label("kept"), Decision.updated_at)
            .join(Startup, Startup.id == Decision.startup_id)
            .where(Decision.organisation_id == _SPEAKS_FOR_STARTUP)
            .where(Decision.kind.in_(OF_STARTUPS))
            .where(Decision.startup_id.in_(wanted), Startup.id.in_(wanted))
        )
        spoken = (
            select(Feedback.startup_id, Feedback.tender_id, _RIGHT, Feedback.created_at)
            .join(Startup, Startup.id == Feedback.startup_id)
            .where(Feedback.organisation_id == _SPEAKS_FOR_STARTUP)
            .where(Feedback.startup_id.in_(wanted), Startup.id.in_(wanted), _OF_THE_MATCH)
        )
        newest = _newest(union_all(decided, spoken), "startup_id", "tender_id")
        found = await self._session.execute(
            _in_order(select(newest.c.startup_id, Tender.id, Tender.record, newest.c.kept), newest)
            .join(Tender, Tender.id == newest.c.tender_id)
            .where(Tender.status != TenderStatus.DRAFT)
        )
        lessons: dict[uuid.UUID, list[Said]] = {}
        for startup, tender, record, kept in found:
            lessons.setdefault(startup, []).append(Said(tender, record, kept))
        return lessons

    async def of_tender(self, tender_id: TenderId) -> list[Said]:
        """What the organisation that posted a tender made of startups for it; unlisted ones are left out."""
        decided = (
            select(Decision.tender_id, Decision.startup_id, _KEPT.label("kept"), Decision.updated_at)
            .join(Tender, Tender.id == Decision.tender_id)
            .where(Decision.organisation_id == Tender.owner_id, Decision.tender_id == tender_id)
            .where(Decision.kind.in_(OF_BUYERS))
        )
        spoken = (
            select(Feedback.tender_id, Feedback.startup_id, _RIGHT, Feedback.created_at)
            .join(Tender, Tender.id == Feedback.tender_id)
            .where(Feedback.organisation_id == Tender.owner_id, Feedback.tender_id == tender_id, _OF_THE_MATCH)
        )
        newest = _newest(union_all(decided, spoken), "tender_id", "startup_id")
        found = await self._session.execute(
            _in_order(select(Startup.id, Startup.record, newest.c.kept), newest)
            .join(Startup, Startup.id == newest.c.startup_id)
            .where(Startup.listed, Startup.deleted_at.is_(None))
        )
        return [Said(startup, record, kept) for startup, record, kept in found]

    async def mark(self, organisation: OrganisationId, startup_id: StartupId) -> bool:
        """Have a startup taken into the index anew, with its lessons, if the organisation speaks for it; whether it
        does. Its record and version stay.
        """
        marked = await self._session.execute(
            update(Startup)
            .where(Startup.id == startup_id, literal(organisation) == _SPEAKS_FOR_STARTUP)
            .values(changed_tx=func.pg_current_xact_id())
            .returning(Startup.id)
            .execution_options(synchronize_session=False)
        )
        return marked.first() is not None


def _newest(words: _Words, subject: str, other: str) -> Subquery:
    """The newest word about each pair, numbered from the newest on for each subject."""
    said = words.subquery()
    at = said.c.updated_at
    pair = (said.c[subject], said.c[other])
    latest = select(said).ext(distinct_on(*pair)).order_by(*pair, at.desc(), said.c.kept.desc()).subquery()
    number = func.row_number().over(
        partition_by=latest.c[subject], order_by=(latest.c.updated_at.desc(), latest.c[other])
    )
    return select(latest, number.label("number")).subquery()


def _in_order(query: Select[Any], newest: Subquery) -> Select[Any]:
    return query.where(newest.c.number <= MAX_LESSONS).order_by(newest.c.number)
