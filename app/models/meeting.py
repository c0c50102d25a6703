"""Meetings that one side of a match asks of the other."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key, str_enum

_LIVE = "state IN ('asked', 'accepted')"


class MeetingState(StrEnum):
    """Where a request stands (see ``app.support.meetings``)."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Side(StrEnum):
    """The two sides of a meeting."""

    STARTUP = "startup"
    BUYER = "buyer"


class Meeting(Base):
    """A request for a meeting about a call or a pilot (one of the two).

    Each contact is a text that its own side wrote, and is shown to the other
    side only when the meeting is accepted.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("(tender_id IS NULL) <> (pilot_id IS NULL)", name="one_subject"),
        # One request for a pair and a subject at a time: nobody is asked twice while an answer is due or a meeting is.
        Index("uq_meeting_tender", "startup_id", "tender_id", unique=True, postgresql_where=text(_LIVE)),
        Index("uq_meeting_pilot", "startup_id", "pilot_id", unique=True, postgresql_where=text(_LIVE)),
        Index("ix_meeting_startup_side", "startup_side_id", "id"),
        Index("ix_meeting_buyer", "buyer_id", "id"),
    )

    id: Mapped[Uuid7Key]
    startup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("startup.id", ondelete="CASCADE"))
    startup_side_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    buyer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    tender_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tender.id", ondelete="CASCADE"), index=True)
    pilot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pilot.id", ondelete="CASCADE"), index=True)
    asked_by: Mapped[Side] = mapped_column(str_enum(Side))
    startups_turn: Mapped[bool]
    state: Mapped[MeetingState] = mapped_column(str_enum(MeetingState))
    topic: Mapped[str]
    starts_at: Mapped[Instant]
    minutes: Mapped[int]
    place: Mapped[str]
    note: Mapped[str | None]
    startup_contact: Mapped[str | None]
    buyer_contact: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]

    @property
    def turn(self) -> Side:
        """The side that has to answer, as long as nobody has."""
        return Side.STARTUP if self.startups_turn else Side.BUYER
