"""The same call on several portals: which tenders are one, by what evidence, and what a person made of it."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, JsonObject, str_enum


class LinkStrength(StrEnum):
    """How sure the rules are that two tenders are one call (see ``matching.dedupe``)."""

    EXACT = "exact"
    STRONG = "strong"
    POSSIBLE = "possible"


class LinkState(StrEnum):
    """What became of a link: as the rules found it, or as a person decided."""

    FOUND = "found"
    CONFIRMED = "confirmed"
    UNLINKED = "unlinked"


class TenderLink(Base):
    """Two tenders of different organisations that (may) be one call; ``one_id`` is the smaller id.

    Exact links that nobody undid, and confirmed ones, join tenders: see ``Tender.duplicate_of``.
    """

    __tablename__ = "tender_link"
    __table_args__ = (
        CheckConstraint("one_id < other_id", name="ordered"),
        Index("ix_tender_link_other_id", "other_id"),
        Index("ix_tender_link_review", "state", "strength", "one_id", "other_id"),
    )

    one_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), primary_key=True)
    strength: Mapped[LinkStrength] = mapped_column(str_enum(LinkStrength))
    rule: Mapped[str]
    evidence: Mapped[JsonObject] = mapped_column(JSONB)
    state: Mapped[LinkState] = mapped_column(str_enum(LinkState), default=LinkState.FOUND, server_default="found")
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]


class TenderKey(Base):
    """A blocking key of a tender: only tenders that share one are ever compared."""

    __tablename__ = "tender_key"
    __table_args__ = (Index("ix_tender_key_newest", "key", "tender_id"),)

    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
