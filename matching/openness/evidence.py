"""What a clause can tell apart in the evidence of a pool's startups, as one number for each of them.

What a single certificate or reference counts for is asked of the rules themselves, by a startup with nothing else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from matching.eligibility.case import Case
from matching.eligibility.clauses import judge_clause
from matching.eligibility.facts import Clause, HeldCertificate, HeldReference, Part, StartupFacts
from matching.eligibility.rulebook import InForce
from matching.eligibility.sums import Sum, held_sum
from matching.openness.columns import agreeing
from matching.openness.grades import FAIL, GRADE_OF, PASS, UNKNOWN, Codes, Grades, grade_of_truth
from matching.openness.pool import NO_DAY, Aspect, Pool, ReferenceColumns
from matching.requirements.findings import Certificate, Kind, References, Turnover
from matching.types import Amount

_ASPECT_OF: dict[Kind, Aspect] = {
    Kind.TEAM: "team",
    Kind.EQUIPMENT: "equipment",
    Kind.LOCAL_PRESENCE: "regions",
    Kind.LANGUAGE: "languages",
}
_MOST_YEARS = 24
"""Years of turnover that fit into one number; whoever tells more is asked by itself."""

_EXPIRED = 3
"""A class of certificates beside the three grades: the one that is asked, but no longer valid."""


def evidence_keys(pool: Pool, clause: Clause, case: Case, rules: InForce) -> Codes:
    """Equal for two startups only if the clause says the same of both."""
    asked = clause.value
    # The doubt about a passage is no doubt about what is held.
    probe = Probe(replace(clause, confidence=1.0), case, rules)
    if clause.kind in _ASPECT_OF:
        return pool.alike[_ASPECT_OF[clause.kind]].codes
    if isinstance(asked, Certificate):
        return _certificate_keys(pool, probe)
    if isinstance(asked, References):
        return _reference_keys(pool, probe, asked)
    if isinstance(asked, Turnover):
        return _turnover_keys(pool, asked, case)
    return np.zeros(len(pool), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Probe:
    """One clause, put to startups that have nothing but one piece of evidence."""

    clause: Clause
    case: Case
    rules: InForce

    def grade(self, startup: StartupFacts) -> int:
        """What the clause says of it."""
        found = judge_clause(self.clause, replace(self.case, startup=startup), self.rules)
        return PASS if found is None else GRADE_OF[found.outcome]

    def certificate(self, held: HeldCertificate) -> int:
        """What one certificate counts for."""
        first = self.grade(StartupFacts("", certificates=(held,)))
        if first == FAIL:
            return _EXPIRED
        if first == PASS:
            return PASS
        return self.grade(StartupFacts("", certificates=(held,), complete=frozenset({Part.CERTIFICATES})))

    def reference(self, held: HeldReference, asked: References) -> int:
        """What one reference counts for, of what is asked."""
        clause = replace(self.clause, value=replace(asked, required=True, count=1))
        probe = replace(self, clause=clause)
        return probe.grade(StartupFacts("", references=(held,), complete=frozenset({Part.REFERENCES})))


def _certificate_keys(pool: Pool, probe: Probe) -> Codes:
    """By whether one is held that will do, that may do, that has ended; and whether all are told."""
    held, case = pool.certificates, probe.case
    days = [day.toordinal() for day in (case.last_day, case.moment.as_of.date()) if day is not None]
    since = np.where(held.expires == NO_DAY, 1, 0)
    for day in days:
        since = since * 2 + (held.expires >= day)
    rows, number = agreeing(held.kinds.codes * 8 + since)
    told = [probe.certificate(_certificate(pool, int(row))) for row in rows]
    classes = np.array(told, dtype=np.int64)[number]
    return held.entries.having(classes, 4) * 2 + held.complete


def _certificate(pool: Pool, row: int) -> HeldCertificate:
    held, day = pool.certificates, int(pool.certificates.expires[row])
    kind = held.kinds.values[int(held.kinds.codes[row])]
    return replace(kind, expires=None if day == NO_DAY else dt.date.fromordinal(day))


def _reference_keys(pool: Pool, probe: Probe, asked: References) -> Codes:
    """By how many references count for sure, how many may, and whether all are told."""
    held = pool.references
    if not asked.required:
        return np.zeros(len(pool), dtype=np.int64)
    grades = _reference_grades(held, probe, asked)
    sure, open_ = held.entries.counted(grades == PASS), held.entries.counted(grades == UNKNOWN)
    return (sure * (int(open_.max(initial=0)) + 1) + open_) * 2 + held.complete


def _reference_grades(held: ReferenceColumns, probe: Probe, asked: References) -> Grades:
    """What each reference counts for: the least of what each of its aspects does."""
    plain = replace(asked, similar=False, years=None, amount=None)

    def trades(told: frozenset[str]) -> int:
        one = HeldReference("", trades=told, attested=True)
        return probe.reference(one, replace(plain, similar=asked.similar))

    def day(told: dt.date | None) -> int:
        return probe.reference(HeldReference("", date=told, attested=True), replace(plain, years=asked.years))

    def value(told: Amount | None) -> int:
        return probe.reference(HeldReference("", value=told, attested=True), replace(plain, amount=asked.amount))

    def attested(told: bool | None) -> int:
        return probe.reference(HeldReference("", attested=told), plain)

    aspects = (
        held.trades.graded(trades),
        held.days.graded(day),
        held.values.graded(value),
        held.attested.graded(attested),
    )
    least: Grades = np.minimum.reduce(aspects)
    return least


def _turnover_keys(pool: Pool, asked: Turnover, case: Case) -> Codes:
    """By the years that are told, whether each reaches what is asked, and whether all are told."""
    held = pool.turnover
    wanted = Sum(asked.amount, asked.currency, "before")

    def grade(amount: Amount | None) -> int:
        return UNKNOWN if amount is None else grade_of_truth(case.market.at_least(held_sum(amount, "before"), wanted))

    reached = held.amounts.graded(grade).astype(np.int64)
    few = held.place < _MOST_YEARS
    digits = np.zeros(len(pool), dtype=np.int64)
    np.add.at(digits, held.entries.rows[few], reached[few] * 3 ** held.place[few])
    keys = (digits * len(held.patterns.values) + held.patterns.codes) * 2 + held.complete
    many = np.unique(held.entries.rows[~few])
    keys[many] = -1 - many
    return keys
