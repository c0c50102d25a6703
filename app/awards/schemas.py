"""Awards on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from pydantic import Field

from app.kit.schemas import OutSchema, Schema
from app.models.award import AwardOutcome
from app.tenders.schemas import MoneyOut, SourceOut

WinState = Literal["suggested", "mine", "not_mine"]


class AwardOut(OutSchema):
    """How a call, or a lot of it, ended."""

    id: uuid.UUID
    tender_id: uuid.UUID | None = Field(description="The call, where it is here too.")
    reference: str | None
    lot_id: str | None
    title: str | None
    buyer: str | None
    winners: list[str]
    outcome: AwardOutcome
    value: MoneyOut | None
    offers: int | None = Field(description="How many bids there were.")
    cpv: list[str]
    country: str | None
    date: dt.date | None
    source: SourceOut


class WinOut(OutSchema):
    """An award whose winner may be the startup."""

    state: WinState = Field(description="`suggested` until the startup says whose it is.")
    found_by: Literal["identifier", "name"] = Field(description="What the winner has in common with the startup.")
    award: AwardOut


class WinDecision(Schema):
    """Whose win it is."""

    mine: bool = Field(description="`true` adds it to the profile's references, `false` takes it from them.")


class Amounts(OutSchema):
    """Values of awards in one currency."""

    currency: str
    awards: int
    median: float
    greatest: float


class Share(OutSchema):
    """A supplier or a CPV division with its awards."""

    name: str
    awards: int


class BuyerHistory(OutSchema):
    """What a buyer's awards tell of its habits; everything is counted over ``awards``."""

    buyer: str = Field(description="As its awards name it most often.")
    awards: int
    since: dt.date | None
    until: dt.date | None
    unsuccessful: int = Field(description="Ended without a winner: no bid, or none that would do.")
    cancelled: int
    median_offers: float | None = Field(description="Where the number of bids is told.")
    values: list[Amounts]
    suppliers: int = Field(description="How many different ones won.")
    top_suppliers: list[Share] = Field(description="Those who won most, ten at most.")
    cpv_divisions: list[Share] = Field(description="First two digits of the CPV codes, ten at most.")
    latest: list[AwardOut] = Field(description="Ten at most.")
