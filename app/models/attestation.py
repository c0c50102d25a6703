"""Attestations of pilots that succeeded."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Record, Uuid7Key


class Attestation(Base):
    """What a buyer attests of a pilot: the facts as they were signed, which never change.

    ``code`` is printed on the document and found by whoever holds it. ``jws`` is the compact JWS over ``facts`` (RFC
    7515, EdDSA). ``referenced``: whether the startup took it among its references; ``None`` until it said so.
    """

    __tablename__ = "attestation"
    __table_args__ = (Index("ix_attestation_startup", "startup_id", "id"),)

    id: Mapped[Uuid7Key]
    code: Mapped[str] = mapped_column(unique=True)
    pilot_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pilot.id"), unique=True)
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id"))
    facts: Mapped[Record]
    jws: Mapped[str]
    revoked_at: Mapped[Instant | None]
    revoked_because: Mapped[str | None]
    referenced: Mapped[bool | None]
    referenced_at: Mapped[Instant | None]
    issued_at: Mapped[CreatedAt]
