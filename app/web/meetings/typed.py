"""What is typed about a meeting. Times are those of Morocco's clocks."""

from __future__ import annotations

import datetime as dt

from app.kit.schemas import Schema
from app.support.schemas import Contact, Minutes, OpenText, Place, Proposal
from app.web.local_time import at_home


class MeetingForm(Schema):
    """A request for a meeting."""

    topic: OpenText
    starts_at: dt.datetime
    minutes: Minutes = 30
    place: Place
    contact: Contact


class ProposalForm(Schema):
    """Another time."""

    starts_at: dt.datetime
    minutes: Minutes = 30
    place: Place
    note: OpenText | None = None
    contact: Contact | None = None

    def proposal(self) -> Proposal:
        """The same as the service takes it."""
        return Proposal(
            starts_at=at_home(self.starts_at), minutes=self.minutes, place=self.place, note=self.note,
            contact=self.contact,
        )  # fmt: skip
