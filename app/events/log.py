"""Appending to the event log, in the transaction of the change that an event tells of."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import orjson
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.events.catalogue import CATALOGUE, MAX_PAYLOAD_BYTES
from app.events.schemas.base import EventData
from app.models.event import Event, EventAudience

EVENTS_AT_ONCE = 5_000
"""How many a transaction of housekeeping forgets at most."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may hear of an event; ``organisation_id`` for one organisation alone."""

    kind: EventAudience
    organisation_id: uuid.UUID | None = None

    @classmethod
    def organisation(cls, organisation_id: uuid.UUID) -> Audience:
        """One organisation."""
        return cls(EventAudience.ORGANISATION, organisation_id)


OPERATORS = Audience(EventAudience.OPERATORS)


@dataclass(frozen=True, slots=True)
class Subjects:
    """What an event is about, for channels to select and join by."""

    tender_id: uuid.UUID | None = None
    startup_id: uuid.UUID | None = None
    match_id: uuid.UUID | None = None
    source_id: uuid.UUID | None = None
    import_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to append. ``key`` says what is told to whom: a second event with the same key is dropped."""

    data: EventData
    audience: Audience
    key: str
    subjects: Subjects
    occurred_at: dt.datetime


async def append(session: AsyncSession, *events: NewEvent) -> int:
    """Write events in the session's transaction: they exist if and when it commits; how many were new.

    Events of calls and matches come in thousands and are made inside the database: see ``app.events.tenders`` and
    ``app.events.matches``.

    Raises:
        ValueError: a payload is too large, or its type is not of the catalogue.

    """
    if not events:
        return 0
    done = await session.execute(
        insert(Event)
        .values([_row(event) for event in events])
        .on_conflict_do_nothing(index_elements=[Event.key])
        .returning(Event.id)
    )
    return len(done.all())


def _row(event: NewEvent) -> dict[str, object]:
    if CATALOGUE.get(event.data.type) is not type(event.data):
        raise ValueError(f"{event.data.type} is not of the catalogue")
    payload = event.data.model_dump(mode="json")
    if len(orjson.dumps(payload)) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a payload of {event.data.type} is too large")
    subjects = event.subjects
    return {
        "type": event.data.type,
        "audience": event.audience.kind,
        "organisation_id": event.audience.organisation_id,
        "tender_id": subjects.tender_id,
        "startup_id": subjects.startup_id,
        "match_id": subjects.match_id,
        "source_id": subjects.source_id,
        "import_id": subjects.import_id,
        "key": event.key,
        "payload": payload,
        "occurred_at": event.occurred_at,
    }


async def forget_events(session: AsyncSession, *, before: dt.datetime) -> int:
    """Delete events that happened before ``before``, ``EVENTS_AT_ONCE`` at most; how many were deleted."""
    old = select(Event.id).where(Event.occurred_at < before).limit(EVENTS_AT_ONCE)
    done = await session.execute(delete(Event).where(Event.id.in_(old)).returning(Event.id))
    return len(done.all())


async def erase_events_of(session: AsyncSession, startup_id: uuid.UUID) -> None:
    """Delete every event about a startup, when the startup itself is erased."""
    await session.execute(delete(Event).where(Event.startup_id == startup_id))
