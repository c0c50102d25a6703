"""Matches worth hearing of, kept as rows with the reasons of their moment."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, ChangedTx, CreatedAt, JsonObject, Uuid7Key, Words, str_enum


class MatchState(StrEnum):
    """Whether the match holds."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class Match(Base):
    """A pair graded possible or better that is among the best of the tender's side, the startup's, or both.

    ``for_tender`` / ``for_startup``: whether it is in that side's list; a row that is in neither is withdrawn.
    """

    __tablename__ = "match"
    __table_args__ = (
        UniqueConstraint("tender_id", "startup_id"),
        Index("ix_match_feed", "changed_tx", "id"),
        Index("ix_match_by_startup", "startup_id", "state", "score", "id"),
    )

    id: Mapped[Uuid7Key]
    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"))
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"))
    lot_id: Mapped[str | None]
    score: Mapped[float]
    grade: Mapped[str]
    reasons: Mapped[list[JsonObject]] = mapped_column(JSONB)
    unknown: Mapped[Words]
    algorithm: Mapped[str]
    tender_version: Mapped[int]
    startup_version: Mapped[int]
    for_tender: Mapped[bool]
    for_startup: Mapped[bool]
    public: Mapped[bool]  # the startup is listed: the tender's side may know of the match
    state: Mapped[MatchState] = mapped_column(str_enum(MatchState), default=MatchState.ACTIVE)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    changed_tx: Mapped[ChangedTx]
