"""Sources on the wire."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import Field

from app.kit.schemas import OutSchema
from app.models.crawl_run import CrawlKind, CrawlOutcome
from app.sources.outcome import SourceStatus


class DriftOut(OutSchema):
    """A field that a source fills less than it used to (shares of its calls), or `yield`: calls of a day."""

    field: str
    before: float
    now: float


class CrawlRunOut(OutSchema):
    """One run of a source, through all its interruptions."""

    id: uuid.UUID
    kind: CrawlKind = Field(description="`regular`: what is new; `window`: a given time; `sample`: a few, to look at.")
    outcome: CrawlOutcome = Field(
        description="`complete`: the source's own end was reached and the counts agree. A run that is under way, or "
        "was killed, is `partial` without `ended_at`."
    )
    reason: str | None = Field(description="A stable code for every end but a complete one.")
    started_at: dt.datetime
    ended_at: dt.datetime | None
    since_at: dt.datetime
    until_at: dt.datetime
    attempts: int
    expected: int | None = Field(description="How many notices the source itself announced, where it does.")
    seen: int
    parsed: int
    rejected: int
    unchanged: int
    created: int = Field(description="New calls.")
    updated: int = Field(description="Calls of which a new version came.")
    closed: int = Field(description="Calls closed, as the source lists them no more.")
    awards: int
    drift: list[DriftOut]


class SourceStateOut(OutSchema):
    """A source: show `attribution` wherever you show its calls."""

    name: str
    title: str
    licence: str | None
    attribution: str | None
    status: SourceStatus = Field(
        description="`off`: not collected from now; `halted`: stopped by a person; `refused`: the portal does not want "
        "to be asked, until a person restarts it; `drifting`: what it sends is not what it used to be."
    )
    schedule: str | None = Field(description="When it is due: five fields as in crontab, UTC.")
    drift: list[DriftOut]
    not_before: dt.datetime | None = Field(description="The portal asked to be left alone until then.")
    refused_at: dt.datetime | None
    halted_at: dt.datetime | None
    last_run: CrawlRunOut | None
    last_complete: CrawlRunOut | None


class CrawlRejectionOut(OutSchema):
    """A notice that could not be read, with the beginning of it."""

    position: int
    code: str
    reason: str
    ref: str
    excerpt: str
