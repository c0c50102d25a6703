"""What leaves a collector or a flat file: the public input contracts of Safqa, checked field by field.

Unknown fields are kept (``extra="allow"``), wrong ones are refused with the field's path; nothing is guessed right.
docs/formats.md and docs/schemas/*.json are generated from these classes.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_CPV = re.compile(r"^(\d{8})(?:-\d)?$")


def _no_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("holds a NUL character")
    return value


def _cpv(value: object) -> object:
    """Cut the check digit of a CPV-2008 code ("72000000-5"); leading zeros are kept."""
    if isinstance(value, str) and (found := _CPV.match(value.strip())):
        return found.group(1)
    raise ValueError("a CPV code has 8 digits, with or without its check digit")


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite() or math.isinf(float(value)):
        raise ValueError("is not a finite amount")
    return value


Text = Annotated[str, AfterValidator(_no_nul), StringConstraints(strip_whitespace=True)]
Id = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
Title = Annotated[Text, StringConstraints(min_length=1, max_length=10_000)]
LongText = Annotated[Text, StringConstraints(max_length=4_000_000)]
Word = Annotated[Text, StringConstraints(min_length=1, max_length=500)]
Cpv = Annotated[str, BeforeValidator(_cpv)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class Record(BaseModel):
    """Base of all records: unknown fields are kept, instances don't change."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Money(Record):
    """An amount and its ISO 4217 currency; zero or less is not an amount (sources write 0 for "unknown")."""

    amount: Annotated[Decimal, Field(gt=0, max_digits=20, decimal_places=4), AfterValidator(_finite)]
    currency: Currency


class Buyer(Record):
    """Who buys."""

    id: Id | None = None
    name: Word | None = None


class LabelRecord(Record):
    """A label with who gave it ("Jeune entreprise innovante", issuer "Technopark")."""

    name: Word
    issuer: Word | None = None


class ReferenceRecord(Record):
    """A delivered contract."""

    title: Title
    buyer: Word | None = None
    cpv: tuple[Cpv, ...] = ()
    place: Word | None = None
    value: Money | None = None
    date: dt.date | None = None
    sector: Literal["public", "private"] | None = None


class StartupRecord(Record):
    """A startup, flat contract version 1."""

    id: Id
    name: Annotated[Text, StringConstraints(min_length=1, max_length=500)]
    description: LongText = ""
    sectors: tuple[Word, ...] = ()
    technologies: tuple[Word, ...] = ()
    cpv: tuple[Cpv, ...] = ()
    regions: tuple[Word, ...] = ()
    city: Word | None = None
    country: Country | None = None
    languages: tuple[Language, ...] = ()
    founded: Annotated[int, Field(ge=1800, le=2100)] | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    turnover: Money | None = None
    labels: tuple[LabelRecord, ...] = ()
    certifications: tuple[Word, ...] = ()
    references: tuple[ReferenceRecord, ...] = ()
    website: Annotated[Text, StringConstraints(max_length=2_000)] | None = None


class LotRecord(Record):
    """A part of a tender that can be bid for alone."""

    id: Id
    title: Title
    description: LongText = ""
    cpv: tuple[Cpv, ...] = ()
    value: Money | None = None


class TenderRecord(Record):
    """A call for tenders, flat contract version 1.

    ``published`` and ``deadline``: an ISO 8601 instant with its offset, or a date alone. A time without a zone is
    refused unless the reader was told the zone; a date alone is the end (deadline) or start (published) of that day
    in the reader's zone, and is marked as such by the reader.
    """

    id: Id
    title: Title
    description: LongText = ""
    buyer: Buyer | None = None
    sector: Literal["public", "private"] | None = None
    category: Literal["works", "goods", "services"] | None = None
    procedure: Word | None = None
    activities: tuple[Word, ...] = ()
    cpv: tuple[Cpv, ...] = ()
    place: Word | None = None
    country: Country | None = None
    value: Money | None = None
    bond: Money | None = None
    published: dt.datetime | dt.date | None = None
    deadline: dt.datetime | dt.date | None = None
    lots: tuple[LotRecord, ...] = ()
    reserved_sme: bool | None = None
    language: Language | None = None
    url: Annotated[Text, StringConstraints(max_length=2_000)] | None = None
