"""Papers of the administrative file that end before the deadline: to be renewed in time."""

from __future__ import annotations

from types import MappingProxyType

from matching.eligibility.case import Case
from matching.eligibility.clauses.verdict import NO_STARTUP
from matching.eligibility.verdicts import Check, Effect, Outcome


def judge_papers(case: Case) -> list[Check]:
    """A hint for each paper held that is no longer valid on the last day for bids."""
    if case.last_day is None:
        return []
    return [
        Check(
            rule="document.expiry",
            outcome=Outcome.FAIL,
            message="eligibility.document.fail",
            facts=MappingProxyType({"kind": paper.kind, "expires": paper.expires.isoformat()}),
            effect=Effect.HINT,
        )
        for paper in (case.startup or NO_STARTUP).documents
        if paper.expires is not None and paper.expires < case.last_day
    ]
