"""Raw notices: the bytes a record was read from, kept once per content."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Uuid7Key


class RawNotice(Base):
    """A compressed payload (zlib), found by the SHA-256 of its plain bytes."""

    __tablename__ = "raw_notice"

    id: Mapped[Uuid7Key]
    source_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("source.id"))
    digest: Mapped[bytes] = mapped_column(unique=True)
    media_type: Mapped[str]
    payload: Mapped[bytes]
    created_at: Mapped[CreatedAt]
