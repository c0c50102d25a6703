"""What portals sent, kept for a time, so that a mended parser can read it again without asking them."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Counter, Instant, JsonObject, Uuid7Key


class KeptBody(Base):
    """The bytes of an answer, compressed (zlib), once per source and content (SHA-256 of the plain bytes).

    ``kept_at``: when they came last; ``size``: of the plain bytes.
    """

    __tablename__ = "kept_body"
    __table_args__ = (Index("ix_kept_body_age", "source_id", "kept_at"),)

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    size: Mapped[Counter]
    body: Mapped[bytes]
    kept_at: Mapped[Instant]


class KeptBundle(Base):
    """Payloads that are parsed together (``scrapers.payload.Bundle``), once per content.

    ``parts``: ``{"kind", "digest" (hexadecimal), "url", "content_type", "fetched_at", "context"}`` of each payload in
    order; their bodies are in ``kept_body``. ``position`` grows with the time at which a bundle came last.
    """

    __tablename__ = "kept_bundle"
    __table_args__ = (
        UniqueConstraint("source_id", "digest"),
        Index("ix_kept_bundle_order", "source_id", "position"),
    )

    id: Mapped[Uuid7Key]
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"))
    digest: Mapped[bytes]
    ref: Mapped[str]
    fingerprint: Mapped[str]
    parts: Mapped[list[JsonObject]] = mapped_column(JSONB)
    position: Mapped[uuid.UUID]
    kept_at: Mapped[Instant]
