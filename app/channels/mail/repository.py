"""Subscriptions and letters in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import OrganisationId
from app.models.digest import DigestState, DigestSubscription, Letter, LetterKind, MailAddress
from app.models.organisation import Organisation
from app.models.saved_search import SavedSearch
from app.models.startup import Startup


@dataclass(frozen=True, slots=True)
class Of:
    """What digests are of: a startup, what a kept search finds of one, or the cohort."""

    startup_id: uuid.UUID | None
    search_id: uuid.UUID | None


class SubscriptionRepository:
    """Subscriptions by their owner."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, subscription: DigestSubscription) -> None:
        """Enter a subscription."""
        self._session.add(subscription)
        await self._session.flush()

    async def count(self, owner_id: OrganisationId) -> int:
        """How many an organisation has."""
        found = select(func.count()).select_from(DigestSubscription).where(DigestSubscription.owner_id == owner_id)
        return await self._session.scalar(found) or 0

    async def all(self, owner_id: OrganisationId) -> Sequence[DigestSubscription]:
        """The subscriptions of an organisation, the oldest first."""
        found = select(DigestSubscription).where(DigestSubscription.owner_id == owner_id)
        return (await self._session.scalars(found.order_by(DigestSubscription.id))).all()

    async def one(
        self, owner_id: OrganisationId, subscription_id: uuid.UUID, *, lock: bool = False
    ) -> DigestSubscription | None:
        """A subscription of this organisation."""
        found = select(DigestSubscription).where(
            DigestSubscription.id == subscription_id, DigestSubscription.owner_id == owner_id
        )
        return await self._session.scalar(found.with_for_update() if lock else found)

    async def same(
        self, owner_id: OrganisationId, address_hashes: Sequence[bytes], of: Of
    ) -> DigestSubscription | None:
        """The subscription of this address to the same startup, search or cohort."""
        return await self._session.scalar(
            select(DigestSubscription).where(
                DigestSubscription.owner_id == owner_id,
                DigestSubscription.address_hash.in_(address_hashes),
                DigestSubscription.startup_id.is_not_distinct_from(of.startup_id),
                DigestSubscription.search_id.is_not_distinct_from(of.search_id),
            )
        )

    async def remove(self, owner_id: OrganisationId, subscription_id: uuid.UUID) -> bool:
        """Delete a subscription with its letters; whether there was one."""
        gone = await self._session.scalar(
            delete(DigestSubscription)
            .where(DigestSubscription.id == subscription_id, DigestSubscription.owner_id == owner_id)
            .returning(DigestSubscription.id)
        )
        return gone is not None

    async def hears_of(self, owner_id: OrganisationId, startup_id: uuid.UUID) -> bool:
        """Whether a startup is the organisation's own, or one that it registered."""
        mine = or_(Startup.owner_id == owner_id, Startup.registrar_id == owner_id)
        found = select(Startup.id).where(Startup.id == startup_id, mine, Startup.deleted_at.is_(None))
        return await self._session.scalar(found) is not None

    async def search(self, owner_id: OrganisationId, search_id: uuid.UUID) -> SavedSearch | None:
        """A search that the organisation keeps."""
        mine = select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.owner_id == owner_id)
        return await self._session.scalar(mine)

    async def letters(self, subscription_id: uuid.UUID, limit: int) -> Sequence[Letter]:
        """The newest letters of a subscription, which was looked up with its owner."""
        found = select(Letter).where(Letter.subscription_id == subscription_id)
        return (await self._session.scalars(found.order_by(Letter.id.desc()).limit(limit))).all()

    async def asked(self, address_hash: bytes) -> MailAddress:
        """How often an address was asked, whoever asked; locked until the transaction ends."""
        await self._session.execute(
            insert(MailAddress).values(address_hash=address_hash, asked=0, asked_at=func.now()).on_conflict_do_nothing()
        )
        found = select(MailAddress).where(MailAddress.address_hash == address_hash).with_for_update()
        return (await self._session.scalars(found)).one()


class LinkRepository:
    """Subscriptions by the token of a link that only the reader of a mail has."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def to_confirm(
        self, hashes: Sequence[bytes], now: dt.datetime, *, lock: bool = False
    ) -> tuple[DigestSubscription, str] | None:
        """The subscription that a token confirms, or has confirmed, with the name of its organisation."""
        return await self._one(
            DigestSubscription.confirm_hash.in_(hashes)
            & or_(
                (DigestSubscription.state == DigestState.PENDING) & (DigestSubscription.confirm_until > now),
                DigestSubscription.state == DigestState.CONFIRMED,
            ),
            lock=lock,
        )

    async def to_unsubscribe(
        self, hashes: Sequence[bytes], *, lock: bool = False
    ) -> tuple[DigestSubscription, str] | None:
        """The subscription that a token ends, or has ended, with the name of its organisation."""
        return await self._one(DigestSubscription.unsubscribe_hash.in_(hashes), lock=lock)

    async def forget_asking(self, address_hash: bytes) -> None:
        """Count anew how often an address was asked: its owner has answered."""
        await self._session.execute(delete(MailAddress).where(MailAddress.address_hash == address_hash))

    async def _one(self, which: ColumnElement[bool], *, lock: bool) -> tuple[DigestSubscription, str] | None:
        found = (
            select(DigestSubscription, Organisation.name)
            .join(Organisation, Organisation.id == DigestSubscription.owner_id)
            .where(which)
        )
        row = (await self._session.execute(found.with_for_update(of=DigestSubscription) if lock else found)).first()
        return None if row is None else (row[0], row[1])


def new_letter(
    letter_id: uuid.UUID, subscription_id: uuid.UUID, kind: LetterKind, due_at: dt.datetime, now: dt.datetime
) -> Letter:
    """A letter that waits to be sent."""
    return Letter(id=letter_id, subscription_id=subscription_id, kind=kind, due_at=due_at, created_at=now)
