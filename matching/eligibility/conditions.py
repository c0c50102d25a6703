"""The condition language of rules: ``all``, ``any``, ``not`` and tests of facts, in Kleene's strong three-valued logic.

A test is unknown where its fact is (``known`` alone is not), or where its answer depends on a rate of tax or of
exchange. An unknown answer carries what would settle it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from matching.eligibility.case import Case
from matching.eligibility.sums import Range, Sum, Truth
from matching.eligibility.verdicts import Settlement, Settler
from matching.eligibility.vocabulary import Fact, FactType, FactValue

Operator: TypeAlias = Literal[
    "is", "in", "at_least", "at_most", "above", "below", "has", "has_any", "within", "known"
]  # fmt: skip

ORDER: Final[tuple[Operator, ...]] = ("at_least", "at_most", "above", "below")
OPERATORS: Final[dict[FactType, tuple[Operator, ...]]] = {
    "text": ("is", "in", "known"),
    "number": ("is", *ORDER, "known"),
    "money": (*ORDER, "known"),
    "words": ("has", "has_any", "within", "known"),
    "flag": ("is", "known"),
    "instant": (*ORDER, "known"),
}


@dataclass(frozen=True, slots=True)
class Multiple:
    """Another fact as what one is compared with, that many times."""

    fact: Fact
    times: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Test:
    """One fact against one operand."""

    fact: Fact
    operator: Operator
    operand: FactValue | Multiple


@dataclass(frozen=True, slots=True)
class All:
    """True if all are, false if one is."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True if one is, false if all are."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    of: Condition


Condition: TypeAlias = Test | All | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Judged:
    """The value of a condition; ``settle`` is empty unless it is unknown."""

    truth: Truth
    settle: tuple[Settlement, ...] = ()


def judge(condition: Condition, case: Case) -> Judged:
    """The value of a condition on a case."""
    match condition:
        case Test():
            return _test(condition, case)
        case All():
            return both(*(judge(each, case) for each in condition.of))
        case AnyOf():
            return either(*(judge(each, case) for each in condition.of))
        case Not():
            inner = judge(condition.of, case)
            return inner if inner.truth is None else Judged(not inner.truth)


def both(*parts: Judged) -> Judged:
    """Kleene's strong conjunction."""
    if any(part.truth is False for part in parts):
        return Judged(truth=False)
    return _open(parts) or Judged(truth=True)


def either(*parts: Judged) -> Judged:
    """Kleene's strong disjunction."""
    if any(part.truth for part in parts):
        return Judged(truth=True)
    return _open(parts) or Judged(truth=False)


def _open(parts: tuple[Judged, ...]) -> Judged | None:
    if all(part.truth is not None for part in parts):
        return None
    return Judged(None, tuple(dict.fromkeys(each for part in parts for each in part.settle)))


def tests(condition: Condition | None) -> Iterator[Test]:
    """Every test of a condition, from left to right."""
    match condition:
        case Test():
            yield condition
        case All() | AnyOf():
            for each in condition.of:
                yield from tests(each)
        case Not():
            yield from tests(condition.of)
        case None:
            return


def operand_of(test: Test, case: Case) -> FactValue | None:
    """What the fact is compared with, another fact already read."""
    if not isinstance(test.operand, Multiple):
        return test.operand
    value = test.operand.fact.read(case)
    if isinstance(value, Sum):
        return value.times(test.operand.times)
    if isinstance(value, Range):
        return Range(value.low * test.operand.times, value.high * test.operand.times)
    return value


def _test(test: Test, case: Case) -> Judged:
    value = test.fact.read(case)
    if test.operator == "known":
        return Judged(value is not None)
    if value is None:
        return Judged(None, (test.fact.settle,))
    operand = operand_of(test, case)
    if operand is None:
        return Judged(None, (test.operand.fact.settle,) if isinstance(test.operand, Multiple) else ())
    if isinstance(value, Sum) and isinstance(operand, Sum):
        return _money(test, value, operand, case)
    if isinstance(value, Range) and isinstance(operand, Range):
        truth = _ordered(test.operator, value, operand)
        return Judged(truth, (test.fact.settle,) if truth is None else ())
    return Judged(_plain(test.operator, value, operand))


def _money(test: Test, value: Sum, operand: Sum, case: Case) -> Judged:
    spans = case.market.ranges(value, operand)
    truth = None if spans is None else _ordered(test.operator, *spans)
    if truth is not None:
        return Judged(truth)
    doubt = case.market.doubt(value, operand)
    return Judged(None, (Settlement(Settler.BUYER, f"{test.fact.settle.what}_{doubt}"),))


def _ordered(operator: Operator, value: Range, operand: Range) -> Truth:
    match operator:
        case "at_least":
            return value.at_least(operand)
        case "at_most":
            return operand.at_least(value)
        case "above":
            return value.above(operand)
        case "below":
            return operand.above(value)
        case _:
            if value.low == value.high == operand.low == operand.high:
                return True
            return False if value.high < operand.low or value.low > operand.high else None


def _plain(operator: Operator, value: FactValue, operand: FactValue) -> bool:
    if isinstance(operand, frozenset):
        held = value if isinstance(value, frozenset) else frozenset({value})
        return bool(held & operand) if operator in {"in", "has_any"} else held <= operand
    return operand in value if isinstance(value, frozenset) else value == operand
