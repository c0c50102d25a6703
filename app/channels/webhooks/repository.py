"""Endpoints and deliveries in the database, as their owners ask for them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.webhooks.selection import CHANNEL, make_missed
from app.db.session import driver_connection
from app.db.turns import take_turn
from app.kit.ids import OrganisationId
from app.models.event import Event
from app.models.webhook import DeliveryState, WebhookAttempt, WebhookBudget, WebhookDelivery, WebhookEndpoint


class EndpointRepository:
    """Endpoints by their owner."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, endpoint: WebhookEndpoint) -> None:
        """Enter an endpoint."""
        self._session.add(endpoint)
        await self._session.flush()

    async def count(self, owner_id: OrganisationId) -> int:
        """How many endpoints an organisation has; until this transaction ends, whoever else asks waits."""
        await take_turn(self._session, "endpoints", owner_id)
        found = select(func.count()).select_from(WebhookEndpoint).where(WebhookEndpoint.owner_id == owner_id)
        return await self._session.scalar(found) or 0

    async def all(self, owner_id: OrganisationId) -> Sequence[WebhookEndpoint]:
        """The endpoints of an organisation, the oldest first."""
        found = select(WebhookEndpoint).where(WebhookEndpoint.owner_id == owner_id).order_by(WebhookEndpoint.id)
        return (await self._session.scalars(found)).all()

    async def one(
        self, owner_id: OrganisationId, endpoint_id: uuid.UUID, *, lock: bool = False
    ) -> WebhookEndpoint | None:
        """An endpoint of this organisation."""
        found = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.owner_id == owner_id)
        return await self._session.scalar(found.with_for_update() if lock else found)

    async def remove(self, owner_id: OrganisationId, endpoint_id: uuid.UUID) -> bool:
        """Delete an endpoint with its deliveries; whether there was one."""
        gone = await self._session.scalar(
            delete(WebhookEndpoint)
            .where(WebhookEndpoint.id == endpoint_id, WebhookEndpoint.owner_id == owner_id)
            .returning(WebhookEndpoint.id)
        )
        return gone is not None

    async def counts(self, endpoint_id: uuid.UUID) -> dict[DeliveryState, int]:
        """How many deliveries are in each state."""
        rows = await self._session.execute(
            select(WebhookDelivery.state, func.count())
            .where(WebhookDelivery.endpoint_id == endpoint_id)
            .group_by(WebhookDelivery.state)
        )
        found: dict[DeliveryState, int] = {row[0]: row[1] for row in rows}
        return {state: found.get(state, 0) for state in DeliveryState}


class DeliveryRepository:
    """Deliveries by their endpoint; whoever asks has looked up the endpoint with its owner."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def newest(
        self, endpoint_id: uuid.UUID, state: DeliveryState | None, before: uuid.UUID | None, limit: int
    ) -> Sequence[WebhookDelivery]:
        """The deliveries of an endpoint, the newest first, older than the given one."""
        query = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id)
        if state is not None:
            query = query.where(WebhookDelivery.state == state)
        if before is not None:
            query = query.where(WebhookDelivery.id < before)
        return (await self._session.scalars(query.order_by(WebhookDelivery.id.desc()).limit(limit))).all()

    async def one(self, endpoint_id: uuid.UUID, delivery_id: uuid.UUID) -> WebhookDelivery | None:
        """A delivery of this endpoint."""
        return await self._session.scalar(
            select(WebhookDelivery).where(WebhookDelivery.id == delivery_id, WebhookDelivery.endpoint_id == endpoint_id)
        )

    async def attempts(self, delivery_id: uuid.UUID) -> Sequence[WebhookAttempt]:
        """What was tried, in order; at most 500."""
        found = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
        return (await self._session.scalars(found.order_by(WebhookAttempt.number).limit(500))).all()

    async def ping(self, delivery: WebhookDelivery) -> None:
        """Enter a delivery without an event."""
        self._session.add(delivery)
        await self._session.flush()
        await self._tell()

    async def again(
        self, endpoint_id: uuid.UUID, which: ColumnElement[bool], now: dt.datetime
    ) -> int:  # fmt: skip
        """Make deliveries due now, with a whole schedule before them; how many."""
        done = await self._session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.endpoint_id == endpoint_id, which)
            .values(state=DeliveryState.WAITING, tries=0, due_at=now, claim=None, finished_at=None)
            .returning(WebhookDelivery.id)
            .execution_options(synchronize_session=False)
        )
        await self._tell()
        return len(done.all())

    async def missed(self, endpoint_id: uuid.UUID, since: dt.datetime, until: dt.datetime, now: dt.datetime) -> int:
        """Make deliveries of events that have none; how many."""
        made = await make_missed(await driver_connection(self._session), endpoint_id, since, until, now)
        await self._tell()
        return made

    async def forget_pings(self, before: dt.datetime) -> int:
        """Delete old pings; deliveries of events go with their events. Returns how many."""
        done = await self._session.execute(
            delete(WebhookDelivery)
            .where(WebhookDelivery.event_id.is_(None), WebhookDelivery.created_at < before)
            .returning(WebhookDelivery.id)
        )
        return len(done.all())

    async def forget_budgets(self, before: dt.date) -> None:
        """Delete what was spent on days before ``before``."""
        await self._session.execute(delete(WebhookBudget).where(WebhookBudget.day < before))

    async def _tell(self) -> None:
        """Wake the workers, once this is committed."""
        await self._session.execute(text(f"SELECT pg_notify('{CHANNEL}', '')"))


def happened(since: dt.datetime | None, until: dt.datetime | None) -> ColumnElement[bool]:
    """Deliveries of events of a time."""
    if since is None and until is None:
        return true()
    when: list[ColumnElement[bool]] = []
    if since is not None:
        when.append(Event.occurred_at >= since)
    if until is not None:
        when.append(Event.occurred_at < until)
    return select(Event.id).where(Event.id == WebhookDelivery.event_id, *when).exists()
