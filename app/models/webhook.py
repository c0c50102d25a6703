"""Webhooks that we send: where to, what waits, and what each attempt met."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, JsonObject, Uuid7Key, Words, str_enum


class WebhookState(StrEnum):
    """Whether an endpoint is sent to, and who stopped it: its owner, its own answer 410, or days of failures."""

    ENABLED = "enabled"
    PAUSED = "paused"
    GONE = "gone"
    FAILING = "failing"


class DeliveryState(StrEnum):
    """What became of a delivery: ``failed`` when the last attempt of the schedule failed, ``withheld`` when the day's
    alerts were used up.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHHELD = "withheld"


class WebhookEndpoint(Base):
    """A receiver of an organisation.

    ``types``: none means all. ``filters``: what is set of them, by name (see ``app.channels.webhooks.selection``).
    ``alerts_per_day``: see ``app.channels.webhooks.budget``; ``None``: as many as come. ``secret`` and
    ``previous_secret`` are sealed; both sign until ``previous_until``. ``failing_since``: the first failure after the
    last success. ``resting_until``: when the receiver asked to be left alone until.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (Index("ix_webhook_endpoint_owner", "owner_id", "id"),)

    id: Mapped[Uuid7Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    url: Mapped[str]
    description: Mapped[str]
    types: Mapped[Words]
    filters: Mapped[JsonObject] = mapped_column(JSONB, default=dict, server_default="{}")
    rate_per_second: Mapped[int | None]
    alerts_per_day: Mapped[int | None] = mapped_column(server_default="10")
    secret: Mapped[bytes]
    previous_secret: Mapped[bytes | None]
    previous_until: Mapped[Instant | None]
    state: Mapped[WebhookState] = mapped_column(str_enum(WebhookState))
    state_since: Mapped[CreatedAt]
    failing_since: Mapped[Instant | None]
    resting_until: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class WebhookBudget(Base):
    """The alerts that an endpoint was sent on a day about one startup or one call, by the grade of their matches."""

    __tablename__ = "webhook_budget"

    endpoint_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("webhook_endpoint.id", ondelete="CASCADE"), primary_key=True
    )
    subject_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    strong: Mapped[int] = mapped_column(server_default="0")
    good: Mapped[int] = mapped_column(server_default="0")
    possible: Mapped[int] = mapped_column(server_default="0")


class WebhookOutbox(Base):
    """Events of which no deliveries were made yet. A trigger of the event log fills it, in the event's transaction."""

    __tablename__ = "webhook_outbox"

    event_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)


class WebhookDelivery(Base):
    """One event for one endpoint; without ``event_id`` it is a ping, whose webhook-id is its own id.

    ``tries`` counts the attempts of the present round (a replay begins a new one), ``attempts`` all of them. A worker
    that claims it moves ``due_at`` beyond the time that sending may take and leaves its mark in ``claim``: if it dies,
    the delivery falls due again by itself, and what a late one records under an old mark counts for nothing.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_delivery_due", "endpoint_id", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_webhook_delivery_newest", "endpoint_id", "id"),
    )

    id: Mapped[Uuid7Key]
    endpoint_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    event_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    type: Mapped[str]
    state: Mapped[DeliveryState] = mapped_column(str_enum(DeliveryState))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[Instant]
    claim: Mapped[uuid.UUID | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Instant | None]


class WebhookAttempt(Base):
    """One request and what came back: a status, or the code of what went wrong instead; the answer's beginning."""

    __tablename__ = "webhook_attempt"

    delivery_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[Instant]
    milliseconds: Mapped[int]
    status: Mapped[int | None]
    error: Mapped[str | None]
    response: Mapped[str]
