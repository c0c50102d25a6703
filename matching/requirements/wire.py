"""Values as JSON: what the command prints and what a store keeps.

An amount is a number, or text where a number would lose a digit. A value of one part is that part: 3 lots are ``3``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeAlias

from matching.requirements.findings import Count, Days, Demand, Finding, Languages, Percent, Value

BARE: Final[Mapping[type, str]] = MappingProxyType(
    {Count: "number", Percent: "percent", Days: "days", Demand: "stance", Languages: "codes"}
)
"""Values of a single part, which stands for them."""

_EXACT: Final = 2**53
"""Whole numbers up to here are the same in every reader of JSON."""

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


def finding_json(finding: Finding) -> dict[str, Json]:
    """``{kind, value, quote, start, end, confidence}``, and ``field`` where it came from a structured field."""
    told: dict[str, Json] = {
        "kind": finding.kind.value, "value": value_json(finding.value), "quote": finding.quote,
        "start": finding.start, "end": finding.end, "confidence": finding.confidence,
    }  # fmt: skip
    return told if finding.field is None else {**told, "field": finding.field}


def value_json(value: Value) -> Json:
    """A value: an object of its known parts, the one part of a value that has no more, or an ISO 8601 moment."""
    alone = BARE.get(type(value))
    return _plain(value if alone is None else getattr(value, alone))


def _plain(value: object) -> Json:
    if value is None or (isinstance(value, str | bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _plain(part) for name, part in parts.items() if part is not None}
    raise TypeError(f"{type(value).__name__} is no part of a finding")


def _number(amount: Decimal) -> int | float | str:
    if amount == amount.to_integral_value():
        return int(amount) if abs(amount) <= _EXACT else f"{amount:f}"
    near = float(amount)
    return near if Decimal(repr(near)) == amount else f"{amount:f}"
