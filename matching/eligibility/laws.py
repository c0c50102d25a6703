"""Rules judged on a case: when one applies, what it says, and what would settle it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from types import MappingProxyType

from matching.eligibility.case import Case
from matching.eligibility.conditions import Judged, Multiple, Test, both, judge, operand_of, tests
from matching.eligibility.rulebook import InForce, Rule
from matching.eligibility.sums import Range, Sum
from matching.eligibility.verdicts import Check, Effect, Outcome, Settlement, Settler
from matching.eligibility.vocabulary import FactValue
from matching.types import Facts

HOLDS = Judged(truth=True)

_SECTOR = Judged(None, (Settlement(Settler.BUYER, "sector"),))


def outcome_of(judged: Judged) -> Outcome:
    """A truth as the outcome of a check."""
    if judged.truth is None:
        return Outcome.UNKNOWN
    return Outcome.PASS if judged.truth else Outcome.FAIL


def applies(rule: Rule, case: Case) -> Judged:
    """Whether a rule is about this case; procurement law is about public calls only."""
    scope = HOLDS
    if rule.public_only:
        scope = _SECTOR if case.tender.sector is None else Judged(case.tender.sector == "public")
    return both(scope, HOLDS if rule.applies is None else judge(rule.applies, case))


def ground(rule: Rule, case: Case) -> Judged:
    """Whether what a rule gives is given: it applies, and what it requires holds."""
    return both(applies(rule, case), HOLDS if rule.requires is None else judge(rule.requires, case))


def judge_rule(rule: Rule, case: Case) -> Check | None:
    """What a rule says; ``None`` where it doesn't apply, or is a hint or a note that can't be told for sure."""
    about = applies(rule, case)
    if about.truth is False:
        return None
    asked = HOLDS if rule.requires is None else judge(rule.requires, case)
    if rule.effect != "binds" and (about.truth is None or asked.truth is None):
        return None
    if about.truth is None and asked.truth:
        return None
    judged = asked if about.truth else Judged(None, about.settle + asked.settle)
    return said(rule, case, judged)


def said(rule: Rule, case: Case, judged: Judged) -> Check:
    """The check of a rule, with the facts of its sentence."""
    outcome = outcome_of(judged)
    return Check(
        rule=rule.id,
        outcome=outcome,
        message=f"{rule.message}.{outcome}",
        facts=_facts(rule, case),
        kind=rule.kind,
        settle=(rule.settle or tuple(dict.fromkeys(judged.settle))) if outcome is Outcome.UNKNOWN else (),
        citation=rule.citation,
        waivable=rule.waivable,
        effect=Effect(rule.effect) if rule.effect in {"binds", "hint", "note"} else Effect.BINDS,
    )


def belongs(group: str, case: Case, rules: InForce) -> Check:
    """Whether the startup is of a group, by the definition that counts for the call; unknown where none is held."""
    rule = rules.definitions.get(group)
    if rule is None:
        return Check(
            rule="group.undefined",
            outcome=Outcome.UNKNOWN,
            message="eligibility.group.unknown",
            facts=MappingProxyType({"group": group}),
            settle=(Settlement(Settler.BUYER, f"definition_{group}"),),
        )
    member = HOLDS if rule.requires is None else judge(rule.requires, case)
    about = applies(rule, case)
    # Whoever is in by the definition of a law that may not count is not in for sure, nor out.
    return said(rule, case, member if about.truth else Judged(None, about.settle + member.settle))


def _facts(rule: Rule, case: Case) -> Facts:
    """The facts a rule names under their short names, and the first thing one is compared with as ``limit``."""
    found: dict[str, str | int | float | bool | None] = {"group": rule.name} if rule.effect == "defines" else {}
    for test in (*tests(rule.requires), *tests(rule.applies)):
        found.setdefault(test.fact.short, _told(test, test.fact.read(case), case))
        if isinstance(test.operand, Sum | Range | Multiple):
            found.setdefault("limit", _told(test, operand_of(test, case), case))
    return MappingProxyType(found)


def _told(test: Test, value: FactValue | None, case: Case) -> str | int | float | bool | None:
    """Instants as the hour of the call's own zone."""
    if test.fact.type != "instant" or not isinstance(value, Range):
        return _plain(value)
    zone = case.tender.deadline.tzinfo if case.tender.deadline else None
    return dt.datetime.fromtimestamp(float(value.low), zone or dt.UTC).isoformat()


def _plain(value: FactValue | None) -> str | int | float | bool | None:
    match value:
        case Sum():
            return value.told()
        case Range():
            return _number(value.low)
        case frozenset():
            return ", ".join(sorted(value))
        case str():
            return str(value)
        case _:
            return value


def _number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)
