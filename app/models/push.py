"""Calls pushed to us: who may push, what each delivery became, and how far each pushed call is."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, JsonObject, Uuid7Key, str_enum


class PushState(StrEnum):
    """What became of a delivery; every state but ``queued`` is final."""

    QUEUED = "queued"
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class PushSender(Base):
    """A portal or a private buyer that pushes calls, registered by ``owner_id``, whose calls they become.

    ``secret`` and ``previous_secret`` are sealed; the previous one is still taken until ``previous_until``.
    ``zone``: the IANA zone of times written without an offset. ``sector``: that of calls which do not say theirs.
    """

    __tablename__ = "push_sender"
    __table_args__ = (UniqueConstraint("owner_id", "code"),)

    id: Mapped[Uuid7Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    source_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("source.id"))
    code: Mapped[str]
    name: Mapped[str]
    country: Mapped[str | None]
    zone: Mapped[str | None]
    sector: Mapped[str | None]
    secret: Mapped[bytes]
    previous_secret: Mapped[bytes | None]
    previous_until: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class PushDelivery(Base):
    """One signed message, found again by its sender's ``webhook_id``.

    ``record`` and ``status`` wait there for the job that stores them, and go when it is done. ``faults``: why it was
    refused, each with ``pointer``, ``code`` and ``reason``.
    """

    __tablename__ = "push_delivery"
    __table_args__ = (
        UniqueConstraint("sender_id", "webhook_id"),
        Index("ix_push_delivery_newest", "sender_id", "id"),
        Index("ix_push_delivery_received", "received_at"),
    )

    id: Mapped[Uuid7Key]
    sender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("push_sender.id", ondelete="CASCADE"))
    webhook_id: Mapped[str]
    digest: Mapped[bytes]
    state: Mapped[PushState] = mapped_column(str_enum(PushState))
    external_id: Mapped[str | None]
    call_version: Mapped[int | None]
    status: Mapped[str | None]
    record: Mapped[JsonObject | None] = mapped_column(JSONB(none_as_null=True))
    faults: Mapped[list[JsonObject]] = mapped_column(JSONB, default=list, server_default="[]")
    tender_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tender.id", ondelete="SET NULL"), index=True)
    received_at: Mapped[CreatedAt]
    finished_at: Mapped[Instant | None]


class PushCall(Base):
    """The highest version of a call that its sender has pushed. ``digest`` of its content; ``None``: it was refused,
    and the same version may be sent again.
    """

    __tablename__ = "push_call"

    sender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("push_sender.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    digest: Mapped[bytes | None]
