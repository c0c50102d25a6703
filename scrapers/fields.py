"""The types of fields in records: texts, codes, days and amounts, checked to the letter; nothing is guessed right."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from scrapers.normalise import parse_iso

_CPV = re.compile(r"(\d{7,8})(?:-\d)?", re.ASCII)


def _no_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("holds a NUL character")
    return value


def _cpv(value: object) -> object:
    """Cut the check digit of a CPV code ("72000000-5"); seven digits have lost their leading zero to a spreadsheet."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and (found := _CPV.fullmatch(text.strip())):
        return found[1].zfill(8)
    raise ValueError("a CPV code has 8 digits, with or without its check digit")


def _when(value: object) -> object:
    """Strings as ISO 8601, an aware instant or a date; never a number, never a time without a zone."""
    when = parse_iso(value) if isinstance(value, str) else value
    if isinstance(when, dt.datetime):
        if when.utcoffset() is None:
            raise ValueError("is a time without a zone")
        return when
    if isinstance(when, dt.date):
        return when
    raise ValueError("is not an ISO 8601 date or date-time")


def _day(value: object) -> object:
    """The day of an ISO date, of a date-time, or of an XML date with its offset ("2018-11-28+01:00")."""
    if isinstance(value, str):
        when = parse_iso(value)
        return when.date() if isinstance(when, dt.datetime) else when
    if isinstance(value, dt.date):
        return value.date() if isinstance(value, dt.datetime) else value
    raise ValueError("is not an ISO 8601 date")


def _id(value: object) -> object:
    """Whole numbers are ids too ("17" and 17 are one id)."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def amount_in(value: object) -> object:
    """Cut the noise of binary fractions (0.30000000000000004) at the fourth place; text is taken to the letter."""
    if isinstance(value, bool):
        raise ValueError("is not an amount")  # noqa: TRY004 - pydantic turns ValueErrors into faults of the field
    if isinstance(value, float) and math.isfinite(value):
        exact = Decimal(repr(value))
        return round(exact, 4) if len(repr(value).partition(".")[2]) > 4 and abs(value) < 1e16 else exact
    return value


def finite(value: Decimal) -> Decimal:
    """The amount itself, unless it is beyond what numbers of other readers hold."""
    if not value.is_finite() or math.isinf(float(value)):
        raise ValueError("is not a finite amount")
    return value


# Constraints stand directly after their type: behind a function they would be checked in Python, a row at a time.
Id = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_no_nul),
    BeforeValidator(_id),
    WithJsonSchema({"anyOf": [{"type": "string", "minLength": 1, "maxLength": 200}, {"type": "integer"}]}),
]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_no_nul)]
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), AfterValidator(_no_nul)
]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000_000), AfterValidator(_no_nul)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), AfterValidator(_no_nul)]
Cpv = Annotated[str, BeforeValidator(_cpv), WithJsonSchema({"type": "string", "pattern": r"^\d{7,8}(-\d)?$"})]
Day = Annotated[dt.date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
When = Annotated[
    dt.datetime | dt.date,
    BeforeValidator(_when),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d{2}-\d{2}[T ]"},
                {"type": "string", "format": "date"},
            ]
        }
    ),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


def at_most(limit: int) -> BeforeValidator:
    """Refuse a longer list before its items are looked at: half a million wrong ones took seconds to tell."""

    def check(value: object) -> object:
        if isinstance(value, list | tuple) and len(value) > limit:
            raise PydanticCustomError("too_long", "has more than {max_length} items", {"max_length": limit})
        return value

    return BeforeValidator(check)


# The longest lists: far beyond what any notice holds, and checked in the blink of an eye.
SHORT = 500
LONG = 5_000


class Record(BaseModel):
    """Base of all records: unknown fields are kept, instances don't change."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Money(Record):
    """An amount and its ISO 4217 currency; zero or less is not an amount (sources write 0 for "unknown")."""

    amount: Annotated[
        Decimal, Field(gt=0, max_digits=20, decimal_places=4), AfterValidator(finite), BeforeValidator(amount_in)
    ]
    currency: Currency
