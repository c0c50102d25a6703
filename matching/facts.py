"""Amounts and dates as numbers that the pair kernel compares."""

from __future__ import annotations

import datetime as dt
import math
import zlib
from typing import Final

from matching.documents import MAX_LOTS
from matching.types import Amount, TenderDoc

_CURRENCY_GAP: Final = 1_000.0

Fact = tuple[float, float]


def facts(value: Amount | None, day: dt.date | None) -> Fact:
    """(logarithm of the amount, day number), NaN where unknown.

    Each currency has a range of its own, so far from the others that amounts in two currencies are never near.
    """
    amount = math.nan
    if value is not None and value.amount.is_finite() and value.amount > 0:
        currency = zlib.crc32(value.currency.strip().upper().encode("utf-8", "replace")) % 100_000
        amount = math.log(value.amount) + currency * _CURRENCY_GAP
    return amount, float(day.toordinal()) if day is not None else math.nan


def tender_facts(tender: TenderDoc) -> list[Fact]:
    """The facts of the whole tender, then of each lot: its own amount, the tender's day."""
    moment = tender.published or tender.deadline
    day = moment.date() if moment is not None else None
    return [facts(tender.value, day), *(facts(lot.value, day) for lot in tender.lots[:MAX_LOTS])]
