"""Digests by mail: who is written to, every letter, and which matches were told of."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, JsonObject, Uuid7Key, str_enum


class DigestState(StrEnum):
    """Whether an address is written to: its owner has yet to confirm, did, unsubscribed; or its server refused it."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"
    REFUSED = "refused"


class DigestEvery(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"


class LetterKind(StrEnum):
    """What a letter is for."""

    CONFIRMATION = "confirmation"
    DIGEST = "digest"
    NOTICE = "notice"


class LetterState(StrEnum):
    """How far a letter is.

    ``queued`` until its content is about to leave, ``sending`` from then on. Of one that stays so, nobody knows whether
    it was accepted: it becomes ``uncertain`` and is never sent again. ``dropped``: there was nothing left to say, or
    nobody to say it to.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    DROPPED = "dropped"


class DigestSubscription(Base):
    """An address that an organisation wants digests sent to, of one startup or, without ``startup_id``, of its cohort.

    ``search_id``: a kept search of that startup's matches, whose filters they pass.
    ``address`` is sealed; ``address_hash`` finds it again. ``confirm_hash`` is that of the token last sent.
    ``unsubscribe_token`` is sealed, as each letter has it. ``weekday``: 1 is Monday; ``next_at``: when the next digest
    is made.
    """

    __tablename__ = "digest_subscription"
    __table_args__ = (
        UniqueConstraint(
            "owner_id", "address_hash", "startup_id", "search_id", name="uq_digest_subscription_of",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("hour BETWEEN 0 AND 23 AND weekday BETWEEN 1 AND 7", name="time_of_week"),
        Index("ix_digest_subscription_due", "next_at", postgresql_where=text("state = 'confirmed'")),
    )  # fmt: skip

    id: Mapped[Uuid7Key]
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    startup_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), index=True)
    search_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("saved_search.id", ondelete="CASCADE"), index=True)
    address: Mapped[bytes]
    address_hash: Mapped[bytes]
    lang: Mapped[str]
    every: Mapped[DigestEvery] = mapped_column(str_enum(DigestEvery))
    weekday: Mapped[int]
    hour: Mapped[int]
    zone: Mapped[str]
    min_grade: Mapped[str]
    state: Mapped[DigestState] = mapped_column(str_enum(DigestState))
    state_since: Mapped[CreatedAt]
    confirm_hash: Mapped[bytes | None] = mapped_column(unique=True)
    confirm_until: Mapped[Instant | None]
    unsubscribe_hash: Mapped[bytes] = mapped_column(unique=True)
    unsubscribe_token: Mapped[bytes]
    next_at: Mapped[Instant]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class Letter(Base):
    """One mail to one subscription; its id makes the Message-ID, the same in each attempt.

    A worker that takes it moves ``due_at`` beyond the time that sending may take and leaves its mark in ``claim``.
    ``answer``: the codes of the server's last answer, or of what went wrong; never its text, which may quote addresses.
    """

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_due", "due_at", postgresql_where=text("state IN ('queued', 'sending')")),
        Index("ix_letter_newest", "subscription_id", "id"),
    )

    id: Mapped[Uuid7Key]
    subscription_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("digest_subscription.id", ondelete="CASCADE"))
    kind: Mapped[LetterKind] = mapped_column(str_enum(LetterKind))
    facts: Mapped[JsonObject] = mapped_column(JSONB, default=dict, server_default="{}")
    state: Mapped[LetterState] = mapped_column(str_enum(LetterState), server_default="queued")
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(server_default="0")
    claim: Mapped[uuid.UUID | None]
    answer: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Instant | None]


class DigestEntry(Base):
    """A match that a subscription was told of, by which letter: it is told of once."""

    __tablename__ = "digest_entry"

    subscription_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("digest_subscription.id", ondelete="CASCADE"), primary_key=True
    )
    match_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("match.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    letter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), index=True)


class MailAddress(Base):
    """When an address that has confirmed nothing since was last asked to, and how often, by whichever organisation."""

    __tablename__ = "mail_address"

    address_hash: Mapped[bytes] = mapped_column(primary_key=True)
    asked: Mapped[int]
    asked_at: Mapped[Instant]
