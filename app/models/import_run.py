"""Bulk imports: the run to follow, its upload, and the records that were refused."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Counter, CreatedAt, Instant, JsonObject, Uuid7Key, str_enum


class ImportState(StrEnum):
    """Where a run stands. Held: its owner looks at what the file holds, and has not begun it."""

    HELD = "held"
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


class ImportKind(StrEnum):
    """What a run brings in."""

    STARTUPS = "startups"
    TENDERS = "tenders"


class ImportRun(Base):
    """One upload and what became of each of its records; ``seen`` is the sum of the four counts after it.

    ``attempts``: how often it was taken up since it last got any further.
    """

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
    problem_code: Mapped[str | None]
    problem: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[CreatedAt]
    started_at: Mapped[Instant | None]
    finished_at: Mapped[Instant | None]


class ImportChunk(Base):
    """A piece of an uploaded file, so that a worker on another machine can read it; dropped when the run ends."""

    __tablename__ = "import_chunk"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[bytes]


class ImportPreview(Base):
    """What was found in the beginning of a held upload (:class:`app.ingest.previews.Preview`); dropped as it begins."""

    __tablename__ = "import_preview"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    found: Mapped[JsonObject] = mapped_column(JSONB)


class RejectedRecord(Base):
    """A record that was refused, with its reason and an excerpt of what it said.

    ``position`` counts the refusals of a run from 0: several may stand on one line (an OCDS package). ``line`` is a
    line or row number from 1, or where ``unit`` is ``record``, a position in a list.
    """

    __tablename__ = "rejected_record"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    unit: Mapped[str] = mapped_column(default="line", server_default="line")
    code: Mapped[str]
    reason: Mapped[str]
    excerpt: Mapped[str]
