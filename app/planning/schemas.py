"""Plans on the wire."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from app.eligibility.schemas import CitationOut
from app.kit.schemas import OutSchema
from app.support.gaps import Gap
from app.support.schemas import AidOut, OfferOut
from app.tenders.schemas import MoneyOut
from matching.eligibility.verdicts import Outcome
from matching.planning.book import RouteKind
from matching.planning.readiness import PieceState


class ChecklistItemOut(OutSchema):
    """A piece of the bid."""

    id: str
    name: str = Field(description="In your language.")
    state: PieceState = Field(
        description="`held`; `expiring`: no longer valid on the day of the deadline; `missing`; `to_make`: made anew "
        "for each bid; `unknown`: your evidence doesn't say."
    )
    file: str = Field(description="The part of the bid: `administrative`, `technical` or `financial`.")
    giver: str = Field(description="Who makes it out, in your language.")
    working_days: int = Field(description="From asking to having.")
    expires: dt.date | None
    start_by: dt.date | None = Field(description="The latest day to ask for it.")
    late: bool = Field(description="That day has passed.")
    checks: list[str] = Field(description="The rules and clauses of `eligibility` that call for it.")
    citation: CitationOut


class GuaranteeOut(OutSchema):
    """Why a sum is bound after the award, where the call itself does not say."""

    name: str
    percent: float
    citation: CitationOut


class CashOut(OutSchema):
    """The money that a bid and its contract bind; `null` for unknown."""

    currency: str | None
    bond: float | None = Field(description="Bound from the bid to the award; all lots together.")
    definitive_bond: float | None = Field(description="Bound from the award on.")
    retention: float | None = Field(description="Held back from payments, at most.")
    prefinancing: float | None = Field(description="To be advanced at most: the contract less an advance payment.")
    payment_days: int | None
    short: float | None = Field(description="What the cash of your evidence lacks for the bond; 0: nothing.")
    grounds: list[GuaranteeOut]


class ReadinessOut(OutSchema):
    """How far a startup is from handing in."""

    in_time: Outcome = Field(description="Whether the working days that are left are enough.")
    working_days_left: int | None
    working_days_needed: int
    items: list[ChecklistItemOut]
    cash: CashOut
    disclaimer: str


class TargetOut(OutSchema):
    """Whom or what a route leads to."""

    kind: Literal["tender", "lot", "startup", "supplier", "pilot", "buyer"]
    id: str | None
    name: str
    deadline: dt.datetime | None
    same_buyer: bool
    holds: list[str] = Field(description="Of a partner: the checks it would settle. Of a lead: the trades it won in.")
    won: int | None = Field(description="Of a lead: how many such contracts it won.")


class StepOut(OutSchema):
    """One thing to do."""

    id: str
    name: str = Field(description="In your language.")
    working_days: int
    start_by: dt.date | None = Field(description="The latest working day to begin it.")


class RouteOut(OutSchema):
    """A lawful way in."""

    kind: RouteKind
    name: str = Field(description="In your language.")
    solves: list[str] = Field(description="The blocking checks that it lifts or goes around.")
    targets: list[TargetOut]
    steps: list[StepOut]
    pieces: list[str] = Field(description="Pieces it takes beyond the bid's own, in your language.")
    deadline: dt.datetime | None = Field(description="What the dates are counted back from.")
    late: bool = Field(description="The first step should have begun already.")
    bond: MoneyOut | None = Field(description="The provisional bond on this way.")
    citation: CitationOut


class RoutesOut(OutSchema):
    """The ways in for a pair, those in time first, then the best founded."""

    outcome: Outcome = Field(description="Of the eligibility as it stands; `pass`: nothing blocks, no route is due.")
    blocking: list[str] = Field(description="The checks that fail or are unknown.")
    items: list[RouteOut]
    disclaimer: str


class PairSupportOut(OutSchema):
    """Who helps with what a startup lacks for a call."""

    gaps: list[Gap] = Field(description="What blocks or may block, and the money that is bound (docs/support.md).")
    offers: list[OfferOut] = Field(description="The newest ten.")
    aid: list[AidOut]
    notice: str
