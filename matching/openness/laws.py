"""Rules and reservations over a pool: startups that agree in every test a rule makes get one verdict from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from matching.eligibility.case import Case
from matching.eligibility.conditions import Multiple, Test, judge, tests
from matching.eligibility.facts import StartupFacts, YearTurnover
from matching.eligibility.rulebook import InForce, Rule
from matching.openness.grades import Codes, Grades, grade_of_truth
from matching.openness.pool import Aspect, Pool
from matching.requirements.findings import ReservedGroup
from matching.types import Amount

_OF_STARTUPS = "startup."
_SOME_YEAR = 2000
_BY_ASPECT: dict[str, Aspect] = {
    "startup.country": "country",
    "startup.legal_form": "legal_form",
    "startup.employees": "employees",
    "startup.age_years": "founded",
    "startup.labels": "labels",
    "startup.innovation_label": "labels",
}


class LawKeys:
    """Numbers for a pool's startups that are equal only where a rule can't tell them apart."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: dict[int, tuple[Test, Grades]] = {}

    def of_rule(self, rule: Rule, case: Case) -> Codes:
        """By what a rule tests."""
        return self._keys((*tests(rule.applies), *tests(rule.requires)), case)

    def of_groups(self, groups: Iterable[ReservedGroup], rules: InForce, case: Case) -> Codes:
        """By what the definitions of groups test."""
        defined = [rules.definitions[group] for group in sorted(groups) if group in rules.definitions]
        return self._keys([test for rule in defined for test in (*tests(rule.applies), *tests(rule.requires))], case)

    def _keys(self, asked: Iterable[Test], case: Case) -> Codes:
        keys = np.zeros(len(self._pool), dtype=np.int64)
        for test in asked:
            if _of_startup(test):
                keys = keys * 3 + self._graded(test, case)
        return keys

    def _graded(self, test: Test, case: Case) -> Grades:
        if isinstance(test.operand, Multiple) or test.fact.name == "startup.invited":
            return _graded(self._pool, test, case)
        known = self._kept.get(id(test))
        if known is None:
            known = (test, _graded(self._pool, test, case))
            self._kept[id(test)] = known
        return known[1]


def _of_startup(test: Test) -> bool:
    operand = test.operand.fact.name if isinstance(test.operand, Multiple) else ""
    return test.fact.name.startswith(_OF_STARTUPS) or operand.startswith(_OF_STARTUPS)


def _graded(pool: Pool, test: Test, case: Case) -> Grades:
    def grade(startup: StartupFacts) -> int:
        return grade_of_truth(judge(test, replace(case, startup=startup)).truth)

    mixed = isinstance(test.operand, Multiple) and test.operand.fact.name.startswith(_OF_STARTUPS)
    aspect = _BY_ASPECT.get(test.fact.name)
    if mixed:
        return np.array([grade(each) for each in pool.startups], dtype=np.int8)
    if aspect is not None:
        return pool.alike[aspect].graded(grade)
    if test.fact.name == "startup.turnover":
        return pool.turnover.latest.graded(_of_amount(grade, _with_turnover))
    if test.fact.name == "startup.balance_sheet":
        return pool.balance.graded(_of_amount(grade, lambda amount: StartupFacts("", balance_sheet=amount)))
    if test.fact.name == "startup.invited":
        return _invited(pool, case, grade)
    return np.array([grade(each) for each in pool.startups], dtype=np.int8)


def _of_amount(
    grade: Callable[[StartupFacts], int], of: Callable[[Amount], StartupFacts]
) -> Callable[[Amount | None], int]:
    return lambda amount: grade(StartupFacts("") if amount is None else of(amount))


def _with_turnover(amount: Amount) -> StartupFacts:
    return StartupFacts("", turnover=(YearTurnover(_SOME_YEAR, amount),))


def _invited(pool: Pool, case: Case, grade: Callable[[StartupFacts], int]) -> Grades:
    told = np.full(len(pool), grade(StartupFacts("")), dtype=np.int8)
    for row in pool.rows(case.tender.invited or ()):
        told[row] = grade(StartupFacts(pool.startups[row].id))
    return told
