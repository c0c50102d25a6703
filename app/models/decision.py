"""What people did with a match: shortlist, invite, dismiss on the buyer's side; on the startup's save, look for a
partner, hand a bid in, or dismiss. What they told of a notice that is wrong, and what became of that.
"""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key, str_enum


class DecisionKind(StrEnum):
    """What was decided about a pair. ``PARTNER_WANTED`` shows a listed startup to others that look for a partner."""

    SHORTLISTED = "shortlisted"
    INVITED = "invited"
    DISMISSED = "dismissed"
    SAVED = "saved"
    PARTNER_WANTED = "partner_wanted"
    BID = "bid"


class Decision(Base):
    """The standing decision of one organisation about one pair."""

    __tablename__ = "decision"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    tender_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("tender.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    startup_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("startup.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[DecisionKind] = mapped_column(str_enum(DecisionKind))
    note: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class FeedbackVerdict(StrEnum):
    """What a person says of a match; ``NOTICE_ERROR``: of the call's notice, which says nothing of the match."""

    RIGHT = "right"
    WRONG = "wrong"
    WON = "won"
    LOST = "lost"
    NOTICE_ERROR = "notice_error"


class NoticePart(StrEnum):
    """Which part of a notice is told to be wrong."""

    TITLE = "title"
    BUYER = "buyer"
    DEADLINE = "deadline"
    VALUE = "value"
    PLACE = "place"
    DESCRIPTION = "description"
    LOTS = "lots"
    DOCUMENTS = "documents"
    OTHER = "other"


class NoticeErrorOutcome(StrEnum):
    """What became of an error told of. ``AS_PUBLISHED``: the notice says so where it was published."""

    CORRECTED = "corrected"
    AS_PUBLISHED = "as_published"
    NO_ERROR = "no_error"


class Feedback(Base):
    """A person's word on a match, with the score it had then; learning reads these rows.

    Of errors in notices, ``part`` says where (unknown where it was not told), and ``outcome`` with ``answer`` what
    whoever can mend it made of it; both are nothing while it is open.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_notice_error", "id", postgresql_where=text("verdict = 'notice_error'")),
        Index(
            "ix_feedback_notice_error_open", "id",
            postgresql_where=text("verdict = 'notice_error' AND outcome IS NULL"),
        ),
        CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name="answered"),
    )  # fmt: skip

    id: Mapped[Uuid7Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), index=True)
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[FeedbackVerdict] = mapped_column(str_enum(FeedbackVerdict))
    because: Mapped[str | None]
    score: Mapped[float | None]
    part: Mapped[NoticePart | None] = mapped_column(str_enum(NoticePart))
    outcome: Mapped[NoticeErrorOutcome | None] = mapped_column(str_enum(NoticeErrorOutcome))
    answer: Mapped[str | None]
    answered_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]
