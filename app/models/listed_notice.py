"""What a source lists: so that an unchanged notice is not fetched again, and one that vanished is closed."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Instant


class ListedNotice(Base):
    """An id of a source's list. Kept for sources that have fingerprints or close what has vanished.

    ``fingerprint``: what the list said of it when it was last stored. ``seen_at``: the start of the last run that
    listed it. ``external_id``: the call that was read from it (of the source's organisation). ``vanished_at``: a
    complete run no longer listed it, and the call was closed for that.
    """

    __tablename__ = "listed_notice"
    __table_args__ = (
        Index("ix_listed_notice_open", "source_id", "seen_at", postgresql_where=text("vanished_at IS NULL")),
    )

    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"), primary_key=True)
    ref: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(default="", server_default="")
    external_id: Mapped[str | None]
    seen_at: Mapped[Instant]
    vanished_at: Mapped[Instant | None]
