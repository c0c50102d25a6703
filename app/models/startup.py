"""Startups: the current profile, as columns that filters need and the record as it was given."""

from __future__ import annotations

import uuid

from sqlalchemy import Computed, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, ChangedTx, CreatedAt, Instant, Record, Uuid7Key, Words


class Startup(Base):
    """A startup. ``registrar_id`` brought it in; ``owner_id`` is its own organisation once it has agreed.

    Only listed startups are shown to buyers and stand in the ranking index; a profile made by somebody else stays
    unlisted until its startup has agreed. ``deleted_at`` marks a tombstone whose content is gone: the feeds tell of it.

    ``sort_name`` and the lists of words hold folded forms, to sort and filter by; ``record`` keeps what was written.
    """

    __tablename__ = "startup"
    __table_args__ = (
        UniqueConstraint("registrar_id", "external_id"),
        Index("ix_startup_feed", "changed_tx", "id"),
        Index("ix_startup_search", "search", postgresql_using="gin"),
        Index("ix_startup_by_name", "sort_name", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "ix_startup_facets",
            *("regions", "sectors", "languages", "labels", "certifications"),
            postgresql_using="gin",
        ),
    )

    id: Mapped[Uuid7Key]
    registrar_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    external_id: Mapped[str]
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Text(collation="C"), default="", server_default="")
    country: Mapped[str | None]
    city: Mapped[str | None]
    regions: Mapped[Words]
    sectors: Mapped[Words]
    languages: Mapped[Words]
    labels: Mapped[Words]
    certifications: Mapped[Words]
    employees: Mapped[int | None]
    record: Mapped[Record]
    search_text: Mapped[str] = mapped_column(default="", server_default="")
    search: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search_text)", persisted=True))
    content_hash: Mapped[bytes]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    listed: Mapped[bool] = mapped_column(default=False, server_default="false")
    agreed_at: Mapped[Instant | None]
    deleted_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    changed_tx: Mapped[ChangedTx]
