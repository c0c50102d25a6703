"""What calls ask for, as it was read: findings, the documents they stood in, and what owners correct."""

from __future__ import annotations

import uuid
from enum import StrEnum

from pydantic import JsonValue
from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key, str_enum


class DocumentState(StrEnum):
    """Where a document of a call stands; only ``pending`` is not final."""

    PENDING = "pending"
    READ = "read"
    SCANNED = "scanned"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"


class TenderDocument(Base):
    """A document of a call. ``content`` is let go once it was read; ``text`` stays for a while, without contacts."""

    __tablename__ = "tender_document"
    __table_args__ = (
        UniqueConstraint("tender_id", "sha256"),
        Index("ix_tender_document_tender", "tender_id", "id"),
    )

    id: Mapped[Uuid7Key]
    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"))
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    text: Mapped[str | None] = mapped_column(Text, deferred=True, deferred_raiseload=True)
    state: Mapped[DocumentState] = mapped_column(str_enum(DocumentState))
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[CreatedAt]
    read_at: Mapped[Instant | None]


class TenderReading(Base):
    """That the record of a call was read, as which version, and what it said then."""

    __tablename__ = "tender_reading"

    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    content_hash: Mapped[bytes]
    read_at: Mapped[Instant]


class TenderRequirement(Base):
    """A finding: of a version's record (``version``, ``field``), or of a document (``document_id``, ``page``).

    ``value``: as ``matching.requirements.wire`` writes it. ``start_at`` and ``end_at`` are places in the text of the
    field or document.
    """

    __tablename__ = "tender_requirement"
    __table_args__ = (
        Index("ix_tender_requirement_tender", "tender_id", "version"),
        Index("ix_tender_requirement_document_id", "document_id"),
    )

    id: Mapped[Uuid7Key]
    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"))
    version: Mapped[int | None]
    document_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tender_document.id", ondelete="CASCADE"))
    field: Mapped[str | None]
    page: Mapped[int | None]
    kind: Mapped[str]
    value: Mapped[JsonValue] = mapped_column(JSONB, nullable=False)
    quote: Mapped[str] = mapped_column(Text)
    start_at: Mapped[int]
    end_at: Mapped[int]
    confidence: Mapped[float]


class RequirementCorrection(Base):
    """What the owner of a call says of a kind, whatever is read: its values; none dismisses what was found."""

    __tablename__ = "requirement_correction"

    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    told: Mapped[list[JsonValue]] = mapped_column(JSONB)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    corrected_at: Mapped[Instant]
