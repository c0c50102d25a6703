"""How far a startup is from handing in: what it holds, what runs out, what is missing, what it costs, how long.

Everything unknown is told as unknown. Times are estimates of practice (``matching/data/planning/pieces.toml``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from matching.eligibility.facts import Clause, HeldDocument, Moment, Part, StartupFacts, TenderFacts
from matching.eligibility.verdicts import Check, Eligibility, Outcome
from matching.planning.book import Guarantee, Piece, PlanningBook
from matching.planning.working_days import WorkingDays
from matching.requirements.findings import Demand, Event, Kind, Money, Payment, Value
from matching.types import Amount

FILING_DAYS: Final = 1
"""The last working day is kept for putting the bid together and handing it in."""


class PieceState(StrEnum):
    """Where a piece stands."""

    HELD = "held"
    EXPIRING = "expiring"
    """At hand, and no longer valid on the day of the deadline."""
    MISSING = "missing"
    TO_MAKE = "to_make"
    """Made anew for each bid (a declaration, the offer itself, a bond)."""
    UNKNOWN = "unknown"


_DONE: Final = frozenset({PieceState.HELD})
_SHOWN: Final = frozenset({Kind.REFERENCES, Kind.CERTIFICATE, Kind.TURNOVER, Kind.TEAM, Kind.EQUIPMENT})
"""Kinds of requirement that evidence of the startup meets once and for all; other pieces are made for each bid."""
_NOT_ASKED: Final = (
    Demand("refused"),
    Demand("allowed"),
)


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """A piece of the bid. ``start_by``: the latest day to ask for it, where the deadline is known and it isn't held.

    ``checks`` are the rules and clauses that call for it; ``late``: that day has passed.
    """

    piece: Piece
    state: PieceState
    expires: dt.date | None = None
    start_by: dt.date | None = None
    late: bool = False
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CashNeed:
    """The money that a bid and its contract bind, each ``None`` where unknown; all in one currency.

    ``bond`` is bound from the bid to the award, the definitive bond and the retention from the award on; the law's
    share of a retention is the most it may be.
    ``prefinancing`` is what has to be advanced at most: the contract before its first payment, less an advance.
    ``short``: what is lacking at the bid, the bond against the cash at hand; 0 for nothing.
    """

    currency: str | None = None
    bond: Decimal | None = None
    definitive_bond: Decimal | None = None
    retention: Decimal | None = None
    prefinancing: Decimal | None = None
    payment_days: int | None = None
    short: Decimal | None = None
    grounds: tuple[Guarantee, ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole answer. ``in_time``: whether the working days that are left are enough; pieces are asked for at the
    same time, so that the slowest decides.
    """

    items: tuple[ChecklistItem, ...]
    cash: CashNeed
    working_days_left: int | None
    working_days_needed: int
    in_time: Outcome


def readiness(
    tender: TenderFacts, startup: StartupFacts, eligibility: Eligibility, book: PlanningBook, when: Timing
) -> Readiness:
    """The checklist, the cash and the days of one pair."""
    asked = frozenset(clause.kind for clause in tender.clauses if _is_asked(clause.value))
    deadline = tender.deadline.date() if tender.deadline else None
    today = when.moment.as_of.astimezone(tender.deadline.tzinfo if tender.deadline else None).date()
    items = tuple(
        _item(
            piece,
            startup,
            _checks_of(piece, eligibility),
            deadline or today,
            _start_by(piece, tender, when.days),
            today,
        )
        for piece in book.pieces_for(tender.country, asked)
    )
    needed = _needed(item for item in items if item.state not in _DONE)
    surely = _needed(item for item in items if item.state not in {*_DONE, PieceState.UNKNOWN})
    left = when.days.between(today, deadline) if deadline else None
    return Readiness(items, cash_need(tender, startup, book), left, needed, _in_time(left, needed, surely))


def _needed(open_items: Iterable[ChecklistItem]) -> int:
    return FILING_DAYS + max((item.piece.working_days for item in open_items), default=0)


@dataclass(frozen=True, slots=True)
class Timing:
    """When it is asked, and the working days of the country."""

    moment: Moment
    days: WorkingDays


def _is_asked(value: Value) -> bool:
    match value:
        case Money(amount=amount):
            return amount > 0
        case Event(required=required):
            return required is not False
        case Demand():
            return value not in _NOT_ASKED
        case _:
            return getattr(value, "required", True) is not False


def _checks_of(piece: Piece, eligibility: Eligibility) -> tuple[Check, ...]:
    return tuple(check for check in eligibility.checks if check.kind is not None and check.kind is piece.needs)


def _item(
    piece: Piece,
    startup: StartupFacts,
    checks: tuple[Check, ...],
    last_day: dt.date,
    start_by: dt.date | None,
    today: dt.date,
) -> ChecklistItem:
    state, expires = _state(piece, startup, checks, last_day)
    if state in _DONE:
        start_by = None
    return ChecklistItem(
        piece, state, expires, start_by, start_by is not None and start_by < today,
        tuple(check.clause or check.rule for check in checks),
    )  # fmt: skip


def _start_by(piece: Piece, tender: TenderFacts, days: WorkingDays) -> dt.date | None:
    """Before the deadline; a visit, or samples whose day the call tells, by the end of the first such day."""
    appointed = [
        at.date() if isinstance(at, dt.datetime) else at
        for clause in tender.clauses
        if clause.kind is piece.needs and isinstance(clause.value, Event) and (at := clause.value.at) is not None
    ]
    if appointed:
        return days.before(min(appointed) + dt.timedelta(days=1), piece.working_days)
    return days.before(tender.deadline.date(), piece.working_days + FILING_DAYS) if tender.deadline else None


def _state(
    piece: Piece, startup: StartupFacts, checks: tuple[Check, ...], day: dt.date
) -> tuple[PieceState, dt.date | None]:
    if piece.document is not None:
        held = [document for document in startup.documents if document.kind == piece.document]
        return _document_state(held, Part.DOCUMENTS in startup.complete, day)
    if checks and piece.needs in _SHOWN:
        return _checked_state(checks)
    return PieceState.TO_MAKE, None


def _document_state(held: list[HeldDocument], complete: bool, day: dt.date) -> tuple[PieceState, dt.date | None]:
    if not held:
        return (PieceState.MISSING if complete else PieceState.UNKNOWN), None
    best = max(held, key=lambda document: document.expires or dt.date.max)
    fresh = best.expires is None or best.expires >= day
    return (PieceState.HELD if fresh else PieceState.EXPIRING), best.expires


def _checked_state(checks: tuple[Check, ...]) -> tuple[PieceState, dt.date | None]:
    outcomes = {check.outcome for check in checks}
    if Outcome.FAIL in outcomes:
        runs_out = [day for check in checks if check.outcome is Outcome.FAIL and (day := _day(check)) is not None]
        return (PieceState.EXPIRING, min(runs_out)) if runs_out else (PieceState.MISSING, None)
    return (PieceState.UNKNOWN if Outcome.UNKNOWN in outcomes else PieceState.HELD), None


def _day(check: Check) -> dt.date | None:
    told = check.facts.get("expires")
    return dt.date.fromisoformat(told) if isinstance(told, str) else None


def _in_time(left: int | None, needed: int, surely: int) -> Outcome:
    """``surely`` leaves out the pieces of which nobody knows whether they are at hand: they may take no day at all."""
    if left is None or surely <= left < needed:
        return Outcome.UNKNOWN
    return Outcome.PASS if left >= needed else Outcome.FAIL


def cash_need(tender: TenderFacts, startup: StartupFacts, book: PlanningBook) -> CashNeed:
    """What the bid and the contract bind. A call with a bond for each lot binds them all, if one bids for all."""
    bonds = [clause.value for clause in tender.clauses if isinstance(clause.value, Money) and clause.kind is Kind.BOND]
    bond = _sum(bonds)
    value = Amount(tender.value.amount, tender.value.currency) if tender.value else None
    currency = bond.currency if bond else (value.currency if value else None)
    contract = value.amount if value and value.currency == currency else None
    terms = _payment_terms(tender.clauses)
    definitive, retention = (
        _share(contract, told, book.guarantee_for(name, tender.country) if tender.sector == "public" else None)
        for name, told in (("definitive_bond", terms.definitive_bond_percent), ("retention", terms.retention_percent))
    )
    return CashNeed(
        currency=currency,
        bond=bond.amount if bond else None,
        definitive_bond=definitive[0],
        retention=retention[0],
        prefinancing=None if contract is None else _part(contract, 100 - (terms.advance_percent or Decimal(0))),
        payment_days=terms.days,
        short=_short(bond, startup.cash),
        grounds=tuple(ground for _, ground in (definitive, retention) if ground is not None),
    )


def _sum(bonds: list[Money]) -> Amount | None:
    """Of the whole call where it is told, else of all lots together; ``None`` for none told or several currencies."""
    counted = [bond for bond in bonds if bond.lot is None][:1] or bonds
    if not counted or len({bond.currency for bond in counted}) > 1:
        return None
    return Amount(sum((bond.amount for bond in counted), Decimal(0)), counted[0].currency)


def _payment_terms(clauses: Iterable[Clause]) -> Payment:
    """All that the clauses about payment say together; of two that say the same, the first."""
    told = [clause.value for clause in clauses if isinstance(clause.value, Payment)]
    return Payment(
        days=next((one.days for one in told if one.days is not None), None),
        advance_percent=next((one.advance_percent for one in told if one.advance_percent is not None), None),
        retention_percent=next((one.retention_percent for one in told if one.retention_percent is not None), None),
        definitive_bond_percent=next(
            (one.definitive_bond_percent for one in told if one.definitive_bond_percent is not None), None
        ),
    )


def _share(
    contract: Decimal | None, told: Decimal | None, law: Guarantee | None
) -> tuple[Decimal | None, Guarantee | None]:
    """A share of the contract: as the call says, else as the law does, which is then its ground."""
    if told is not None:
        return (None if contract is None else _part(contract, told)), None
    if law is None:
        return None, None
    return (None if contract is None else _part(contract, law.percent)), law


def _part(contract: Decimal, percent: Decimal) -> Decimal:
    return (contract * percent / 100).quantize(Decimal("0.01"))


def _short(bond: Amount | None, cash: Amount | None) -> Decimal | None:
    if bond is None or cash is None or bond.currency != cash.currency:
        return None
    return max(Decimal(0), bond.amount - cash.amount)
