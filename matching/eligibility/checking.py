"""``check``: every rule and every clause of a call on one startup, and what they come to."""

from __future__ import annotations

from types import MappingProxyType

from matching.eligibility.case import Case, law_day
from matching.eligibility.clauses import judge_clause, judge_reservation
from matching.eligibility.clauses.papers import judge_papers
from matching.eligibility.facts import Moment, StartupFacts, TenderFacts
from matching.eligibility.laws import belongs, judge_rule
from matching.eligibility.rulebook import InForce, RuleBook
from matching.eligibility.sums import Market
from matching.eligibility.verdicts import Check, Effect, Eligibility, Outcome, joined
from matching.requirements.findings import Kind


def check(tender: TenderFacts, startup: StartupFacts, rules: RuleBook, moment: Moment) -> Eligibility:
    """May this startup bid for this call? Rules are those of the call's country on the day it was published.

    Checks come in a fixed order: those that fail first, then the unknown, then those that pass.
    """
    case, in_force = the_case(tender, startup, rules, moment)
    checks = [found for rule in in_force.checks if (found := judge_rule(rule, case)) is not None]
    for clause in tender.clauses:
        found = judge_clause(clause, case, in_force)
        if found is not None:
            checks.append(found)
    if tender.reserved is not None and not case.clauses(Kind.RESERVED):
        checks.append(judge_reservation(tuple(tender.reserved), case, in_force))
    checks += judge_papers(case)
    whole, by_lot = _outcomes(tender, checks)
    return Eligibility(tender.id, startup.id, whole, tuple(sorted(checks, key=_place)), MappingProxyType(by_lot))


def groups_of(
    tender: TenderFacts, startup: StartupFacts, rules: RuleBook, moment: Moment
) -> MappingProxyType[str, Check]:
    """The groups a startup belongs to by the law of a call (small firms, cooperatives ...), each with its check."""
    case, in_force = the_case(tender, startup, rules, moment)
    return MappingProxyType({group: belongs(group, case, in_force) for group in sorted(in_force.definitions)})


def the_case(
    tender: TenderFacts, startup: StartupFacts | None, rules: RuleBook, moment: Moment
) -> tuple[Case, InForce]:
    """The case to judge and the rules in force for it."""
    in_force = rules.in_force(tender.country, law_day(tender, moment))
    return Case(tender, startup, moment, Market.of(moment, in_force.highest_tax)), in_force


def _outcomes(tender: TenderFacts, checks: list[Check]) -> tuple[Outcome, dict[str, Outcome]]:
    binding = [each for each in checks if each.effect is Effect.BINDS]
    whole = joined(tuple(each.outcome for each in binding if each.lot is None))
    lots = {lot.id for lot in tender.lots}
    # A lot that only clauses name may be any of those listed, or be one of more than are known.
    stray = joined(tuple(each.outcome for each in binding if each.lot is not None and each.lot not in lots))
    if stray is Outcome.FAIL:
        stray = Outcome.UNKNOWN
    by_lot = {
        lot.id: joined((whole, stray, *(each.outcome for each in binding if each.lot == lot.id))) for lot in tender.lots
    }
    return max(by_lot.values(), key=_RANK.__getitem__, default=joined((whole, stray))), by_lot


_RANK = {Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.PASS: 2}


def _place(each: Check) -> tuple[bool, int, str, str, str]:
    return each.effect is not Effect.BINDS, _RANK[each.outcome], each.rule, each.lot or "", each.clause or ""
