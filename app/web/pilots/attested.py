"""What an attestation says, part by part: the facts as they were signed, of which any may be unknown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Named(_Part):
    """A side."""

    name: str
    country: str | None = None


class Tried(_Part):
    """The pilot."""

    title: str
    problem: str | None = None
    place: str | None = None
    begun: dt.date = Field(alias="from")
    until: dt.date


class Sum(_Part):
    """An amount of money."""

    amount: Decimal
    currency: str


class Judged(_Part):
    """A criterion with its verdict."""

    text: str
    verdict: Literal["met", "partly_met", "not_met"]
    note: str | None = None


class Told(_Part):
    """The whole."""

    buyer: Named
    startup: Named
    pilot: Tried
    budget: Sum | None = None
    paid: Sum | None = None
    criteria: list[Judged] = []
    statement: str | None = None
