"""Calls reserved for some kinds of firms: every member of a consortium must be of one of them."""

from __future__ import annotations

from dataclasses import replace

from matching.eligibility.case import Case, lot_of
from matching.eligibility.facts import Clause
from matching.eligibility.laws import belongs
from matching.eligibility.rulebook import InForce
from matching.eligibility.verdicts import Check, Outcome
from matching.requirements.findings import Kind, Reservation, ReservedGroup


def judge_reserved(clause: Clause, case: Case, rules: InForce) -> Check | None:
    """The reservation that a text states."""
    if not isinstance(clause.value, Reservation):
        return None
    found = judge_reservation(clause.value.groups, case, rules)
    return replace(found, clause=clause.id, lot=lot_of(clause))


def judge_reservation(groups: tuple[ReservedGroup, ...], case: Case, rules: InForce) -> Check:
    """Belongs to one of the groups, by their definitions where the call is; the citation is that of the definition
    that decided.
    """
    told = [belongs(group, case, rules) for group in sorted(groups)]
    facts = {"groups": ", ".join(sorted(groups))}
    if not told:
        return Check("clause.reserved", Outcome.PASS, "eligibility.reserved.pass.none", facts, Kind.RESERVED)
    best = max(told, key=lambda each: _RANK[each.outcome])
    open_ones = [each for each in told if each.outcome is Outcome.UNKNOWN]
    return Check(
        rule="clause.reserved",
        outcome=best.outcome,
        message=f"eligibility.reserved.{best.outcome}",
        facts={**facts, "group": groups[0] if len(groups) == 1 else None},
        kind=Kind.RESERVED,
        settle=tuple(dict.fromkeys(s for each in open_ones for s in each.settle))
        if best.outcome is Outcome.UNKNOWN
        else (),
        citation=best.citation,
    )


_RANK = {Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.PASS: 2}
