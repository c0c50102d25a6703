"""The event log: what happened that somebody may want to hear of, written with the change that it tells of."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, ChangedTx, Instant, Record, str_enum


class EventAudience(StrEnum):
    """Who may hear of an event: whoever has a key, the operators of this installation, or one organisation."""

    EVERYONE = "everyone"
    OPERATORS = "operators"
    ORGANISATION = "organisation"


class Event(Base):
    """One event for one audience; what two organisations may hear of is two rows. Rows are never changed.

    ``changed_tx`` and ``sequence`` order the log for readers who must lose nothing; ``sequence`` alone orders the
    events of one thing among themselves, also where their transactions overlapped. ``key`` says what is told, so that
    it is told once. ``payload`` is the ``data`` of the event as it goes out. Ids are made by the database, as most
    events are: they are UUIDs of version 7 like all others.

    No foreign keys: the log outlives what it tells of, except a startup's erasure, which erases its events.
    """

    __tablename__ = "event"
    __table_args__ = (
        CheckConstraint("(audience = 'organisation') = (organisation_id IS NOT NULL)", name="one_audience"),
        UniqueConstraint("key"),
        Index(
            "ix_event_open", "audience", "type", "changed_tx", "sequence",
            postgresql_where=text("organisation_id IS NULL"),
        ),
        Index(
            "ix_event_own", "organisation_id", "type", "changed_tx", "sequence",
            postgresql_where=text("organisation_id IS NOT NULL"),
        ),
        Index("ix_event_startup_id", "startup_id", postgresql_where=text("startup_id IS NOT NULL")),
        Index("ix_event_occurred_at", "occurred_at", postgresql_using="brin"),
    )  # fmt: skip

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, server_default=text("safqa_uuid7()"))
    sequence: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    type: Mapped[str]
    audience: Mapped[EventAudience] = mapped_column(str_enum(EventAudience))
    organisation_id: Mapped[uuid.UUID | None]
    tender_id: Mapped[uuid.UUID | None]
    startup_id: Mapped[uuid.UUID | None]
    match_id: Mapped[uuid.UUID | None]
    source_id: Mapped[uuid.UUID | None]
    import_id: Mapped[uuid.UUID | None]
    key: Mapped[str]
    payload: Mapped[Record]
    occurred_at: Mapped[Instant]
    changed_tx: Mapped[ChangedTx]
