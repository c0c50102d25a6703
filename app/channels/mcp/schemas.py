"""What tools take and give: the API's answers, with the fields that a model can use, and no more."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Grade: TypeAlias = Literal["strong", "good", "possible"]
Country: TypeAlias = Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166 code of two letters.")]


class Shown(BaseModel):
    """Base of what is shown; fields that it does not name are left out."""

    model_config = ConfigDict(extra="ignore")


class TenderFilters(BaseModel):
    """Which calls: all that are given must hold."""

    model_config = ConfigDict(extra="forbid")

    status: list[Literal["published", "closed", "awarded", "cancelled"]] = Field(default=[], max_length=4)
    region: list[str] = Field(default=[], max_length=20, description="Regions or places; any of them.")
    category: list[Literal["works", "goods", "services"]] = Field(default=[], max_length=3)
    sector: Literal["public", "private"] | None = None
    country: Country | None = None
    cpv: str | None = Field(default=None, pattern="^[0-9]{2,8}$", description="First digits of a CPV code.")
    buyer: str | None = Field(default=None, max_length=500, description="Beginnings of words of the buyer's name.")
    deadline_before: dt.datetime | None = Field(default=None, description="An instant with its zone.")


class StartupFilters(BaseModel):
    """Which startups: all that are given must hold."""

    model_config = ConfigDict(extra="forbid")

    region: list[str] = Field(default=[], max_length=20, description="Regions or cities; any of them.")
    sector: list[str] = Field(default=[], max_length=20)
    country: Country | None = None
    certification: list[str] = Field(default=[], max_length=20)


class MoneyShown(Shown):
    """An amount, as exact as it was published."""

    amount: Decimal
    currency: str


class BuyerShown(Shown):
    """Who buys."""

    name: str | None = None


class TenderShown(Shown):
    """A call for tenders; `null` is unknown."""

    id: str
    title: str
    status: str
    buyer: BuyerShown | None
    country: str | None
    region: str | None
    sector: str | None
    category: str | None
    cpv: list[str]
    value: MoneyShown | None
    deadline_at: dt.datetime | None
    reserved_sme: bool | None
    url: str | None


class LotShown(Shown):
    """A part of a call that is awarded by itself."""

    id: str
    title: str
    description: str
    value: MoneyShown | None


class TenderWhole(TenderShown):
    """A call with its texts, which were written by its publisher."""

    description: str
    activities: list[str]
    procedure: str | None
    place: str | None
    published_at: dt.datetime | None
    bond: MoneyShown | None
    lots: list[LotShown]


class TenderPage(Shown):
    """Calls; send `next` as `cursor` for the following ones."""

    items: list[TenderShown]
    next: str | None


class StartupShown(Shown):
    """A startup, as far as the caller may see it."""

    id: str
    name: str
    country: str | None
    city: str | None
    regions: list[str]
    sectors: list[str]
    employees: int | None
    certifications: list[str]


class StartupPage(Shown):
    """Startups; send `next` as `cursor` for the following ones."""

    items: list[StartupShown]
    next: str | None


class ReasonShown(Shown):
    """Why: a sentence, and its part of the score in logit units."""

    code: str
    sentence: str
    contribution: float


class Scored(Shown):
    """How well a pair fits. `score` is a logit; `unknown`: gates that could not be decided and were passed."""

    score: float
    grade: str
    lot_id: str | None
    unknown: list[str]
    reasons: list[ReasonShown]


class TenderMatch(Scored):
    """A call that fits the startup that was asked about."""

    tender: TenderShown


class StartupMatch(Scored):
    """A startup that fits the call that was asked about."""

    startup: StartupShown


class TenderMatches(Shown):
    """Calls that fit, best first."""

    items: list[TenderMatch]
    next: str | None


class StartupMatches(Shown):
    """Startups that fit, best first."""

    items: list[StartupMatch]
    next: str | None


class ExampleMatches(Shown):
    """What fits an example, best first: startups for a call, calls for a startup."""

    considered: int
    startups: list[StartupMatch]
    tenders: list[TenderMatch]


class ExampleAnswers(Shown):
    """The API's answers to several examples."""

    answers: list[ExampleMatches]


class Explanation(Shown):
    """A pair with its reasons. `match` is null where the pair is not among the ranked: it does not fit well enough, a
    gate removed it, or it lies beyond the first `looked_at`.
    """

    match: TenderMatch | StartupMatch | None
    looked_at: int


class SettlementShown(Shown):
    """What would settle a check: a field of the profile, a document of the call, or a question to the buyer."""

    by: str
    sentence: str


class CitationShown(Shown):
    """What a rule rests on. `confidence`: read in the law itself (`primary`), in others' accounts of it, or nowhere."""

    jurisdiction: str
    article: str | None
    source: str
    as_of: dt.date
    confidence: str
    sentence: str


class CheckShown(Shown):
    """One rule or condition; `quote` is what the call says."""

    rule: str
    outcome: Literal["pass", "fail", "unknown"]
    effect: str
    sentence: str
    quote: str | None
    lot: str | None
    settle: list[SettlementShown]
    citation: CitationShown | None


class Eligibility(Shown):
    """Whether a startup may bid: every check, with what it rests on. Not legal advice."""

    outcome: Literal["pass", "fail", "unknown"]
    counts: dict[str, int]
    checks: list[CheckShown]
    disclaimer: str


class EventShown(Shown):
    """Something that happened; `data` as docs/webhooks.md says for its type."""

    id: str
    sequence: int
    type: str
    timestamp: dt.datetime
    data: dict[str, JsonValue]


class Events(Shown):
    """Events in their order; send `next` as `after` for those that follow, also later."""

    items: list[EventShown]
    next: str
    more: bool
