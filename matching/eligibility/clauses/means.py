"""Means: turnover of past years, and the cash for a provisional bond."""

from __future__ import annotations

from matching.eligibility.case import Case
from matching.eligibility.clauses.verdict import NO_STARTUP, Finding, buyer, profile, verdict
from matching.eligibility.facts import Clause, Part
from matching.eligibility.sums import Sum, Truth, asked_sum, held_sum
from matching.eligibility.verdicts import Check, Effect
from matching.requirements.findings import Money, Turnover


def judge_turnover(clause: Clause, case: Case) -> Check | None:
    """The turnover asked, in the last closed years, both sides before tax as accounts state it.

    Whether each year or their mean must reach it is rarely said: it passes where every year does, fails where none
    does, and is unknown in between.
    """
    asked = clause.value
    if not isinstance(asked, Turnover):
        return None
    startup = case.startup or NO_STARTUP
    wanted = Sum(asked.amount, asked.currency, "before")
    known: dict[int, list[Sum]] = {}
    for each in startup.turnover:
        known.setdefault(each.year, []).append(held_sum(each.turnover, "before"))
    last = case.moment.as_of.year - 1
    # Accounts of the last year may not be closed yet.
    last = last if last in known or last - 1 not in known else last - 1
    years = [last - back for back in range(min(asked.years or 1, 50))]
    complete = Part.TURNOVER in startup.complete
    reached = [_reached(known.get(year), wanted, case, complete=complete) for year in years]
    facts: dict[str, str | int | float | bool | None] = {"asked": wanted.told(), "years": len(years)}
    settle = profile("turnover", Part.TURNOVER)
    if all(truth is True for truth in reached):
        return verdict(clause, Finding(truth=True, facts=facts), waivable=True)
    if all(truth is False for truth in reached):
        return verdict(clause, Finding(truth=False, facts=facts), waivable=True)
    if None not in reached:
        settle = buyer("turnover.years")
    elif all(year in known for year in years):
        settle = profile("turnover_rate", Part.TURNOVER)
    return verdict(clause, Finding(truth=None, facts=facts, settle=(settle,)), waivable=True)


def _reached(sums: list[Sum] | None, wanted: Sum, case: Case, *, complete: bool) -> Truth:
    if not sums:
        return False if complete else None
    truths = [case.market.at_least(each, wanted) for each in sums]
    if True in truths:
        return True
    return None if None in truths else False


def judge_bond(clause: Clause, case: Case) -> Check | None:
    """The provisional bond against the cash at hand. A hint: a bank may stand for it, so that nobody is shut out."""
    asked = clause.value
    if not isinstance(asked, Money):
        return None
    facts: dict[str, str | int | float | bool | None] = {"asked": asked_sum(asked).told()}
    if asked.amount == 0:
        return verdict(clause, Finding(truth=True, facts=facts, how="none"), effect=Effect.HINT)
    cash = case.startup.cash if case.startup else None
    if cash is None:
        return verdict(clause, Finding(truth=None, facts=facts, settle=(profile("cash"),)), effect=Effect.HINT)
    # Tax is no part of either.
    held, wanted = held_sum(cash, "before"), Sum(asked.amount, asked.currency, "before")
    truth = case.market.at_least(held, wanted)
    return verdict(clause, Finding(truth=truth, facts=facts, settle=(profile("cash_rate"),)), effect=Effect.HINT)
