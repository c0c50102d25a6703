"""How much work a change is: dated estimates from ``matching/data/openness/effort.toml``, for ranking only."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from matching.errors import RuleError


class ChangeKind(StrEnum):
    """What a startup can change about itself, or whom it can find."""

    CERTIFICATE = "certificate"
    RENEWAL = "renewal"
    REFERENCE = "reference"
    TURNOVER = "turnover"
    REGION = "region"
    LANGUAGE = "language"
    PARTNER_CERTIFICATE = "partner_certificate"
    PARTNER_REFERENCES = "partner_references"
    PARTNER_TURNOVER = "partner_turnover"


@dataclass(frozen=True, slots=True)
class Effort:
    """Weeks of time, and a class of cost from 0 (none) to 3 (above 100,000 MAD)."""

    weeks: int
    cost: int


@dataclass(frozen=True, slots=True)
class EffortTable:
    """The estimates with their date and source."""

    efforts: Mapping[ChangeKind, Effort]
    version: str
    as_of: dt.date
    source: str
    confidence: str


def read_efforts(text: str) -> EffortTable:
    """A table from TOML.

    Raises:
        RuleError: something is missing, or is of another type.
    """
    try:
        raw = tomllib.loads(text)
        efforts = {kind: _effort(raw["effort"][kind]) for kind in ChangeKind}
        as_of = dt.date.fromisoformat(str(raw["as_of"]))
        return EffortTable(efforts, str(raw["version"]), as_of, str(raw["source"]), str(raw["confidence"]))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise RuleError(f"effort.toml: {wrong!r}") from wrong


def _effort(raw: Mapping[str, int]) -> Effort:
    weeks, cost = int(raw["weeks"]), int(raw["cost"])
    if weeks < 0 or not 0 <= cost <= _MOST_COST:
        raise ValueError(f"weeks {weeks} or cost {cost} is out of range")
    return Effort(weeks, cost)


_MOST_COST = 3


@lru_cache(maxsize=1)
def default_efforts() -> EffortTable:
    """The table that ships."""
    return read_efforts((files("matching") / "data" / "openness" / "effort.toml").read_text("utf-8"))
