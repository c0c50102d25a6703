"""Searches that an organisation keeps to come back to."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Record, Uuid7Key, str_enum


class SearchList(StrEnum):
    """Which list is looked through: all calls, or a startup's matches."""

    TENDERS = "tenders"
    MATCHES = "matches"


class SavedSearch(Base):
    """A search by its name. ``asked`` holds its filters as they were read, ``opened_at`` when it was last looked at."""

    __tablename__ = "saved_search"
    __table_args__ = (
        CheckConstraint("(list = 'matches') = (startup_id IS NOT NULL)", name="one_startup"),
        Index("ix_saved_search_owner", "owner_id", "id"),
    )

    id: Mapped[Uuid7Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    list: Mapped[SearchList] = mapped_column(str_enum(SearchList))
    startup_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    asked: Mapped[Record]
    opened_at: Mapped[Instant]
    created_at: Mapped[CreatedAt]
