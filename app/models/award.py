"""Awards: how calls ended, who won them and for how much. Organisations only; no persons are kept."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Record, Uuid7Key, Words, str_enum


class AwardOutcome(StrEnum):
    """How a call, or one lot of it, ended."""

    AWARDED = "awarded"
    UNSUCCESSFUL = "unsuccessful"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Award(Base):
    """One award of a source (``scrapers.records.AwardRecord``), linked to its call as soon as that is known.

    ``tender_ref`` and ``ocid`` are what the source says of the call; ``reference`` is the buyer's, unique at the buyer
    at most. The amount stands once, however many won together. ``buyer_key`` and a winner's ``name_key`` are names as
    ``matching.dedupe.name_key`` compares them.
    """

    __tablename__ = "award"
    __table_args__ = (
        Index("ix_award_buyer_key", "buyer_key", "id"),
        UniqueConstraint("source_id", "external_id"),
        Index("ix_award_unlinked_ref", "source_id", "tender_ref", postgresql_where=text("tender_id IS NULL")),
        Index("ix_award_unlinked_ocid", "source_id", "ocid", postgresql_where=text("tender_id IS NULL")),
        Index("ix_award_reference", "reference"),
    )

    id: Mapped[Uuid7Key]
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"))
    external_id: Mapped[str]
    tender_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tender.id", ondelete="SET NULL"), index=True)
    tender_ref: Mapped[str | None]
    ocid: Mapped[str | None]
    reference: Mapped[str | None]
    lot_id: Mapped[str | None]
    title: Mapped[str | None]
    buyer_id: Mapped[str | None]
    buyer_name: Mapped[str | None] = mapped_column(index=True)
    buyer_key: Mapped[str] = mapped_column(default="", server_default="")
    outcome: Mapped[AwardOutcome] = mapped_column(str_enum(AwardOutcome))
    value_amount: Mapped[Decimal | None] = mapped_column(Numeric(24, 4))
    value_currency: Mapped[str | None]
    offers: Mapped[int | None]
    cpv: Mapped[Words]
    country: Mapped[str | None]
    awarded_on: Mapped[dt.date | None]
    record: Mapped[Record]
    content_hash: Mapped[bytes]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class AwardWinner(Base):
    """A supplier of an award; ``identifier`` as the source gives it."""

    __tablename__ = "award_winner"

    award_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("award.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str | None] = mapped_column(index=True)
    name_key: Mapped[str] = mapped_column(default="", server_default="", index=True)
    country: Mapped[str | None]
