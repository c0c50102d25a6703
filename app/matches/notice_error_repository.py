"""Errors told of in notices, in the database: feedback of one verdict. Who may read them comes first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import OrganisationId, StartupId
from app.models.decision import Feedback, FeedbackVerdict
from app.models.source import Source
from app.models.tender import Tender

_TOLD = Feedback.verdict == FeedbackVerdict.NOTICE_ERROR
_OPEN = Feedback.outcome.is_(None)


@dataclass(frozen=True, slots=True)
class NoticeErrorFilters:
    """Which errors are asked for; ``answered``: those that are, or are not; ``source``: where the notice came from."""

    answered: bool | None = None
    source: str | None = None


class NoticeErrorRepository:
    """``buyer``: the owner of the calls whose errors are asked for; ``None`` stands for all calls."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(
        self, buyer: OrganisationId | None, filters: NoticeErrorFilters, before: uuid.UUID | None, limit: int
    ) -> Sequence[Feedback]:
        """Errors told of, the latest first."""
        query = select(Feedback).where(_TOLD, *_conditions(buyer, filters)).order_by(Feedback.id.desc()).limit(limit)
        if buyer is not None or filters.source is not None:
            query = query.join(Tender, Tender.id == Feedback.tender_id)
        if filters.source is not None:
            query = query.join(Source, Source.id == Tender.source_id)
        if before is not None:
            query = query.where(Feedback.id < before)
        return (await self._session.scalars(query)).all()

    async def told_for(
        self, teller: OrganisationId, startup_id: StartupId, before: uuid.UUID | None, limit: int
    ) -> Sequence[Feedback]:
        """What one organisation told of for one of its startups, the latest first."""
        query = (
            select(Feedback)
            .where(_TOLD, Feedback.organisation_id == teller, Feedback.startup_id == startup_id)
            .order_by(Feedback.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(Feedback.id < before)
        return (await self._session.scalars(query)).all()

    async def open_by_source(self, buyer: OrganisationId | None) -> Mapping[tuple[str | None, str | None], int]:
        """How many are open, by name and title of the source; both are nothing for calls entered here."""
        query = (
            select(Source.name, Source.title, func.count())
            .select_from(Feedback)
            .join(Tender, Tender.id == Feedback.tender_id)
            .outerjoin(Source, Source.id == Tender.source_id)
            .where(_TOLD, *_conditions(buyer, NoticeErrorFilters(answered=False)))
            .group_by(Source.name, Source.title)
            .order_by(Source.title)
        )
        return {(name, title): count for name, title, count in await self._session.execute(query)}

    async def held(self, buyer: OrganisationId | None, error_id: uuid.UUID) -> Feedback | None:
        """One of them, held against other writers."""
        query = select(Feedback).where(Feedback.id == error_id, _TOLD)
        if buyer is not None:
            query = query.join(Tender, Tender.id == Feedback.tender_id).where(Tender.owner_id == buyer)
        return await self._session.scalar(query.with_for_update(of=Feedback).execution_options(populate_existing=True))

    async def flush(self) -> None:
        """Send what is pending."""
        await self._session.flush()


def _conditions(buyer: OrganisationId | None, filters: NoticeErrorFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if buyer is not None:
        found.append(Tender.owner_id == buyer)
    if filters.source is not None:
        found.append(Source.name == filters.source)
    if filters.answered is not None:
        found.append(~_OPEN if filters.answered else _OPEN)
    return found
