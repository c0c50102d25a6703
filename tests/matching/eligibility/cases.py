"""Calls and startups to judge, short to write."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from matching.eligibility.facts import (
    Clause,
    HeldReference,
    Moment,
    Part,
    StartupFacts,
    TenderFacts,
    YearTurnover,
)
from matching.requirements.findings import Kind, Money, Value
from matching.types import Amount

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
RATES = (("EUR", Decimal("10.8")), ("USD", Decimal("9.3")))
MOMENT = Moment(NOW, RATES, dt.date(2026, 11, 1))


def mad(amount: int, *, tax: bool | None = None) -> Money:
    return Money(Decimal(amount), "MAD", tax)


def eur(amount: int, *, tax: bool | None = False) -> Money:
    return Money(Decimal(amount), "EUR", tax)


def tender(*clauses: Clause, **fields: Any) -> TenderFacts:
    """A public call of Morocco, published on 1 November 2026 with 30 days."""
    told: dict[str, Any] = {
        "country": "MA",
        "sector": "public",
        "published": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
        "deadline": dt.datetime(2026, 12, 1, 10, tzinfo=dt.UTC),
        "trades": frozenset({"software_house"}),
    }
    return TenderFacts("T", clauses=clauses, **(told | fields))


def days(count: int) -> dict[str, dt.datetime]:
    """Published on the 20th with so many days."""
    published = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    return {"published": published, "deadline": published + dt.timedelta(days=count, hours=10)}


def clause(kind: Kind, value: Value, **fields: Any) -> Clause:
    return Clause(fields.pop("id", str(kind)), kind, value, **fields)


def turnover(*amounts: int, currency: str = "MAD", last: int = 2025) -> tuple[YearTurnover, ...]:
    """Of the last years, the latest first."""
    return tuple(YearTurnover(last - n, Amount(Decimal(amount), currency)) for n, amount in enumerate(amounts))


def reference(**fields: Any) -> HeldReference:
    """One that counts for the call above, unless it is told otherwise."""
    told: dict[str, Any] = {
        "value": Amount(Decimal(1_000_000), "MAD"),
        "date": dt.date(2025, 5, 2),
        "trades": frozenset({"software_house"}),
        "attested": True,
    }
    return HeldReference("Plateforme de suivi (fictional)", **(told | fields))


def startup(**fields: Any) -> StartupFacts:
    return StartupFacts("S", **({"country": "MA"} | fields))


EVERYTHING = frozenset(Part)
