"""Feeds: what an address shows to whoever holds it."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Uuid7Key, str_enum


class FeedSelection(StrEnum):
    """What a feed shows: one startup's matches, those of every startup that the organisation brought in or owns,
    every call of the simplified-access lane, or what a kept search finds.
    """

    STARTUP = "startup"
    COHORT = "cohort"
    SIMPLIFIED_ACCESS = "simplified_access"
    SEARCH = "search"


class Feed(Base):
    """A feed of an organisation, read as Atom or as a calendar by the token of its address.

    The token itself is shown once and never stored: ``digest`` is its keyed hash, ``hint`` its first characters.
    """

    __tablename__ = "feed"
    __table_args__ = (
        CheckConstraint("(selection = 'startup') = (startup_id IS NOT NULL)", name="one_startup"),
        CheckConstraint("(selection = 'search') = (search_id IS NOT NULL)", name="one_search"),
        Index("ix_feed_owner", "owner_id", "id"),
    )

    id: Mapped[Uuid7Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    selection: Mapped[FeedSelection] = mapped_column(str_enum(FeedSelection))
    startup_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), index=True)
    search_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("saved_search.id", ondelete="CASCADE"), index=True)
    language: Mapped[str]
    hint: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
