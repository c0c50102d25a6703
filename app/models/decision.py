"""What people did with a match: shortlist, invite, dismiss on the buyer's side; on the startup's save, look for a
partner, hand a bid in, or dismiss.
"""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Uuid7Key, str_enum


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


class Feedback(Base):
    """A person's word on a match, with the score it had then; learning reads these rows."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_notice_error", "id", postgresql_where=text("verdict = 'notice_error'")),)

    id: Mapped[Uuid7Key]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    tender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), index=True)
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[FeedbackVerdict] = mapped_column(str_enum(FeedbackVerdict))
    because: Mapped[str | None]
    score: Mapped[float | None]
    created_at: Mapped[CreatedAt]
