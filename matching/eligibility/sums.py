"""Sums of money that may differ in currency and in whether tax is in them, compared as far as that can be known.

A sum whose basis is not known lies between itself and itself less the highest rate of tax; a foreign one between both
ends of a tolerance about a dated rate. What holds at every value in between is decided, anything else is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from matching.eligibility.facts import Moment
from matching.requirements.findings import Money
from matching.types import Amount

Tax: TypeAlias = Literal["before", "after"]
Truth: TypeAlias = bool | None
"""Kleene's three values; ``None`` is unknown."""

RATE_TOLERANCE: Final = Decimal("0.10")
"""How far the rate of the day may be from the table's."""

PIVOT: Final = "MAD"


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount; ``tax``: whether it is before or after tax, ``None`` where that is not told."""

    amount: Decimal
    currency: str
    tax: Tax | None = None

    def times(self, factor: Decimal) -> Sum:
        """The sum that many times."""
        return Sum(self.amount * factor, self.currency, self.tax)

    def told(self) -> str:
        """As checks tell sums: ``1000000 MAD``."""
        return f"{self.amount.normalize():f} {self.currency}"


@dataclass(frozen=True, slots=True)
class Range:
    """A number known to lie between two, ends included."""

    low: Decimal
    high: Decimal

    def at_least(self, other: Range) -> Truth:
        """Is it ``>=``, whichever values both have?"""
        if self.low >= other.high:
            return True
        return False if self.high < other.low else None

    def above(self, other: Range) -> Truth:
        """Is it ``>``, whichever values both have?"""
        if self.low > other.high:
            return True
        return False if self.high <= other.low else None


@dataclass(frozen=True, slots=True)
class Market:
    """What sums are compared with: dirhams per unit of a currency, and the highest rate of tax (0.20)."""

    rates: Mapping[str, Decimal]
    highest_tax: Decimal

    @classmethod
    def of(cls, moment: Moment, highest_tax: Decimal) -> Market:
        """That of a moment."""
        return cls({**dict(moment.rates), PIVOT: Decimal(1)}, highest_tax)

    def ranges(self, one: Sum, other: Sum) -> tuple[Range, Range] | None:
        """Both on one scale; ``None`` where a rate of exchange is missing."""
        same = one.currency == other.currency
        if not same and not {one.currency, other.currency} <= set(self.rates):
            return None
        # Two sums of one basis are compared as they stand: the same rate is in both.
        raw = one.tax is not None and one.tax == other.tax
        first, second = (_less_tax(each, Decimal(0) if raw else self.highest_tax) for each in (one, other))
        if same:
            return first, second
        return self._in_pivot(first, one.currency), self._in_pivot(second, other.currency)

    def at_least(self, one: Sum, other: Sum) -> Truth:
        """Is the first sum ``>=`` the second?"""
        both = self.ranges(one, other)
        return None if both is None else both[0].at_least(both[1])

    def doubt(self, one: Sum, other: Sum) -> Literal["rate", "tax"]:
        """What leaves their order unknown: the rate of exchange, or whether tax is in them."""
        return "rate" if one.currency != other.currency else "tax"

    def _in_pivot(self, span: Range, currency: str) -> Range:
        rate = self.rates[currency]
        if currency == PIVOT:
            return span
        return Range(span.low * rate * (1 - RATE_TOLERANCE), span.high * rate * (1 + RATE_TOLERANCE))


def _less_tax(each: Sum, highest: Decimal) -> Range:
    low = each.amount if each.tax == "before" else each.amount / (1 + highest)
    return Range(low, each.amount)


def asked_sum(money: Money) -> Sum:
    """A sum of a call."""
    tax: Tax | None = None if money.tax_included is None else "after" if money.tax_included else "before"
    return Sum(money.amount, money.currency, tax)


def held_sum(amount: Amount, tax: Tax | None = None) -> Sum:
    """A sum of a startup: turnover is before tax, of a reference it is not told."""
    return Sum(amount.amount, amount.currency, tax)
