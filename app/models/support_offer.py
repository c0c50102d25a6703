"""Help that partner organisations offer."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Uuid7Key, Words, str_enum


class SupportKind(StrEnum):
    """What is offered."""

    MENTOR = "mentor"
    EXPERT = "expert"
    TRAINING = "training"
    FUND = "fund"


class SupportOffer(Base):
    """An offer of help, and which gaps it closes.

    ``gaps``: codes of ``app.support.gaps``. Empty ``regions`` mean the whole country, empty ``languages`` any; no
    ``country`` means anywhere. The days are inclusive.
    """

    __tablename__ = "support_offer"
    __table_args__ = (
        Index("ix_support_offer_gaps", "gaps", postgresql_using="gin"),
        Index("ix_support_offer_provider", "provider_id", "id"),
    )

    id: Mapped[Uuid7Key]
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[SupportKind] = mapped_column(str_enum(SupportKind))
    title: Mapped[str]
    description: Mapped[str]
    gaps: Mapped[Words]
    country: Mapped[str | None]
    regions: Mapped[Words]
    languages: Mapped[Words]
    valid_from: Mapped[dt.date]
    valid_until: Mapped[dt.date | None]
    url: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
