"""A startup's evidence: what it can show, its history, and the files behind it."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Record, Uuid7Key


class StartupEvidence(Base):
    """What a startup can show now, as one document (``scrapers.evidence.EvidenceRecord``)."""

    __tablename__ = "startup_evidence"

    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    document: Mapped[Record]
    content_hash: Mapped[bytes]
    updated_at: Mapped[CreatedAt]


class EvidenceVersion(Base):
    """What the evidence said from ``created_at`` on, so that a judgement made then can be dated; never changed."""

    __tablename__ = "startup_evidence_version"

    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[Record]
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[CreatedAt]


class EvidenceFile(Base):
    """A file that shows something: a scanned certificate, an attestation. Its content goes to nobody but its owner."""

    __tablename__ = "evidence_file"
    __table_args__ = (Index("ix_evidence_file_startup", "startup_id", "id"),)

    id: Mapped[Uuid7Key]
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"))
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, deferred_raiseload=True)
    uploaded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[CreatedAt]
