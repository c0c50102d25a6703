"""Ways to ask less: what each clause of a call could be loosened to, as calls of their own that are counted anew.

A longer delay is none of them: no fact of a profile says how long somebody needs, and a later deadline can outlive a
certificate. The days a call gives are held against the law's by the rules instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Final

from matching.eligibility.facts import Clause, TenderFacts
from matching.requirements.findings import (
    Certificate,
    Equipment,
    Kind,
    Money,
    Presence,
    References,
    Reservation,
    Team,
    Turnover,
)

SPLITS: Final = (2, 3)
"""Into how many equal lots a call without lots is split for the count."""

EU_TIMES: Final = Decimal(2)
"""Directive 2014/24, art. 58(3): the turnover asked is at most twice the estimated value."""

_LOOSENED: Final = frozenset(
    {Kind.TURNOVER, Kind.REFERENCES, Kind.CERTIFICATE, Kind.TEAM, Kind.EQUIPMENT, Kind.LOCAL_PRESENCE, Kind.LANGUAGE}
)


class How(StrEnum):
    """What is done to a clause."""

    DROPPED = "dropped"
    HALVED = "halved"
    """Turnover: half of what is asked."""
    TWICE_THE_VALUE = "twice_the_value"
    """Turnover: twice the estimated value, where more is asked in the same currency."""
    ONE = "one"
    """References: a single one."""
    NOT_SIMILAR = "not_similar"
    """References: of any kind of work."""
    SPLIT = "split"
    """The call is split into so many equal lots, each asking its part of turnover and of the references' value."""


@dataclass(frozen=True, slots=True)
class Loosening:
    """One change and the call after it. ``clauses``: ids of those it loosens; ``lots``: of a split."""

    how: How
    clauses: tuple[str, ...]
    tender: TenderFacts
    lots: int | None = None


def two_digits(amount: Decimal) -> Decimal:
    """A sum as roughly as a mirror asks it: with exact ones, whoever asks again and again could find the very sum at
    which a firm is shut out.
    """
    return Decimal(f"{amount:.1e}")


def loosenings(tender: TenderFacts) -> Iterator[Loosening]:
    """All changes worth a count, in the order of the clauses; a split last."""
    for place, clause in enumerate(tender.clauses):
        if clause.kind not in _LOOSENED or not asks(clause):
            continue
        for how, value in _values(clause, tender):
            loosened = () if value is None else (replace(clause, value=value),)
            clauses = (*tender.clauses[:place], *loosened, *tender.clauses[place + 1 :])
            yield Loosening(how, (clause.id,), replace(tender, clauses=clauses))
    yield from _splits(tender)


def asks(clause: Clause) -> bool:
    """Whether a clause asks something at all: some passages say that nothing is asked."""
    match clause.value:
        case References(required=required) | Certificate(required=required):
            return required
        case Equipment(required=required) | Presence(required=required):
            return required
        case Reservation(groups=groups):
            return bool(groups)
        case _:
            return True


def _values(clause: Clause, tender: TenderFacts) -> Iterator[tuple[How, Turnover | References | Team | None]]:
    """What a clause could ask instead; ``None``: nothing."""
    asked = clause.value
    if isinstance(asked, Turnover):
        value = tender.value
        if value and value.amount > 0 and value.currency == asked.currency and asked.amount > EU_TIMES * value.amount:
            yield How.TWICE_THE_VALUE, replace(asked, amount=two_digits(EU_TIMES * value.amount))
        yield How.HALVED, replace(asked, amount=asked.amount / 2)
    if isinstance(asked, References):
        if asked.count is not None and asked.count > 1:
            yield How.ONE, replace(asked, count=1)
        if asked.similar is not False:
            yield How.NOT_SIMILAR, replace(asked, similar=False)
    yield How.DROPPED, None


def _splits(tender: TenderFacts) -> Iterator[Loosening]:
    """Equal lots for a call that has none: who takes one of them needs a part of the means only."""
    if tender.lots or any(clause.lot or getattr(clause.value, "lot", None) for clause in tender.clauses):
        return
    for lots in SPLITS:
        clauses = tuple(_of_a_lot(clause, lots) for clause in tender.clauses)
        smaller = tuple(new.id for old, new in zip(tender.clauses, clauses, strict=True) if new != old)
        if smaller:
            yield Loosening(How.SPLIT, smaller, replace(tender, clauses=clauses), lots)


def _of_a_lot(clause: Clause, lots: int) -> Clause:
    match clause.value:
        case Turnover() as asked:
            return replace(clause, value=replace(asked, amount=asked.amount / lots))
        case References(amount=Money() as money) as asked:
            part = replace(money, amount=money.amount / lots)
            return replace(clause, value=replace(asked, amount=part))
        case _:
            return clause
