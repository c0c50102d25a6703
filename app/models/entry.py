"""Ways in: one-time links, invitations, and how often each was tried."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key, str_enum
from app.models.person import Role


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    SIGN_IN = "sign-in"
    SIGN_UP = "sign-up"
    MOVE = "move"
    TAKE_BACK = "take-back"


class OneTimeLink(Base):
    """A link that was asked for, for whichever address: whether anybody has it is found out when it is sent.

    ``digest``: the keyed hash of the token, which is made when the letter leaves; none before. ``name`` and
    ``organisation``: what whoever signs up told. ``next_path``: where the link leads to. ``handed``: passed on by a
    person and not by mail, so that using it shows nothing about the address. ``person_id``: whose account gets this
    address (``move``), or gets it back (``take-back``, ``second_factor``: whether they had one when it was taken away).
    """

    __tablename__ = "one_time_link"
    __table_args__ = (Index("ix_one_time_link_address", "address_hash", "purpose"),)

    id: Mapped[Uuid7Key]
    purpose: Mapped[LinkPurpose] = mapped_column(str_enum(LinkPurpose))
    address: Mapped[bytes]
    address_hash: Mapped[bytes]
    lang: Mapped[str]
    name: Mapped[str | None]
    organisation: Mapped[str | None]
    next_path: Mapped[str | None]
    digest: Mapped[bytes | None] = mapped_column(unique=True)
    handed: Mapped[bool] = mapped_column(default=False, server_default="false")
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    second_factor: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant] = mapped_column(index=True)
    used_at: Mapped[Instant | None]


class Invitation(Base):
    """Somebody asked into an organisation. ``digest`` and ``handed`` as with links."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_organisation", "organisation_id", "id"),)

    id: Mapped[Uuid7Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    address: Mapped[bytes]
    address_hash: Mapped[bytes] = mapped_column(index=True)
    lang: Mapped[str]
    role: Mapped[Role] = mapped_column(str_enum(Role))
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    digest: Mapped[bytes | None] = mapped_column(unique=True)
    handed: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant] = mapped_column(index=True)
    revoked_at: Mapped[Instant | None]
    accepted_at: Mapped[Instant | None]


class AttemptCount(Base):
    """How often something was tried since its window began; ``key_hash`` names what by whom (address, network)."""

    __tablename__ = "attempt_count"

    key_hash: Mapped[bytes] = mapped_column(primary_key=True)
    attempts: Mapped[int]
    resets_at: Mapped[Instant] = mapped_column(index=True)
