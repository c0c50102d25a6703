"""Pilots: a buyer's problem, the startups that apply, and how the trial ended."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Computed, ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, JsonObject, Uuid7Key, Words, str_enum


class PilotState(StrEnum):
    """Where a pilot stands (see ``app.pilots.states``)."""

    DRAFT = "draft"
    OPEN = "open"
    RUNNING = "running"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Pilot(Base):
    """A problem that a buyer wants tried out, within a budget and a window of days.

    ``criteria`` are texts, numbered from 1; ``verdicts`` holds ``{"criterion", "verdict", "note"}`` for each of them
    once it is closed. ``startup_id`` is the one that was chosen. ``paid_*`` is what the pilot really cost, where the
    buyer told it. ``region``: where ``place`` lies, where that could be told.
    """

    __tablename__ = "pilot"
    __table_args__ = (
        Index("ix_pilot_open", "id", postgresql_where=text("state = 'open'")),
        Index("ix_pilot_buyer", "buyer_id", "id"),
        Index("ix_pilot_search", "search", postgresql_using="gin"),
    )

    id: Mapped[Uuid7Key]
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[PilotState] = mapped_column(str_enum(PilotState))
    title: Mapped[str]
    problem: Mapped[str]
    criteria: Mapped[Words]
    trades: Mapped[Words]
    cpv: Mapped[Words]
    sector: Mapped[str | None]
    language: Mapped[str | None]
    country: Mapped[str | None]
    place: Mapped[str | None]
    region: Mapped[str | None]
    budget_amount: Mapped[Decimal] = mapped_column(Numeric(24, 4))
    budget_currency: Mapped[str]
    window_from: Mapped[dt.date]
    window_until: Mapped[dt.date]
    apply_by: Mapped[Instant | None]
    startup_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("startup.id"), index=True)
    verdicts: Mapped[list[JsonObject]] = mapped_column(JSONB, default=list, server_default="[]")
    statement: Mapped[str | None]
    paid_amount: Mapped[Decimal | None] = mapped_column(Numeric(24, 4))
    paid_currency: Mapped[str | None]
    cancelled_because: Mapped[str | None]
    search_text: Mapped[str] = mapped_column(default="", server_default="")
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search_text)", persisted=True))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    state_since: Mapped[CreatedAt]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class PilotApplication(Base):
    """A startup's word that it would run a pilot."""

    __tablename__ = "pilot_application"

    pilot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pilot.id", ondelete="CASCADE"), primary_key=True)
    startup_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("startup.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    message: Mapped[str]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
