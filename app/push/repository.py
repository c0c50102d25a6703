"""Senders, deliveries and pushed calls in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.turns import take_turn
from app.kit.ids import OrganisationId
from app.models.push import PushCall, PushDelivery, PushSender, PushState
from app.models.source import Source
from app.models.tender import Tender


class SenderRepository:
    """Senders by their owner."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, source: Source, values: Mapping[str, object]) -> PushSender | None:
        """Enter a sender with the source that its calls name; ``None`` if its owner has one with this code."""
        self._session.add(source)
        await self._session.flush()
        return await self._session.scalar(
            insert(PushSender)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["owner_id", "code"])
            .returning(PushSender)
        )

    async def all(self, owner_id: OrganisationId) -> Sequence[PushSender]:
        """The senders of an organisation, the oldest first; at most 500."""
        found = select(PushSender).where(PushSender.owner_id == owner_id).order_by(PushSender.id).limit(500)
        return (await self._session.scalars(found)).all()

    async def count(self, owner_id: OrganisationId) -> int:
        """How many senders an organisation has, revoked ones included; whoever else asks waits until this transaction
        ends.
        """
        await take_turn(self._session, "senders", owner_id)
        found = select(func.count()).select_from(PushSender).where(PushSender.owner_id == owner_id)
        return await self._session.scalar(found) or 0

    async def one(self, owner_id: OrganisationId, sender_id: uuid.UUID, *, lock: bool = False) -> PushSender | None:
        """A sender of this organisation."""
        found = select(PushSender).where(PushSender.id == sender_id, PushSender.owner_id == owner_id)
        return await self._session.scalar(found.with_for_update() if lock else found)

    async def live(self, sender_id: uuid.UUID) -> PushSender | None:
        """The sender that a message says it is of, whoever owns it: its signature decides."""
        return await self._session.scalar(
            select(PushSender).where(PushSender.id == sender_id, PushSender.revoked_at.is_(None))
        )

    async def counts(self, sender_id: uuid.UUID) -> dict[PushState, int]:
        """How many deliveries are in each state."""
        rows = await self._session.execute(
            select(PushDelivery.state, func.count())
            .where(PushDelivery.sender_id == sender_id)
            .group_by(PushDelivery.state)
        )
        found: dict[PushState, int] = {row[0]: row[1] for row in rows}
        return {state: found.get(state, 0) for state in PushState}


class DeliveryRepository:
    """Deliveries by their sender, and how far each call is."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def claim(self, delivery: Mapping[str, object]) -> PushDelivery | None:
        """Enter a delivery; ``None`` if its sender has sent one with this webhook-id, now or ever."""
        return await self._session.scalar(
            insert(PushDelivery)
            .values(**delivery)
            .on_conflict_do_nothing(index_elements=["sender_id", "webhook_id"])
            .returning(PushDelivery)
        )

    async def by_webhook_id(self, sender_id: uuid.UUID, webhook_id: str) -> PushDelivery | None:
        """The delivery that came with this id."""
        return await self._session.scalar(
            select(PushDelivery).where(PushDelivery.sender_id == sender_id, PushDelivery.webhook_id == webhook_id)
        )

    async def one(self, sender_id: uuid.UUID, delivery_id: uuid.UUID) -> PushDelivery | None:
        """A delivery of this sender."""
        return await self._session.scalar(
            select(PushDelivery).where(PushDelivery.sender_id == sender_id, PushDelivery.id == delivery_id)
        )

    async def newest(
        self, sender_id: uuid.UUID, state: PushState | None, before: uuid.UUID | None, limit: int
    ) -> Sequence[PushDelivery]:
        """The deliveries of a sender, the newest first, older than the given one."""
        query = select(PushDelivery).where(PushDelivery.sender_id == sender_id).order_by(PushDelivery.id.desc())
        if state is not None:
            query = query.where(PushDelivery.state == state)
        if before is not None:
            query = query.where(PushDelivery.id < before)
        return (await self._session.scalars(query.limit(limit))).all()

    async def advance(self, sender_id: uuid.UUID, external_id: str, version: int, digest: bytes) -> bool:
        """Make this the highest version of a call; whether it is new: higher, or refused when it came before."""
        entered = insert(PushCall).values(sender_id=sender_id, external_id=external_id, version=version, digest=digest)
        moved = await self._session.scalar(
            entered.on_conflict_do_update(
                index_elements=["sender_id", "external_id"],
                set_={"version": entered.excluded.version, "digest": entered.excluded.digest},
                where=or_(
                    PushCall.version < entered.excluded.version,
                    (PushCall.version == entered.excluded.version) & PushCall.digest.is_(None),
                ),
            ).returning(PushCall.version)
        )
        return moved is not None

    async def call(self, sender_id: uuid.UUID, external_id: str, *, lock: bool = False) -> PushCall | None:
        """How far a call is."""
        found = select(PushCall).where(PushCall.sender_id == sender_id, PushCall.external_id == external_id)
        found = found.execution_options(populate_existing=True)
        return await self._session.scalar(found.with_for_update() if lock else found)

    async def waiting(self, delivery_id: uuid.UUID) -> tuple[PushDelivery, PushSender] | None:
        """A delivery that is still to be stored, locked, with its sender."""
        found = await self._session.execute(
            select(PushDelivery, PushSender)
            .join(PushSender, PushSender.id == PushDelivery.sender_id)
            .where(PushDelivery.id == delivery_id, PushDelivery.state == PushState.QUEUED)
            .with_for_update(of=PushDelivery)
        )
        row = found.one_or_none()
        return None if row is None else (row[0], row[1])

    async def tender_of(self, owner_id: uuid.UUID, external_id: str) -> uuid.UUID | None:
        """The call that a delivery became."""
        return await self._session.scalar(
            select(Tender.id).where(Tender.owner_id == owner_id, Tender.external_id == external_id)
        )

    async def forget(self, before: dt.datetime) -> int:
        """Delete what came in before an instant and is done; how far each call is stays. Returns how many."""
        done = await self._session.execute(
            delete(PushDelivery)
            .where(PushDelivery.received_at < before, PushDelivery.state != PushState.QUEUED)
            .returning(PushDelivery.id)
        )
        return len(done.all())
