"""Support offers in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, Select, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.turns import take_turn
from app.kit.ids import OrganisationId
from app.models.organisation import Organisation
from app.models.support_offer import SupportOffer
from app.support.gaps import Gap


@dataclass(frozen=True, slots=True)
class Need:
    """Whose gaps shall be closed, and when; ``None`` or empty is unknown, and keeps nothing out.

    ``region`` is named as ``app.tenders.regions`` names the regions of Morocco.
    """

    gaps: Collection[Gap]
    as_of: dt.date
    country: str | None = None
    region: str | None = None
    language: str | None = None


class OfferRepository:
    """Rows of support offers."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, offer: SupportOffer) -> None:
        """Enter an offer."""
        self._session.add(offer)
        await self._session.flush()

    async def flush(self) -> None:
        """Send what is pending."""
        await self._session.flush()

    async def count(self, provider: OrganisationId) -> int:
        """How many offers an organisation has; until this transaction ends, whoever else asks waits."""
        await take_turn(self._session, "offers", provider)
        found = select(func.count()).select_from(SupportOffer).where(SupportOffer.provider_id == provider)
        return await self._session.scalar(found) or 0

    async def held(self, provider: OrganisationId, offer_id: uuid.UUID) -> SupportOffer | None:
        """An offer of this organisation, held against other writers."""
        return await self._session.scalar(
            select(SupportOffer)
            .where(SupportOffer.id == offer_id, SupportOffer.provider_id == provider)
            .with_for_update()
        )

    async def own(self, provider: OrganisationId, offer_id: uuid.UUID) -> Row[SupportOffer, str] | None:
        """An offer of this organisation, with its name."""
        query = _shown().where(SupportOffer.id == offer_id, SupportOffer.provider_id == provider)
        return (await self._session.execute(query)).one_or_none()

    async def remove(self, provider: OrganisationId, offer_id: uuid.UUID) -> bool:
        """Delete an offer; whether there was one."""
        gone = await self._session.scalar(
            delete(SupportOffer)
            .where(SupportOffer.id == offer_id, SupportOffer.provider_id == provider)
            .returning(SupportOffer.id)
        )
        return gone is not None

    async def of_provider(
        self, provider: OrganisationId, before: uuid.UUID | None, limit: int
    ) -> Sequence[Row[SupportOffer, str]]:
        """The offers of an organisation, ended ones too, the newest first."""
        return await self._page(_shown().where(SupportOffer.provider_id == provider), before, limit)

    async def closing(self, need: Need, before: uuid.UUID | None, limit: int) -> Sequence[Row[SupportOffer, str]]:
        """Offers that hold on the day and close one of the gaps (none: any), the newest first."""
        return await self._page(_shown().where(*_conditions(need)), before, limit)

    async def _page(
        self, query: Select[SupportOffer, str], before: uuid.UUID | None, limit: int
    ) -> Sequence[Row[SupportOffer, str]]:
        if before is not None:
            query = query.where(SupportOffer.id < before)
        return (await self._session.execute(query.order_by(SupportOffer.id.desc()).limit(limit))).all()


def _shown() -> Select[SupportOffer, str]:
    return select(SupportOffer, Organisation.name).join(Organisation, Organisation.id == SupportOffer.provider_id)


def _conditions(need: Need) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        SupportOffer.valid_from <= need.as_of,
        or_(SupportOffer.valid_until.is_(None), SupportOffer.valid_until >= need.as_of),
    ]
    if need.gaps:
        found.append(SupportOffer.gaps.overlap([gap.value for gap in need.gaps]))
    if need.country is not None:
        found.append(or_(SupportOffer.country.is_(None), SupportOffer.country == need.country))
    if need.region is not None:
        found.append(or_(func.cardinality(SupportOffer.regions) == 0, SupportOffer.regions.contains([need.region])))
    if need.language is not None:
        found.append(
            or_(func.cardinality(SupportOffer.languages) == 0, SupportOffer.languages.contains([need.language]))
        )
    return found
