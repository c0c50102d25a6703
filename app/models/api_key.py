"""API keys, of which only a keyed hash is kept."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key, Words


class ApiKey(Base):
    """A key of an organisation; the token itself is shown once and never stored.

    ``made_by_id``: who made it on the pages, or made the key that asked for it; none for the command line's, and for
    those of people who deleted their account.
    """

    __tablename__ = "api_key"

    id: Mapped[Uuid7Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    name: Mapped[str]
    hint: Mapped[str]  # the last characters of the token, so that a person recognises it
    digest: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[Words]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]
    last_used_at: Mapped[Instant | None]
