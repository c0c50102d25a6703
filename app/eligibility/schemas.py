"""Eligibility on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from pydantic import Field

from app.kit.schemas import OutSchema, Schema, UtcDatetime
from scrapers.records import StartupRecord, TenderRecord

OutcomeName = Literal["pass", "fail", "unknown"]


class CitationOut(OutSchema):
    """What a statement about law rests on."""

    jurisdiction: str = Field(description="`MA`, `EU`, `FR`; `*` anywhere.")
    article: str | None
    source: str
    as_of: dt.date = Field(description="When the source was looked up.")
    confidence: Literal["primary", "secondary", "unverified", "estimate"] = Field(
        description="Read in the law itself, in others' accounts of it, nowhere for sure; or practice, no law."
    )
    sentence: str


class SettlementOut(OutSchema):
    """What would turn an unknown into an answer."""

    by: Literal["profile", "document", "buyer"] = Field(
        description="A field of the profile, a document of the call, or a question to the buyer."
    )
    what: str
    part: str | None = Field(description="The list of the profile's evidence that it belongs to.")
    sentence: str


class CheckOut(OutSchema):
    """The verdict of one rule, or of one clause of the call."""

    rule: str
    outcome: OutcomeName
    effect: Literal["binds", "hint", "note"] = Field(
        description="Only what `binds` decides the outcome; a `hint` is to be seen to, a `note` says what the law is."
    )
    sentence: str
    facts: dict[str, str | int | float | bool | None]
    kind: str | None = Field(description="The kind of requirement: `references`, `certificate` ...")
    clause: str | None
    quote: str | None = Field(description="The passage of the call that asks it.")
    lot: str | None
    waivable: bool = Field(description="A consortium partner may bring what is missing.")
    settle: list[SettlementOut]
    citation: CitationOut | None


class GroundOut(OutSchema):
    """Why a call can be entered without references."""

    name: str
    sentence: str
    citation: CitationOut | None


class BlockingOut(OutSchema):
    """What stands in the way, or may."""

    rule: str
    sentence: str
    citation: CitationOut | None


class EligibilityBrief(OutSchema):
    """What a list shows of a pair's eligibility; the pair's own address has the checks."""

    outcome: OutcomeName
    counts: dict[OutcomeName, int] = Field(description="How many of the checks that bind.")
    blocking: BlockingOut | None = Field(
        default=None,
        description="The first check that makes the outcome what it is, unless that is `pass`. Not legal advice.",
    )


class EligibilityWithChecks(EligibilityBrief):
    """The same with the checks that bind and that this startup does not pass, for pages that tell why."""

    checks: list[CheckOut]


class LaneOut(OutSchema):
    """Whether a young firm can enter the call without references."""

    open: bool | None = Field(description="`null` is unknown.")
    grounds: list[GroundOut]
    settle: list[SettlementOut]


class EligibilityOut(OutSchema):
    """May this startup bid for this call? Never part of the score, and not legal advice."""

    outcome: OutcomeName
    by_lot: dict[str, OutcomeName] = Field(description="For each lot alone; the outcome is that of the best.")
    counts: dict[OutcomeName, int] = Field(description="How many of the checks that bind.")
    checks: list[CheckOut] = Field(description="Those that bind first; what fails before what is unknown.")
    groups: dict[str, OutcomeName] = Field(
        description="Whether it is a small firm, a cooperative ... by the call's law."
    )
    simplified_access: LaneOut
    as_of: dt.datetime
    disclaimer: str


class PairEligibilityOut(EligibilityOut):
    """The same of a pair that is stored."""

    tender_id: uuid.UUID
    startup_id: uuid.UUID


class ExamplePairIn(Schema):
    """A call and a startup in the flat formats; what the startup can show stands in its `evidence`."""

    tender: TenderRecord
    startup: StartupRecord
    as_of: UtcDatetime | None = Field(default=None, description="Now, unless given.")
