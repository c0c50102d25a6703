"""The mirror on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.schemas import OutSchema, Schema
from matching.openness.loosening import How
from matching.requirements.findings import Kind
from scrapers.records import TenderRecord

LEAST_TOLD = 3
"""Counts below this (but for 0) are told as none: with one or two startups, a count would be about somebody."""


class ClauseChange(Schema):
    """What a clause shall ask instead: `drop` it, or give another `amount` (turnover) or `count` (references)."""

    clause: Annotated[str, Field(max_length=200, description="The clause's `id`, as the mirror told it.")]
    drop: bool = False
    amount: Annotated[Decimal | None, Field(gt=0, max_digits=20, decimal_places=4)] = None
    count: Annotated[int | None, Field(ge=0, le=100)] = None

    @model_validator(mode="after")
    def _one_change(self) -> ClauseChange:
        if self.drop + (self.amount is not None) + (self.count is not None) != 1:
            raise PydanticCustomError("one_change", "needs one of drop, amount and count")
        return self


class MirrorIn(Schema):
    """How the call would be changed before it is counted; nothing of it is kept but in the audit trail."""

    changes: Annotated[list[ClauseChange], Field(max_length=50)] = []


class MirrorExampleIn(MirrorIn):
    """A draft that is nowhere but here."""

    tender: TenderRecord


class CountsOut(OutSchema):
    """How many of the suitable startups pass, fail, or can't be told; a count that is too small to be told is null."""

    passed: int | None
    failed: int | None
    unknown: int | None


class CitationOut(OutSchema):
    """What a statement about law rests on."""

    jurisdiction: str
    article: str | None
    source: str
    as_of: dt.date
    confidence: str


class ClauseOut(OutSchema):
    """A clause of the call, with whom it shuts out."""

    id: str | None = Field(description="None where a rule of law asks it and no clause.")
    rule: str
    kind: Kind | None
    lot: str | None
    quote: str = Field(description="The passage it was read in.")
    field: str | None
    confidence: float | None
    counts: CountsOut
    alone: int | None = Field(description="Shut out by nothing else.")


class ChangeOut(OutSchema):
    """What asking less changes, counted anew."""

    how: How
    clauses: list[str]
    lots: int | None = Field(description="Of a split: into how many equal lots.")
    counts: CountsOut
    let_in: int | None = Field(description="Who surely may bid then, and may not surely now.")
    no_more_out: int | None = Field(description="Who is shut out now, and no longer then.")


class AdviceOut(OutSchema):
    """A plain sentence with its ground. Not legal advice."""

    key: str
    sentence: str
    citation: CitationOut | None
    legal_advice: bool = Field(default=False, description="Always false: this is not legal advice.")


class PastCallOut(OutSchema):
    """How an earlier call of this buyer ended."""

    title: str | None
    date: dt.date | None
    lot_id: str | None
    offers: int | None = Field(description="How many bids there were.")
    outcome: str
    winner_employees: list[int] = Field(description="Staff of those winners that are startups here.")


class ConcentrationOut(OutSchema):
    """How concentrated the buyer's known awards are."""

    awards: int
    suppliers: int
    hhi: int = Field(description="Herfindahl-Hirschman index by number of awards: 10,000 for a single supplier.")
    new_share: float | None = Field(
        description="Share of the later half's suppliers that won none in the earlier half."
    )


class MirrorOut(OutSchema):
    """How open a call is to startups. Counts and profiles of need: no names, and nobody to contact."""

    tender_id: uuid.UUID | None
    as_of: dt.datetime
    suitable: int | None = Field(
        description="Listed startups that the call's subject fits, grade `possible` or better."
    )
    complete: bool = Field(description="False where more are suitable than were counted, or the index lags.")
    least_told: int = Field(default=LEAST_TOLD, description="Smaller counts are null, but for 0.")
    counts: CountsOut
    clauses: list[ClauseOut]
    changes: list[ChangeOut]
    advice: list[AdviceOut]
    past_calls: list[PastCallOut]
    concentration: ConcentrationOut | None
