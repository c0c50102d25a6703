"""Answers kept for a while, so that a repeated POST is answered, not repeated."""

from __future__ import annotations

import uuid

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, JsonObject


class IdempotencyKey(Base):
    """The answer to the first request that carried this key."""

    __tablename__ = "idempotency_key"

    organisation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str]
    request_hash: Mapped[bytes]
    status: Mapped[int | None]
    headers: Mapped[JsonObject | None] = mapped_column(JSONB)
    body: Mapped[bytes | None]
    created_at: Mapped[CreatedAt]
