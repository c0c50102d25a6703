"""Proposals for a startup's profile, from its website or from a deck, until and after its owner decides."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, JsonObject, Uuid7Key, str_enum


class ProposalOrigin(StrEnum):
    """Where a proposal comes from."""

    WEBSITE = "website"
    DECK = "deck"


class ProposalState(StrEnum):
    """Where a proposal stands; ``failed``, ``confirmed`` and ``discarded`` are final."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"


class ProfileProposal(Base):
    """What was found, where, and what became of it.

    ``address``: the website, or the deck's name. ``proposed``: fields of the flat contract. ``evidence``: passages with
    ``field``, ``value``, ``quote`` and ``place``. ``read``: what was read, with its time and its SHA-256.
    ``profile_version``: the version of the profile that the confirmed proposal became.
    """

    __tablename__ = "profile_proposal"
    __table_args__ = (Index("ix_profile_proposal_startup", "startup_id", "id"),)

    id: Mapped[Uuid7Key]
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"))
    origin: Mapped[ProposalOrigin] = mapped_column(str_enum(ProposalOrigin))
    state: Mapped[ProposalState] = mapped_column(str_enum(ProposalState))
    address: Mapped[str]
    proposed: Mapped[JsonObject] = mapped_column(JSONB, default=dict, server_default="{}")
    evidence: Mapped[list[JsonObject]] = mapped_column(JSONB, default=list, server_default="[]")
    read: Mapped[list[JsonObject]] = mapped_column(JSONB, default=list, server_default="[]")
    problem_code: Mapped[str | None]
    problem: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    asked_by_key_id: Mapped[uuid.UUID]
    decided_by_key_id: Mapped[uuid.UUID | None]
    profile_version: Mapped[int | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Instant | None]
    decided_at: Mapped[Instant | None]
