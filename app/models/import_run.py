"""Bulk imports: the run to follow, its upload, and the records that were refused."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Counter, CreatedAt, Instant, Uuid7Key, str_enum


class ImportState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class ImportKind(StrEnum):
    """What a run brings in."""

    STARTUPS = "startups"
    TENDERS = "tenders"


class ImportRun(Base):
    """One upload and what became of each of its records; ``seen`` is the sum of the four counts after it."""

    __tablename__ = "import_run"

    id: Mapped[Uuid7Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[ImportKind] = mapped_column(str_enum(ImportKind))
    state: Mapped[ImportState] = mapped_column(str_enum(ImportState), default=ImportState.QUEUED)
    filename: Mapped[str]
    size: Mapped[Counter]
    agreed: Mapped[bool] = mapped_column(default=False, server_default="false")
    seen: Mapped[Counter]
    created: Mapped[Counter]
    updated: Mapped[Counter]
    unchanged: Mapped[Counter]
    rejected: Mapped[Counter]
    problem: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    started_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]


class ImportChunk(Base):
    """A piece of an uploaded file, so that a worker on another machine can read it; dropped when the run ends."""

    __tablename__ = "import_chunk"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[bytes]


class RejectedRecord(Base):
    """A record that was refused, with its reason and an excerpt of what it said."""

    __tablename__ = "rejected_record"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    reason: Mapped[str]
    excerpt: Mapped[str]
