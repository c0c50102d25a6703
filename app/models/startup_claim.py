"""Claims: how a startup takes over a profile that somebody else made of it."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key


class StartupClaim(Base):
    """An open or used claim token of one profile; only the token's keyed hash is kept."""

    __tablename__ = "startup_claim"

    id: Mapped[Uuid7Key]
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), index=True)
    issuer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    digest: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[Instant]
    claimed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    claimed_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
