"""Sources: where notices come from, with the licence that their data carries."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Uuid7Key


class Source(Base):
    """A portal, a feed or a way in (``api``, ``import``)."""

    __tablename__ = "source"

    id: Mapped[Uuid7Key]
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    licence: Mapped[str | None]
    attribution: Mapped[str | None]
    created_at: Mapped[CreatedAt]
