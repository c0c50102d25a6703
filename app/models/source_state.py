"""Where each source stands: its cursor, when it may ask again, and who has stopped it."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, JsonObject


class SourceState(Base):
    """The state of a source that has been asked to run; whether it is enabled is a setting.

    ``organisation_id`` owns the calls that it brings; nobody holds a key of it. ``cursor`` is that of
    ``scrapers.cursor`` as JSON: the mark, the unfinished run, and a refusal, which stays until a person restarts it.
    ``not_before``: the portal asked to be left alone until then. ``drift``: the fields that the last telling run filled
    less than the runs before it, each ``{"field", "before", "now"}``; empty where all is well. ``trusted_from``: a
    person has accepted what changed, so that only runs from then on are compared with.
    """

    __tablename__ = "source_state"

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), unique=True)
    cursor: Mapped[JsonObject] = mapped_column(JSONB, default=dict, server_default="{}")
    drift: Mapped[list[JsonObject]] = mapped_column(JSONB, default=list, server_default="[]")
    not_before: Mapped[Instant | None]
    trusted_from: Mapped[Instant | None]
    restarted_at: Mapped[Instant | None]
    updated_at: Mapped[CreatedAt]


class SourceHalt(Base):
    """The switch of one source, or with the name ``*`` of all: while the row is there, no request is made."""

    __tablename__ = "source_halt"

    name: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str | None]
    halted_at: Mapped[CreatedAt]
