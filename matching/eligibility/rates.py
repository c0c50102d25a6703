"""The dated table of exchange rates that ships, and moments made with it."""

from __future__ import annotations

import datetime as dt
import tomllib
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from matching.eligibility.facts import Moment
from matching.errors import RuleError


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[tuple[str, Decimal], ...], dt.date]:
    raw = tomllib.loads((files("matching") / "data" / "rates.toml").read_text("utf-8"), parse_float=Decimal)
    rates = tuple(sorted((currency, Decimal(rate)) for currency, rate in raw["rates"].items()))
    if not all(rate > 0 for _, rate in rates):
        raise RuleError("rates.toml: a rate is above 0")
    return rates, raw["as_of"]


def moment_at(as_of: dt.datetime) -> Moment:
    """An instant with the rates that ship."""
    rates, day = _table()
    return Moment(as_of, rates, day)
