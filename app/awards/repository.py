"""Awards in the database: by winner, by buyer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, Subquery, and_, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.award import Award, AwardOutcome, AwardWinner
from app.models.source import Source
from app.models.startup import Startup
from app.models.startup_win import StartupWin

MOST_COUNTED = 20_000
"""Awards of one buyer that its habits are counted over, the latest ones."""

_WINNERS = (
    select(func.array_agg(aggregate_order_by(AwardWinner.name, AwardWinner.position)))
    .where(AwardWinner.award_id == Award.id, AwardWinner.name.is_not(None))
    .scalar_subquery()
)
_AWARD = (
    Award.id, Award.tender_id, Award.reference, Award.lot_id, Award.title, Award.buyer_name, Award.outcome,
    Award.value_amount, Award.value_currency, Award.offers, Award.cpv, Award.country, Award.awarded_on,
    _WINNERS.label("winners"),
    Source.name.label("source_name"), Source.title.label("source_title"), Source.licence.label("source_licence"),
    Source.attribution.label("source_attribution"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Supplier:
    """A startup as winners are compared with it: the key of its name, its country, identifiers it bears."""

    startup_id: uuid.UUID
    name_key: str
    country: str | None
    identifiers: Sequence[str]


@dataclass(frozen=True, slots=True)
class Habit:
    """Counts over a buyer's awards."""

    name: str
    awards: int
    since: dt.date | None
    until: dt.date | None
    unsuccessful: int
    cancelled: int
    median_offers: float | None


class AwardRepository:
    """Reads awards; what they say is public."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def wins(
        self, supplier: Supplier, mine: bool | None, after: uuid.UUID | None, limit: int
    ) -> Sequence[RowMapping]:
        """Awards whose winner may be the supplier, the latest first; ``mine``: what it said of them (None: nothing)."""
        query = (
            select(*_AWARD, StartupWin.mine, _same_identifier(supplier).label("by_identifier"))
            .join(Source, Source.id == Award.source_id)
            .outerjoin(StartupWin, and_(StartupWin.award_id == Award.id, StartupWin.startup_id == supplier.startup_id))
            .where(_won_by(supplier), _DECISION, StartupWin.mine.is_(mine))
            .order_by(Award.id.desc())
            .limit(limit)
        )
        if after is not None:
            query = query.where(Award.id < after)
        return (await self._session.execute(query)).mappings().all()

    async def win(self, supplier: Supplier, award_id: uuid.UUID) -> RowMapping | None:
        """One of these awards."""
        query = (
            select(*_AWARD).join(Source, Source.id == Award.source_id).where(Award.id == award_id, _won_by(supplier))
        )
        return (await self._session.execute(query)).mappings().one_or_none()

    async def decide(self, startup_id: uuid.UUID, award_id: uuid.UUID, now: dt.datetime, *, mine: bool) -> None:
        """Keep what a startup said of an award."""
        entered = insert(StartupWin).values(startup_id=startup_id, award_id=award_id, mine=mine, decided_at=now)
        await self._session.execute(
            entered.on_conflict_do_update(
                index_elements=[StartupWin.startup_id, StartupWin.award_id],
                set_={"mine": entered.excluded.mine, "decided_at": entered.excluded.decided_at},
            )
        )

    async def latest_of_buyer(self, key: str, country: str | None, limit: int) -> Sequence[RowMapping]:
        """The latest awards of a buyer."""
        query = (
            select(*_AWARD)
            .join(Source, Source.id == Award.source_id)
            .where(*_bought_by(key, country))
            .order_by(Award.awarded_on.desc().nulls_last(), Award.id.desc())
            .limit(limit)
        )
        return (await self._session.execute(query)).mappings().all()

    async def of_tender(self, tender_id: uuid.UUID, limit: int) -> Sequence[RowMapping]:
        """How a call and its lots ended, the latest first."""
        query = (
            select(*_AWARD)
            .join(Source, Source.id == Award.source_id)
            .where(Award.tender_id == tender_id)
            .order_by(Award.awarded_on.desc().nulls_last(), Award.id.desc())
            .limit(limit)
        )
        return (await self._session.execute(query)).mappings().all()

    async def habit(self, key: str, country: str | None) -> Habit | None:
        """The counts; ``None`` where nothing is known of such a buyer."""
        counted = _counted(key, country)
        row = (
            await self._session.execute(
                select(
                    func.mode().within_group(counted.c.buyer_name),
                    func.count(),
                    func.min(counted.c.awarded_on),
                    func.max(counted.c.awarded_on),
                    func.count().filter(counted.c.outcome == AwardOutcome.UNSUCCESSFUL),
                    func.count().filter(counted.c.outcome == AwardOutcome.CANCELLED),
                    func.percentile_cont(0.5).within_group(counted.c.offers),
                )
            )
        ).one()
        return Habit(*row) if row[1] else None

    async def amounts(self, key: str, country: str | None) -> Sequence[RowMapping]:
        """Median and greatest value by currency, the most frequent currency first."""
        counted = _counted(key, country)
        query = (
            select(
                counted.c.value_currency.label("currency"),
                func.count().label("awards"),
                func.percentile_cont(0.5).within_group(counted.c.value_amount).label("median"),
                func.max(counted.c.value_amount).label("greatest"),
            )
            .where(counted.c.value_amount.is_not(None), counted.c.value_currency.is_not(None))
            .group_by(counted.c.value_currency)
            .order_by(func.count().desc(), counted.c.value_currency)
            .limit(10)
        )
        return (await self._session.execute(query)).mappings().all()

    async def suppliers(self, key: str, country: str | None, limit: int) -> tuple[int, Sequence[RowMapping]]:
        """How many suppliers won, and those who won most often."""
        counted = _counted(key, country)
        grouped = (
            select(func.mode().within_group(AwardWinner.name).label("name"), func.count().label("awards"))
            .join(counted, counted.c.id == AwardWinner.award_id)
            .where(AwardWinner.name_key != "")
            .group_by(AwardWinner.name_key)
            .subquery()
        )
        query = select(grouped, func.count().over().label("suppliers"))
        rows = await self._session.execute(query.order_by(grouped.c.awards.desc(), grouped.c.name).limit(limit))
        found = rows.mappings().all()
        return (found[0]["suppliers"] if found else 0), found

    async def winners(self, key: str, country: str | None) -> Sequence[str]:
        """Whoever won the buyer's awards, by the key of its name, the oldest award first."""
        counted = _counted(key, country)
        query = (
            select(AwardWinner.name_key)
            .join(counted, counted.c.id == AwardWinner.award_id)
            .where(AwardWinner.name_key != "")
            .order_by(counted.c.awarded_on.nulls_first(), counted.c.id, AwardWinner.position)
        )
        return (await self._session.scalars(query)).all()

    async def winners_staff(self, award_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[int]]:
        """How many people work for those winners that have said here that the award is theirs, by award."""
        query = (
            select(StartupWin.award_id, Startup.employees)
            .join(Startup, Startup.id == StartupWin.startup_id)
            .where(StartupWin.award_id.in_(award_ids), StartupWin.mine, Startup.listed, Startup.employees.is_not(None))
        )
        found: dict[uuid.UUID, list[int]] = {}
        for award_id, employees in await self._session.execute(query):
            found.setdefault(award_id, []).append(employees or 0)
        return found

    async def divisions(self, key: str, country: str | None, limit: int) -> Sequence[RowMapping]:
        """The CPV divisions bought most often; an award counts once for each of its own."""
        counted = _counted(key, country)
        each = select(counted.c.id, func.left(func.unnest(counted.c.cpv), 2).label("name")).distinct().subquery()
        query = (
            select(each.c.name, func.count().label("awards"))
            .group_by(each.c.name)
            .order_by(func.count().desc(), each.c.name)
            .limit(limit)
        )
        return (await self._session.execute(query)).mappings().all()


_DECISION: ColumnElement[bool] = func.coalesce(Award.record["form_type"].astext, "").not_in(
    ["cont-modif", "completion"]
)
"""What merely changes or closes a contract that was awarded before is not another award (forms of TED)."""


def _same_identifier(supplier: Supplier) -> ColumnElement[bool]:
    return exists().where(AwardWinner.award_id == Award.id, AwardWinner.identifier.in_(list(supplier.identifiers)))


def _won_by(supplier: Supplier) -> ColumnElement[bool]:
    """An identifier that the startup bears, or its very name in its country, legal form and accents aside."""
    named: list[ColumnElement[bool]] = []
    if supplier.name_key:
        named = [AwardWinner.name_key == supplier.name_key]
        if supplier.country is not None:
            named.append(func.coalesce(AwardWinner.country, Award.country, supplier.country) == supplier.country)
    either = [AwardWinner.identifier.in_(list(supplier.identifiers)), *([and_(*named)] if named else [])]
    return Award.id.in_(select(AwardWinner.award_id).join(Award, Award.id == AwardWinner.award_id).where(or_(*either)))


def _bought_by(key: str, country: str | None) -> list[ColumnElement[bool]]:
    found = [Award.buyer_key == key, _DECISION]
    return found if country is None else [*found, Award.country == country]


def _counted(key: str, country: str | None) -> Subquery:
    """The awards that a buyer's habits are counted over."""
    return (
        select(
            Award.id, Award.buyer_name, Award.outcome, Award.offers, Award.awarded_on, Award.value_amount,
            Award.value_currency, Award.cpv,
        )
        .where(*_bought_by(key, country))
        .order_by(Award.id.desc())
        .limit(MOST_COUNTED)
        .subquery()
    )  # fmt: skip
