"""A call put to a whole pool: each check asked once of every kind of startup that it can tell apart.

Nothing of the rules is written down a second time here. What is known here is only which facts a check looks at
(``tests/matching/openness`` holds every pair against ``matching.eligibility.check``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from matching.eligibility.case import Case, lot_of
from matching.eligibility.checking import the_case
from matching.eligibility.clauses import JUDGED, judge_clause, judge_reservation
from matching.eligibility.facts import Clause, Moment, TenderFacts
from matching.eligibility.laws import judge_rule
from matching.eligibility.rulebook import InForce, RuleBook
from matching.eligibility.verdicts import Check, Effect
from matching.openness.columns import agreeing
from matching.openness.evidence import evidence_keys
from matching.openness.grades import GRADE_OF, PASS, Codes, Grades, whole_of
from matching.openness.laws import LawKeys
from matching.openness.pool import Pool
from matching.requirements.findings import Kind, Reservation


@dataclass(frozen=True, slots=True)
class Item:
    """One binding check of a call and what it says of each startup asked. ``clause``: the clause it judged, if one."""

    rule: str
    clause: Clause | None
    lot: str | None
    grades: Grades


class Inquiry:
    """Calls put to some rows of a pool, at one moment, under one book of rules."""

    def __init__(self, pool: Pool, rows: npt.NDArray[np.intp], rules: RuleBook, moment: Moment) -> None:
        self.pool = pool
        self.rows = rows
        self._rules = rules
        self._moment = moment
        self._laws = LawKeys(pool)
        self._kept: dict[tuple[Clause, object], Item | None] = {}

    def items(self, tender: TenderFacts) -> list[Item]:
        """The binding checks of a call on each of the rows."""
        case, in_force = the_case(tender, None, self._rules, self._moment)
        found = [self._rule(rule.id, self._laws.of_rule(rule, case), _by(judge_rule, rule), case)
                 for rule in in_force.checks if rule.effect == "binds"]  # fmt: skip
        found += [item for clause in tender.clauses if (item := self._clause(clause, case, in_force)) is not None]
        if tender.reserved is not None and not case.clauses(Kind.RESERVED):
            groups = tuple(tender.reserved)
            keys = self._laws.of_groups(groups, in_force, case)
            found.append(
                self._rule("clause.reserved", keys, lambda one: judge_reservation(groups, one, in_force), case)
            )
        return found

    def outcomes(self, tender: TenderFacts, items: Sequence[Item]) -> Grades:
        """What the checks come to for each of the rows."""
        parts = [(item.lot, item.grades) for item in items]
        return whole_of(parts, [lot.id for lot in tender.lots], len(self.rows))

    def _rule(self, rule: str, keys: Codes, ask: Callable[[Case], Check | None], case: Case) -> Item:
        return Item(rule, None, None, self._asked(keys, ask, case))

    def _clause(self, clause: Clause, case: Case, in_force: InForce) -> Item | None:
        context = (case.tender.deadline, case.tender.published, case.tender.trades, case.tender.lots)
        if (clause, context) not in self._kept:
            self._kept[clause, context] = self._judged(clause, case, in_force)
        return self._kept[clause, context]

    def _judged(self, clause: Clause, case: Case, in_force: InForce) -> Item | None:
        if clause.kind is Kind.RESERVED:
            groups = clause.value.groups if isinstance(clause.value, Reservation) else ()
            keys = self._laws.of_groups(groups, in_force, case)
        elif clause.kind in JUDGED and clause.kind is not Kind.BOND:
            keys = evidence_keys(self.pool, clause, case, in_force)
        else:
            return None
        grades = self._asked(keys, lambda one: judge_clause(clause, one, in_force), case)
        return Item(f"clause.{clause.kind}", clause, lot_of(clause), grades)

    def _asked(self, keys: Codes, ask: Callable[[Case], Check | None], case: Case) -> Grades:
        """The answer for one startup of each key, given to all that have it."""
        rows, number = agreeing(keys[self.rows])
        startups = self.pool.startups
        told = [_grade(ask(replace(case, startup=startups[self.rows[row]]))) for row in rows]
        grades: Grades = np.array(told, dtype=np.int8)[number]
        return grades


def _by(judge: Callable[..., Check | None], rule: object) -> Callable[[Case], Check | None]:
    return lambda case: judge(rule, case)


def _grade(check: Check | None) -> int:
    """What doesn't bind shuts nobody out."""
    return PASS if check is None or check.effect is not Effect.BINDS else GRADE_OF[check.outcome]
