"""A delivery becomes a version of its call, through the one way in that bulk imports take."""

from __future__ import annotations

import datetime as dt
import uuid

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject
from app.db.session import driver_connection
from app.ingest.mapping import Gathered, Mapped, map_batch
from app.ingest.merging import merge
from app.ingest.outcome import Taken, Target
from app.jobs.messages import LinkTenders, MatchTenders, ReadRequirements
from app.jobs.queue import enqueue
from app.kit.ids import OrganisationId
from app.models.import_run import ImportKind
from app.models.push import PushDelivery, PushState
from app.push.mapping import STATUSES
from app.push.repository import DeliveryRepository


async def store(session: AsyncSession, delivery_id: uuid.UUID, now: dt.datetime) -> None:
    """Store what a delivery says, unless it is done or a higher version has come meanwhile.

    Raises:
        asyncpg.UniqueViolationError: somebody enters the same call at this moment; to be done again in a new
            transaction.
    """
    deliveries = DeliveryRepository(session)
    found = await deliveries.waiting(delivery_id)
    if found is None:
        return
    delivery, sender = found
    assert delivery.external_id is not None
    assert delivery.call_version is not None
    call = await deliveries.call(sender.id, delivery.external_id, lock=True)
    assert call is not None
    if call.version > delivery.call_version:
        _end(delivery, PushState.SUPERSEDED, now)
        return
    target = Target(OrganisationId(sender.owner_id), ImportKind.TENDERS, now, source_id=sender.source_id)
    taken = await merge(await driver_connection(session), target, _mapped(delivery))
    if taken.rejected:
        call.digest = None  # the same version may come again, mended
        wrong = taken.rejected[0]
        _end(delivery, PushState.REJECTED, now)
        delivery.faults = [{"pointer": "#/data", "code": wrong.code.replace("_", "-"), "reason": wrong.reason}]
        return
    _end(delivery, _state_of(taken), now)
    delivery.tender_id = await deliveries.tender_of(sender.owner_id, f"{sender.code}:{delivery.external_id}")
    if taken.to_link:
        touched = tuple(taken.to_link)
        await enqueue(session, LinkTenders(tender_ids=touched), ReadRequirements(tender_ids=touched))
    if taken.to_rank:
        await enqueue(session, MatchTenders(tender_ids=tuple(taken.to_rank)))


def _mapped(delivery: PushDelivery) -> Mapped:
    """The batch of one, with the status that the sender said."""
    status = STATUSES[str(delivery.status)]
    return map_batch(ImportKind.TENDERS, Gathered([orjson.dumps(_record(delivery))], [1], statuses=[status]))


def _record(delivery: PushDelivery) -> JsonObject:
    assert delivery.record is not None
    return delivery.record


def _state_of(taken: Taken) -> PushState:
    counts = taken.counts
    return PushState.CREATED if counts.created else PushState.UPDATED if counts.updated else PushState.UNCHANGED


def _end(delivery: PushDelivery, state: PushState, now: dt.datetime) -> None:
    delivery.state, delivery.finished_at, delivery.record = state, now, None
