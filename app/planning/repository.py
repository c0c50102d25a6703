"""What stands around a blocked pair, in the database: open calls, listed startups, and who won what."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select, and_, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.matches.documents import LISTED, OPEN
from app.models.award import Award, AwardOutcome, AwardWinner
from app.models.startup import Startup
from app.models.tender import Tender

_Wins: TypeAlias = Select[uuid.UUID, str | None, Sequence[str], str | None, str, str | None, dt.date | None, bool]
MOST_AWARDS = 600
"""Awards of a buyer, the latest, and as many of the same CPV codes, among which leads are looked for."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A published call in the lane of simplified access whose deadline has not passed."""

    id: uuid.UUID
    title: str
    buyer_name: str | None
    deadline_at: dt.datetime | None
    record: JsonObject


@dataclass(frozen=True, slots=True)
class ListedStartup:
    """A startup that buyers may see; ``record`` is its whole profile, of which they see a part."""

    id: uuid.UUID
    name: str
    record: JsonObject


@dataclass(frozen=True, slots=True)
class Win:
    """Who won an award of which words and codes."""

    award_id: uuid.UUID
    title: str | None
    cpv: Sequence[str]
    name: str | None
    name_key: str
    identifier: str | None
    awarded_on: dt.date | None
    at_buyer: bool


class SurroundingsRepository:
    """Reads what everybody may read; nothing here is a tenant's own."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def open_calls(self, ids: Collection[uuid.UUID], now: dt.datetime) -> dict[uuid.UUID, OpenCall]:
        """Those of these calls that stand open now, in the lane of simplified access."""
        columns = (Tender.id, Tender.title, Tender.buyer_name, Tender.deadline_at, Tender.record)
        in_the_lane = Tender.simplified_access.is_(True)
        rows = await self._session.execute(select(*columns).where(Tender.id.in_(list(ids)), OPEN, in_the_lane))
        return {row[0]: OpenCall(*row) for row in rows if row[3] is None or row[3] > now}

    async def listed(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ListedStartup]:
        """Startups that agreed to be shown, by id."""
        rows = await self._session.execute(
            select(Startup.id, Startup.name, Startup.record).where(Startup.id.in_(list(ids)), LISTED)
        )
        return {row[0]: ListedStartup(*row) for row in rows}

    async def wins(self, buyer_key: str, country: str | None, cpv: Collection[str]) -> list[Win]:
        """Who won the latest awards of a buyer, and those of its country with one of these CPV codes."""
        asked: list[_Wins] = []
        if buyer_key:
            asked.append(_wins(and_(Award.buyer_key == buyer_key, _within(country)), at_buyer=True))
        if cpv:
            asked.append(_wins(and_(Award.cpv.overlap(list(cpv)), _within(country)), at_buyer=False))
        return [Win(*row) for row in await self._session.execute(union_all(*asked))] if asked else []


def _wins(holds: ColumnElement[bool], *, at_buyer: bool) -> _Wins:
    latest = (
        select(Award.id, Award.title, Award.cpv, Award.awarded_on)
        .where(holds, Award.outcome == AwardOutcome.AWARDED)
        .order_by(Award.id.desc())
        .limit(MOST_AWARDS)
        .subquery()
    )
    return (
        select(
            latest.c.id, latest.c.title, latest.c.cpv,
            AwardWinner.name, AwardWinner.name_key, AwardWinner.identifier, latest.c.awarded_on,
            literal(at_buyer),
        )
        .join(AwardWinner, AwardWinner.award_id == latest.c.id)
        .where(AwardWinner.name.is_not(None))
    )  # fmt: skip


def _within(country: str | None) -> ColumnElement[bool]:
    return Award.country == country if country is not None else Award.country.is_(None)
