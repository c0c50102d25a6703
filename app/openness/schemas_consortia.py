"""Proposals of consortia on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from pydantic import Field

from app.kit.schemas import OutSchema, Schema
from app.startups.schemas import StartupSummary
from matching.consortium.types import Together
from matching.requirements.findings import Kind


class ConsortiaIn(Schema):
    """Which sets are looked for."""

    most: Annotated[int, Field(ge=1, le=4, description="Members at most.")] = 4
    without: Annotated[list[uuid.UUID], Field(max_length=100, description="Startups that shall not be members.")] = []
    sure: bool = Field(default=False, description="Count only what is known to be held; else what may be held counts.")


class NeedOut(OutSchema):
    """One thing the call needs."""

    id: str
    kind: Kind | None = Field(description="Null: carrying out a lot, or the call.")
    lot: str | None
    together: Together = Field(description="`any` one member, the `sum` of all, or `every` member.")
    amount: int | None = Field(description="Of a sum: what must come together (dirhams, references).")


class SeatOut(OutSchema):
    """A member, and why."""

    startup: StartupSummary | None = Field(description="Null where the call is not published: a profile of need only.")
    lead: bool
    share_percent: int
    brings: list[str] = Field(description="Ids of the needs it meets, or adds to.")
    only_it_brings: list[str]
    to_settle: list[str] = Field(description="Of what it brings, what it may hold but has not told.")
    lots: list[str]


class ConsortiumOut(OutSchema):
    """A set that covers everything, the lead first."""

    members: list[SeatOut]
    lead_by: str = Field(description="`strength` (turnover), `needs` (brings most) or `only`.")
    shares_by: str = Field(description="`lot_values`, `lots` or `needs`: what the suggested shares follow.")


class ConsortiaOut(OutSchema):
    """The smallest sets, the most relevant first. Suggestions from public profiles; not legal advice."""

    tender_id: uuid.UUID
    as_of: dt.datetime
    refused: bool = Field(description="The call says that it takes no consortia: none is proposed.")
    needs: list[NeedOut]
    sets: list[ConsortiumOut]
    nobody: list[str] = Field(description="Needs that nobody meets, nor as many as may be members together.")
    barred: list[str] = Field(description="What keeps your startup out of every set.")
    proven: bool = Field(description="False where the search was cut short.")
    considered: int
    disclaimer: str
