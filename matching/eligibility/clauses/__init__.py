"""The call's own terms, judged by kind: one small function each, one file per family.

A clause of a kind that asks nothing of who bids (weights, payment, lots ...) has no function and makes no check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

from matching.eligibility.case import DOUBTFUL, Case
from matching.eligibility.clauses.certificates import judge_certificate
from matching.eligibility.clauses.means import judge_bond, judge_turnover
from matching.eligibility.clauses.people import judge_equipment, judge_team
from matching.eligibility.clauses.places import judge_languages, judge_presence, judge_visit
from matching.eligibility.clauses.references import judge_references
from matching.eligibility.clauses.reserved import judge_reservation, judge_reserved
from matching.eligibility.facts import Clause
from matching.eligibility.rulebook import InForce
from matching.eligibility.verdicts import Check, Outcome, Settlement, Settler
from matching.requirements.findings import Kind

__all__ = ["JUDGED", "judge_clause", "judge_reservation"]

Judge: TypeAlias = Callable[[Clause, Case], Check | None]

JUDGED: Mapping[Kind, Judge] = MappingProxyType(
    {
        Kind.BOND: judge_bond,
        Kind.TURNOVER: judge_turnover,
        Kind.REFERENCES: judge_references,
        Kind.CERTIFICATE: judge_certificate,
        Kind.TEAM: judge_team,
        Kind.EQUIPMENT: judge_equipment,
        Kind.LOCAL_PRESENCE: judge_presence,
        Kind.LANGUAGE: judge_languages,
        Kind.SITE_VISIT: judge_visit,
    }
)


def judge_clause(clause: Clause, case: Case, rules: InForce) -> Check | None:
    """The check of one clause; ``None`` where it asks nothing of who bids."""
    judge = JUDGED.get(clause.kind)
    if clause.kind is Kind.RESERVED:
        found = judge_reserved(clause, case, rules)
    else:
        found = None if judge is None else judge(clause, case)
    if found is None or found.outcome is not Outcome.FAIL or clause.confidence >= DOUBTFUL:
        return found
    key = f"eligibility.{clause.kind}.unknown"
    return replace(
        found, outcome=Outcome.UNKNOWN, message=key, settle=(Settlement(Settler.DOCUMENT, clause.kind.value),)
    )
