"""What waits for an organisation, told to its people by letters of their own."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key, str_enum
from app.models.digest import LetterState


class MatterGroup(StrEnum):
    """What people switch off: meetings; pilots and applications; calls, which invite them or answer them."""

    MEETINGS = "meetings"
    PILOTS = "pilots"
    CALLS = "calls"


class Matter(StrEnum):
    """What happened. ``PILOT_PASSED``: the pilot that an organisation applied for went to somebody else."""

    MEETING_ASKED = "meeting-asked"
    MEETING_MOVED = "meeting-moved"
    MEETING_ACCEPTED = "meeting-accepted"
    MEETING_DECLINED = "meeting-declined"
    MEETING_WITHDRAWN = "meeting-withdrawn"
    PILOT_APPLICATION = "pilot-application"
    PILOT_CHOSEN = "pilot-chosen"
    PILOT_PASSED = "pilot-passed"
    PILOT_CANCELLED = "pilot-cancelled"
    PILOT_CLOSED = "pilot-closed"
    STARTUP_INVITED = "startup-invited"
    NOTICE_ANSWERED = "notice-answered"

    @property
    def group(self) -> MatterGroup:
        """What switches letters of it off."""
        if self.value.startswith("meeting-"):
            return MatterGroup.MEETINGS
        return MatterGroup.PILOTS if self.value.startswith("pilot-") else MatterGroup.CALLS


class MatterLetter(Base):
    """One letter to one member of an organisation, written in the transaction of what it tells of.

    ``subject_id``: of the meeting, the pilot, the call (with ``startup_id``) or the error in a notice; no foreign keys,
    as a letter whose subject is gone is dropped when it would be sent. ``caused_by``: the organisation whose deed it
    was. ``key`` names the deed: a person is told of it once. ``claim``: the mark of the worker that sends it. One that
    stays ``sending`` was left by a worker that died: nobody knows whether it was accepted, and it is not sent again.
    """

    __tablename__ = "matter_letter"
    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: Mapped[Uuid7Key]
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    caused_by: Mapped[uuid.UUID]
    matter: Mapped[Matter] = mapped_column(str_enum(Matter))
    subject_id: Mapped[uuid.UUID]
    startup_id: Mapped[uuid.UUID | None]
    key: Mapped[str]
    state: Mapped[LetterState] = mapped_column(str_enum(LetterState), server_default="queued")
    due_at: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(server_default="0")
    claim: Mapped[uuid.UUID | None]
    answer: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[Instant | None]
