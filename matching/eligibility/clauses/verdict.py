"""How judges of clauses write down what they found."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from matching.eligibility.case import lot_of
from matching.eligibility.facts import Clause, Part, StartupFacts
from matching.eligibility.sums import Truth
from matching.eligibility.verdicts import Check, Effect, Outcome, Settlement, Settler

NO_STARTUP = StartupFacts("")


@dataclass(frozen=True, slots=True)
class Finding:
    """The truth of a clause; ``how`` picks the sentence where an outcome has several (``fail.expired``)."""

    truth: Truth
    facts: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    settle: tuple[Settlement, ...] = ()
    how: str = ""


def verdict(clause: Clause, found: Finding, *, waivable: bool = False, effect: Effect = Effect.BINDS) -> Check:
    """The check of a clause, with the sentence ``eligibility.<kind>.<outcome>``."""
    outcome = Outcome.UNKNOWN if found.truth is None else Outcome.PASS if found.truth else Outcome.FAIL
    key = f"eligibility.{clause.kind}.{outcome}"
    return Check(
        rule=f"clause.{clause.kind}",
        outcome=outcome,
        message=f"{key}.{found.how}" if found.how else key,
        facts=MappingProxyType(found.facts),
        kind=clause.kind,
        clause=clause.id,
        lot=lot_of(clause),
        settle=found.settle if outcome is Outcome.UNKNOWN else (),
        waivable=waivable,
        effect=effect,
    )


def profile(what: str, part: Part | None = None) -> Settlement:
    """Something that the startup can say of itself."""
    return Settlement(Settler.PROFILE, what, part)


def buyer(what: str) -> Settlement:
    """A question to the buyer."""
    return Settlement(Settler.BUYER, what)
