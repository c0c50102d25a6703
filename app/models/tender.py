"""Tenders: the current state of a call, as columns that filters need and the record as it was given."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Computed, DateTime, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, ChangedTx, CreatedAt, Record, Uuid7Key, Words, str_enum


class TenderStatus(StrEnum):
    """Where a call stands."""

    DRAFT = "draft"
    PLANNED = "planned"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    AWARDED = "awarded"


_FILTERED = [
    "duplicate_of", "region", "category", "sector", "country", "reserved_sme", "simplified_access", "value_currency",
    "value_amount",
]  # fmt: skip
"""What lists are filtered by: a filter that few calls pass reads the index of open calls through, not the calls."""


class Tender(Base):
    """A call for tenders, public or private. ``owner_id`` posted or imported it and sees its candidates.

    Lots live in ``record``: a version is whole, and a lot is named by (tender, lot id). ``region`` is the place as
    one of the country's regions where it could be told, else ``None``. ``simplified_access``: whether a young firm can
    enter it without references (``None``: unknown), ``simplified_grounds`` why (docs/eligibility.md).
    """

    __tablename__ = "tender"
    __table_args__ = (
        UniqueConstraint("owner_id", "external_id"),
        Index("ix_tender_feed", "changed_tx", "id"),
        Index("ix_tender_open", "status", "deadline_at", "id", postgresql_include=_FILTERED),
        Index("ix_tender_newest", "status", "published_at", "id"),
        # Lists of matches ask of thousands of calls whether they stand open: their rows are long, and lie far apart.
        Index("ix_tender_state", "id", postgresql_include=["status", "deadline_at", "duplicate_of"]),
        Index("ix_tender_search", "search", postgresql_using="gin"),
        Index(
            "ix_tender_title",
            text("to_tsvector('simple'::regconfig, left(search_text, char_length(title)))"),
            postgresql_using="gin",
        ),
        Index("ix_tender_duplicate_of", "duplicate_of", postgresql_where=text("duplicate_of IS NOT NULL")),
        Index("ix_tender_cancelled_by", "cancelled_by", postgresql_where=text("cancelled_by IS NOT NULL")),
    )

    id: Mapped[Uuid7Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    source_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("source.id"), index=True)
    raw_notice_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("raw_notice.id"))
    external_id: Mapped[str]
    ocid: Mapped[str] = mapped_column(unique=True)
    status: Mapped[TenderStatus] = mapped_column(str_enum(TenderStatus))
    title: Mapped[str]
    buyer_name: Mapped[str | None]
    sector: Mapped[str | None]
    category: Mapped[str | None]
    country: Mapped[str | None]
    region: Mapped[str | None]
    value_amount: Mapped[Decimal | None] = mapped_column(Numeric(24, 4))
    value_currency: Mapped[str | None]
    reserved_sme: Mapped[bool | None]
    simplified_access: Mapped[bool | None]
    simplified_grounds: Mapped[Words]
    published_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    deadline_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    record: Mapped[Record]
    search_text: Mapped[str] = mapped_column(default="", server_default="")
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search_text)", persisted=True))
    content_hash: Mapped[bytes]
    duplicate_of: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tender.id", ondelete="SET NULL"))
    cancelled_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tender.id", ondelete="SET NULL"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    changed_tx: Mapped[ChangedTx]
