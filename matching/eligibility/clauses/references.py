"""References: how many delivered contracts count for what is asked."""

from __future__ import annotations

import datetime as dt

from matching.eligibility.case import Case, lot_of
from matching.eligibility.clauses.verdict import NO_STARTUP, Finding, buyer, profile, verdict
from matching.eligibility.facts import Clause, HeldReference, Part
from matching.eligibility.sums import Truth, asked_sum, held_sum
from matching.eligibility.verdicts import Check, Settlement
from matching.requirements.findings import References


def judge_references(clause: Clause, case: Case) -> Check | None:
    """Enough references of the kind, age and size asked, each with its attestation."""
    asked = clause.value
    if not isinstance(asked, References):
        return None
    if not asked.required:
        return verdict(clause, Finding(truth=True, how="none"), waivable=True)
    startup = case.startup or NO_STARTUP
    needed = asked.count if asked.count is not None else 1
    truths: list[Truth] = []
    missing: dict[Settlement, None] = {}
    for reference in startup.references:
        truth, settle = _counts(reference, asked, clause, case)
        truths.append(truth)
        missing |= dict.fromkeys(settle if truth is None else ())
    sure, possible = truths.count(True), truths.count(True) + truths.count(None)
    facts: dict[str, str | int | float | bool | None] = {"needed": needed, "held": sure}
    if sure >= needed:
        return verdict(clause, Finding(truth=True, facts=facts), waivable=True)
    if possible >= needed:
        return verdict(clause, Finding(truth=None, facts=facts, settle=tuple(missing)), waivable=True)
    if Part.REFERENCES in startup.complete:
        return verdict(clause, Finding(truth=False, facts=facts), waivable=True)
    return verdict(
        clause, Finding(truth=None, facts=facts, settle=(profile("references", Part.REFERENCES),)), waivable=True
    )


def _counts(held: HeldReference, asked: References, clause: Clause, case: Case) -> tuple[Truth, tuple[Settlement, ...]]:
    """Whether one reference counts, and what would tell."""
    parts = (
        _similar(held, asked, clause, case),
        _young_enough(held, asked, case),
        _large_enough(held, asked, case),
        (held.attested, profile("references.attested", Part.REFERENCES)),
    )
    if any(truth is False for truth, _ in parts):
        return False, ()
    settle = tuple(settlement for truth, settlement in parts if truth is None)
    return (None, settle) if settle else (True, ())


def _similar(held: HeldReference, asked: References, clause: Clause, case: Case) -> tuple[Truth, Settlement]:
    lot = next((lot for lot in case.tender.lots if lot.id == lot_of(clause)), None)
    trades = (lot.trades if lot else frozenset()) or case.tender.trades
    if asked.similar is False or held.trades & trades:
        return True, buyer("references.similar")
    if not held.trades:
        return None, profile("references.trades", Part.REFERENCES)
    if not trades:
        return None, buyer("trades")
    # Where nobody says that works must be similar, others may count or not: the buyer knows.
    return (False if asked.similar else None), buyer("references.similar")


def _young_enough(held: HeldReference, asked: References, case: Case) -> tuple[Truth, Settlement]:
    """Not older than asked, counted back from the deadline; between it and publication the buyer knows."""
    if asked.years is None:
        return True, buyer("references.years")
    if held.date is None:
        return None, profile("references.date", Part.REFERENCES)
    last = case.last_day or case.moment.as_of.date()
    first = min(last, case.tender.published.date() if case.tender.published else last)
    if held.date >= _years_before(last, asked.years):
        return True, buyer("references.years")
    return (False if held.date < _years_before(first, asked.years) else None), buyer("references.years")


def _large_enough(held: HeldReference, asked: References, case: Case) -> tuple[Truth, Settlement]:
    if asked.amount is None:
        return True, buyer("references.amount")
    if held.value is None:
        return None, profile("references.value", Part.REFERENCES)
    one, other = held_sum(held.value), asked_sum(asked.amount)
    truth = case.market.at_least(one, other)
    return truth, profile(f"references.value_{case.market.doubt(one, other)}", Part.REFERENCES)


def _years_before(day: dt.date, years: int) -> dt.date:
    year = max(1, day.year - years)
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)
