"""The audit trail of calls: who looked at candidates, mirrored, invited. Rows are added, never changed or deleted."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Instant, Record, str_enum


class AuditAction(StrEnum):
    """What was done about a call by its buyer's side."""

    CANDIDATES_VIEWED = "candidates_viewed"
    MIRROR_VIEWED = "mirror_viewed"
    CONSORTIA_VIEWED = "consortia_viewed"
    SHORTLISTED = "shortlisted"
    INVITED = "invited"
    DISMISSED = "dismissed"
    FROZEN = "frozen"


class AuditEntry(Base):
    """One step. ``hash`` is SHA-256 over the entry and the ``hash`` of the one before, so that no entry can be changed,
    left out or slipped in unseen. ``details`` holds what was seen, in the order it was seen in.

    ``tender_id`` refers to no row: the trail of a draft outlives it. A trigger refuses UPDATE and DELETE.
    """

    __tablename__ = "audit_entry"

    tender_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    key_id: Mapped[uuid.UUID]
    action: Mapped[AuditAction] = mapped_column(str_enum(AuditAction))
    tender_version: Mapped[int]
    details: Mapped[Record]
    at: Mapped[Instant]
    previous: Mapped[bytes]
    hash: Mapped[bytes]
