"""Small worlds to plan in; every firm and call in them is made up."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from matching.eligibility.facts import Clause, Moment, StartupFacts, TenderFacts
from matching.eligibility.verdicts import Check, Eligibility, Outcome, joined
from matching.planning.readiness import Timing
from matching.planning.working_days import WorkingDays
from matching.requirements.findings import Certificate, Kind, Money, References, Scheme

CASABLANCA = ZoneInfo("Africa/Casablanca")
NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
TIMING = Timing(Moment(NOW), WorkingDays())
DEADLINE = dt.datetime(2026, 12, 21, 10, tzinfo=CASABLANCA)
BOND = Clause("bond", Kind.BOND, Money(Decimal(20_000), "MAD"))
REFERENCES = Clause("references", Kind.REFERENCES, References(count=2))
ISO = Clause("certificate:iso-9001", Kind.CERTIFICATE, Certificate("ISO 9001", Scheme.ISO))
STARTUP = StartupFacts("s1", country="MA")


def call(*clauses: Clause, **more: object) -> TenderFacts:
    """An open public call in Morocco that asks these clauses."""
    facts: dict[str, object] = {
        "country": "MA", "sector": "public", "buyer": "Commune fictive", "deadline": DEADLINE,
        "value": Money(Decimal(1_000_000), "MAD"),
    }  # fmt: skip
    return TenderFacts("t1", clauses=clauses, **(facts | more))  # type: ignore[arg-type]


def judged(*checks: Check) -> Eligibility:
    """The eligibility that these checks make."""
    return Eligibility("t1", "s1", joined(tuple(check.outcome for check in checks)), checks)


def check_of(clause: Clause, outcome: Outcome, **facts: str) -> Check:
    """The verdict on one clause, which a partner may settle."""
    return Check(
        f"clause.{clause.kind}", outcome, "eligibility.x", facts, kind=clause.kind, clause=clause.id, lot=clause.lot,
        waivable=True,
    )  # fmt: skip
