"""What a startup could change, on the wire."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import Field

from app.kit.schemas import OutSchema
from app.tenders.schemas import MoneyOut
from matching.openness.effort import ChangeKind


class StandingOut(OutSchema):
    """How the startup stands over the calls that were looked at."""

    passed: int
    failed: int
    unknown: int


class OpenedOut(OutSchema):
    """A call that the change opens."""

    tender_id: uuid.UUID
    title: str | None
    deadline: dt.datetime | None


class EffortOut(OutSchema):
    """What the change takes, as estimated."""

    weeks: int
    cost: int = Field(description="0 none, 1 below 10,000 MAD, 2 below 100,000 MAD, 3 above.")


class OpeningOut(OutSchema):
    """One change and what it opens."""

    kind: ChangeKind
    what: str = Field(description="A certificate, a trade, a place, a language, a turnover.")
    amount: MoneyOut | None = Field(description="Turnover to be reached, or value of the reference.")
    sentence: str
    opens: int = Field(description="Calls that the startup may then surely enter, and may not surely now.")
    unblocks: int = Field(description="Calls that it is shut out of now, and no longer then.")
    loses: int = Field(description="Calls that it may enter now, and not surely then.")
    value: float = Field(description="Known value of the opened calls, in MAD.")
    effort: EffortOut
    tenders: list[OpenedOut] = Field(description="Of the opened calls, those that fit best; 20 at most.")


class OpeningsOut(OutSchema):
    """Single changes, the best first: calls opened for each week of work."""

    startup_id: uuid.UUID
    as_of: dt.datetime
    looked_at: int = Field(description="Open calls that fit the startup, grade `possible` or better.")
    standing: StandingOut
    openings: list[OpeningOut]
    effort_as_of: dt.date = Field(description="The estimates' date; they are no quote and no advice.")
    effort_source: str
    disclaimer: str


class HelpedOut(OutSchema):
    """A startup that a change helps."""

    startup_id: uuid.UUID
    opens: int


class CohortOpeningOut(OutSchema):
    """A change that helps startups of the cohort."""

    kind: ChangeKind
    what: str
    sentence: str
    pairs: int = Field(description="Calls opened, summed over the startups.")
    startups: list[HelpedOut]
    effort: EffortOut


class CohortOpeningsOut(OutSchema):
    """What would help the whole cohort most."""

    as_of: dt.datetime
    startups: int = Field(description="How many were looked at, the newest ones; 100 at most.")
    unreadable: int = Field(description="Left out, as their stored profile or evidence can't be read any more.")
    openings: list[CohortOpeningOut]
    effort_as_of: dt.date
    effort_source: str
    disclaimer: str
