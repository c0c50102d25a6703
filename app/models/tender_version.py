"""The history of a tender: what each version said and what it changed."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, JsonObject, Record


class TenderVersion(Base):
    """One version. ``changes``: field name to ``{"old": ..., "new": ...}``; empty for the first version."""

    __tablename__ = "tender_version"

    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    record: Mapped[Record]
    changes: Mapped[JsonObject] = mapped_column(JSONB, default=dict, server_default="{}")
    raw_notice_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("raw_notice.id"))
    created_at: Mapped[CreatedAt]
