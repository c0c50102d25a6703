"""Crawls: how complete each run was, what it brought, and the records that were refused."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Counter, Instant, JsonObject, Uuid7Key, str_enum


class CrawlOutcome(StrEnum):
    """How a run ended. One that has not ended, or was killed, is partial, for the reason ``interrupted``."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    REFUSED = "refused"


class CrawlKind(StrEnum):
    """What a run was asked for: what is new since the last one, a given window, or a few records to look at."""

    REGULAR = "regular"
    WINDOW = "window"
    SAMPLE = "sample"


class CrawlRun(Base):
    """One run of a source, through all its interruptions: the source and ``started_at`` name it.

    ``expected``: what the portal itself announced. ``created``, ``updated`` and ``closed`` count calls, ``awards`` new
    or changed awards. ``fills``: ``{"records": n, "filled": {field: n}}``. ``retry_after`` in seconds.
    """

    __tablename__ = "crawl_run"
    __table_args__ = (
        UniqueConstraint("source_id", "started_at"),
        Index("ix_crawl_run_newest", "source_id", "id"),
    )

    id: Mapped[Uuid7Key]
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"))
    kind: Mapped[CrawlKind] = mapped_column(str_enum(CrawlKind))
    started_at: Mapped[Instant]
    since_at: Mapped[Instant]
    until_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=1, server_default="1")
    outcome: Mapped[CrawlOutcome] = mapped_column(str_enum(CrawlOutcome), default=CrawlOutcome.PARTIAL)
    reason: Mapped[str | None]
    detail: Mapped[str] = mapped_column(Text, default="", server_default="")
    expected: Mapped[int | None]
    seen: Mapped[Counter]
    parsed: Mapped[Counter]
    rejected: Mapped[Counter]
    unchanged: Mapped[Counter]
    requests: Mapped[Counter]
    created: Mapped[Counter]
    updated: Mapped[Counter]
    closed: Mapped[Counter]
    awards: Mapped[Counter]
    fills: Mapped[JsonObject] = mapped_column(JSONB, default=dict, server_default="{}")
    drift: Mapped[list[JsonObject]] = mapped_column(JSONB, default=list, server_default="[]")
    retry_after: Mapped[float | None]
    ended_at: Mapped[Instant | None]


class CrawlRejection(Base):
    """A notice that was refused, with its stable code, its reason and the beginning of it; ``position`` from 0."""

    __tablename__ = "crawl_rejection"

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("crawl_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    ref: Mapped[str]
    excerpt: Mapped[str] = mapped_column(Text)
