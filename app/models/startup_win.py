"""Wins: awards that a startup knows for its own, or not."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Instant


class StartupWin(Base):
    """What a startup said of an award whose winner bears its name: ``mine`` or another's."""

    __tablename__ = "startup_win"

    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), primary_key=True)
    award_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("award.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    mine: Mapped[bool]
    decided_at: Mapped[Instant]
