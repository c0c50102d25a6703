"""Matches on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from app.eligibility.schemas import EligibilityBrief, OutcomeName
from app.kit.schemas import OutSchema, Schema, UtcDatetime
from app.models.decision import DecisionKind
from app.startups.schemas import StartupSummary
from app.tenders.schemas import TenderSummary
from scrapers.records import StartupRecord, TenderRecord

GradeName = Literal["strong", "good", "possible", "none"]
KeptGrade = Literal["strong", "good", "possible"]


class SpanOut(OutSchema):
    """Where a matched form stands."""

    field: str = Field(description="Field of the record.")
    start: int = Field(description="First character, from 0.")
    end: int = Field(description="One past the last character.")
    text: str = Field(description="The form as it is written there.")
    item: int | None = Field(default=None, description="Position in a list field.")


class ReasonOut(OutSchema):
    """One additive part of a score."""

    code: str = Field(description="Stable code; `text.term`, `text.concept`, `cpv.shared` ...")
    sentence: str = Field(description="The same for a person, in the language of the answer.")
    contribution: float = Field(description="Its part of the score, in logit units.")
    term: str | None
    facts: dict[str, str | int | float | bool | None]
    in_tender: list[SpanOut]
    in_startup: list[SpanOut]


class ScoredOut(OutSchema):
    """How well a tender and a startup fit."""

    score: float = Field(description="A logit, comparable between queries: the sum of its reasons' contributions.")
    grade: GradeName
    lot_id: str | None = Field(description="The lot that fits best; null where the tender as a whole does.")
    unknown: list[str] = Field(description="Gates that could not be decided and were passed: `deadline`, `country` ...")
    reasons: list[ReasonOut]


class MatchOut(ScoredOut):
    """A match that is kept: an open tender that fits a startup."""

    id: uuid.UUID
    startup_id: uuid.UUID
    tender: TenderSummary
    algorithm: str
    decision: DecisionKind | None = Field(description="What the caller's organisation decided about the pair.")
    eligibility: EligibilityBrief | None = Field(description="Where the list was asked with `eligibility`.")
    created_at: dt.datetime
    updated_at: dt.datetime


class CandidateOut(ScoredOut):
    """A startup that fits a tender."""

    startup: StartupSummary
    decision: DecisionKind | None = Field(description="What the caller's organisation decided about the pair.")
    eligibility: EligibilityBrief | None = Field(
        default=None, description="Where the list was asked with `eligibility`."
    )


class RankingHead(OutSchema):
    """How a list was made."""

    algorithm: str
    as_of: dt.datetime | None = Field(description="Tenders whose deadline is earlier were left out.")
    considered: int = Field(description="How many were ranked.")
    gated: dict[str, int] = Field(description="How many each gate removed before ranking.")
    index_age_seconds: float = Field(description="How long ago the index took its last changes in.")
    complete: bool = Field(description="False where the index was still taking in changes older than this request.")


class CandidatesPage(RankingHead):
    """A page of candidates, best first."""

    items: list[CandidateOut]
    next: str | None = Field(description="Send it as `cursor` to get the next page; null on the last one.")


class GateOut(OutSchema):
    """What a precondition of the ranking says of one startup."""

    name: str = Field(description="`country`, `regions`, `employees` ...")
    outcome: Literal["passes", "stops", "unknown"] = Field(description="What is unknown passes.")


class CandidateWhyOut(RankingHead):
    """Why a startup is among the candidates of a call, or is not."""

    standing: Literal["listed", "beyond", "gated", "weak"] = Field(
        description="On the list; on it, but behind the first 1,000; kept out by a gate; or too weak a fit."
    )
    rank: int | None = Field(description="From 1, among all candidates without filters; null where it has none.")
    least_score: float = Field(description="The least score of the grade `possible`, which the list begins at.")
    gates: list[GateOut]
    candidate: CandidateOut = Field(description="The pair as it is, whatever the gates say.")


class StartupFilterIn(Schema):
    """Filters over startups; empty means any."""

    regions: Annotated[list[str], Field(max_length=50)] = []
    sectors: Annotated[list[str], Field(max_length=50)] = []
    languages: Annotated[list[str], Field(max_length=50)] = []
    labels: Annotated[list[str], Field(max_length=50)] = []
    certifications: Annotated[list[str], Field(max_length=50)] = []
    min_employees: Annotated[int | None, Field(ge=0)] = None
    max_employees: Annotated[int | None, Field(ge=0)] = None


class TenderFilterIn(Schema):
    """Filters over tenders; empty means any."""

    regions: Annotated[list[str], Field(max_length=50)] = []
    categories: list[Literal["works", "goods", "services"]] = []
    sector: Literal["public", "private"] | None = None
    reserved_sme: bool | None = None
    simplified_access: bool | None = Field(
        default=None,
        description="Whether a young firm can enter the tender without references; unknown ones are left out.",
    )
    min_value: Annotated[Decimal | None, Field(ge=0, max_digits=20)] = None
    max_value: Annotated[Decimal | None, Field(ge=0, max_digits=20)] = None
    currency: Annotated[str | None, Field(pattern="^[A-Z]{3}$", description="Needed with an amount.")] = Field(
        default=None, validate_default=True
    )

    @field_validator("currency")
    @classmethod
    def _comparable(cls, given: str | None, fields: ValidationInfo) -> str | None:
        if given is None and any(fields.data.get(name) is not None for name in ("min_value", "max_value")):
            raise PydanticCustomError("currency_needed", "is needed with an amount")
        return given


class ExampleQuery(Schema):
    """An unregistered tender or startup, and how its other side shall be ranked."""

    tender: TenderRecord | None = Field(default=None, description="Rank the startups for this tender.")
    startup: StartupRecord | None = Field(default=None, description="Rank the open tenders for this startup.")
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    min_grade: GradeName = "none"
    as_of: UtcDatetime | None = Field(default=None, description="Now, unless given.")
    same_country: bool = True
    startup_filter: StartupFilterIn = StartupFilterIn()
    tender_filter: TenderFilterIn = TenderFilterIn()
    eligibility: Annotated[list[OutcomeName], Field(max_length=3)] = Field(
        default=[], description="Have each tender judged for this startup (docs/eligibility.md); these outcomes only."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> ExampleQuery:
        if (self.tender is None) == (self.startup is None):
            raise PydanticCustomError("one_side", "needs either a tender or a startup")
        if self.eligibility and self.startup is None:
            raise PydanticCustomError("no_startup", "eligibility is told to a startup only")
        return self


class MatchQueryIn(Schema):
    """Up to 20 queries, answered in order."""

    queries: Annotated[list[ExampleQuery], Field(min_length=1, max_length=20)]


class ExampleTenderHit(ScoredOut):
    """An open tender that fits the startup of the query."""

    tender: TenderSummary
    eligibility: EligibilityBrief | None = Field(default=None, description="Where the query has `eligibility`.")


class ExampleAnswer(RankingHead):
    """The answer to one query; one of the two lists is filled."""

    startups: list[CandidateOut] = []
    tenders: list[ExampleTenderHit] = []


class MatchAnswersOut(OutSchema):
    """The answers, in the order of the queries."""

    answers: list[ExampleAnswer]


class SignalOut(OutSchema):
    """A signal of an algorithm."""

    code: str
    weight: float = Field(description="For a profile that tells what it does; see docs/scoring.md.")
    won_weight: float = Field(description="For one known by its past wins alone; others lie between the two.")
    description: str


class AlgorithmOut(OutSchema):
    """A ranking algorithm."""

    name: str
    version: str
    bias: float
    won_bias: float
    grades: dict[GradeName, float] = Field(description="The least score of each grade.")
    signals: list[SignalOut]


class ProfileTermOut(OutSchema):
    """One coordinate of a startup's profile."""

    term: str
    kind: Literal["term", "concept", "cpv"]
    weight: float
    labels: dict[str, str] = Field(description="For concepts: the label in each language.")
    sources: list[SpanOut] = Field(description="Where it comes from in the record.")


class ProfileOut(OutSchema):
    """What the ranker understood of a startup, heaviest first."""

    startup_id: uuid.UUID
    version: int
    algorithm: str
    terms: list[ProfileTermOut]


class MatchChangeOut(OutSchema):
    """An entry of the match feed."""

    operation: Literal["upsert", "withdrawn"] = Field(description="`withdrawn`: the match holds no more for you.")
    id: uuid.UUID
    tender_id: uuid.UUID
    startup_id: uuid.UUID
    lot_id: str | None
    score: float
    grade: GradeName
    tender_version: int
    startup_version: int
    changed_at: dt.datetime
