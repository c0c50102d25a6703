"""Values as JSON: what the command prints and what a store keeps; amounts are strings, so that none loses a digit."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import TypeAlias

from matching.requirements.findings import Finding, Value

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


def finding_json(finding: Finding) -> dict[str, Json]:
    """``{kind, value, quote, start, end, confidence}``, and ``field`` where it came from a structured field."""
    told: dict[str, Json] = {
        "kind": finding.kind.value, "value": value_json(finding.value), "quote": finding.quote,
        "start": finding.start, "end": finding.end, "confidence": finding.confidence,
    }  # fmt: skip
    return told if finding.field is None else {**told, "field": finding.field}


def value_json(value: Value) -> Json:
    """A value: an object of its known parts, or an ISO 8601 date or date-time."""
    return _plain(value)


def _plain(value: object) -> Json:
    if value is None or (isinstance(value, str | bool | int) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _plain(part) for name, part in parts.items() if part is not None}
    raise TypeError(f"{type(value).__name__} is no part of a finding")
