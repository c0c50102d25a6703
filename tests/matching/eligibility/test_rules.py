"""Every rule that ships, with a case in which it holds, one in which it doesn't, and one in which nobody can tell.

A new rule is a change of data and a line here: the last test fails for a rule without examples.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from matching.eligibility.checking import check, the_case
from matching.eligibility.facts import LegalForm, Procedure, StartupFacts, TenderFacts
from matching.eligibility.laws import ground, judge_rule
from matching.eligibility.loading import default_rules
from matching.eligibility.verdicts import Outcome
from matching.requirements.findings import Count as Lots
from matching.requirements.findings import (
    Days,
    Demand,
    Kind,
    Languages,
    Payment,
    Percent,
    Permission,
    References,
    ReservedGroup,
    Turnover,
)
from tests.matching.eligibility.cases import MOMENT, clause, days, eur, mad, startup, tender, turnover

S = startup()


class Examples(NamedTuple):
    """Calls or startups for which a rule holds, doesn't, and is unknown."""

    holds: TenderFacts | StartupFacts
    fails: TenderFacts | StartupFacts
    unknown: TenderFacts | StartupFacts


def publicity(needed: int, **fields: Any) -> Examples:
    return Examples(
        tender(**days(needed), **fields), tender(**days(needed - 1), **fields), tender(published=None, **fields)
    )


def ceiling(procedure: Procedure, most: int, above: int) -> Examples:
    """Estimates of the portal include tax: 20 % above the ceiling is the last that surely lies below it."""
    return Examples(
        tender(procedure=procedure, value=mad(most, tax=True)),
        tender(procedure=procedure, value=mad(above, tax=False)),
        tender(procedure=procedure, value=mad(above + above // 10, tax=True)),
    )


def of(kind: Kind, holds: Any, fails: Any, **fields: Any) -> Examples:
    return Examples(tender(clause(kind, holds), **fields), tender(clause(kind, fails), **fields), tender(**fields))


def invited(procedure: Procedure, needed: int) -> Examples:
    ids = [frozenset(str(n) for n in range(count)) for count in (needed, needed - 1)]
    return Examples(*(tender(procedure=procedure, invited=who) for who in (*ids, None)))


def reserved(group: ReservedGroup) -> Examples:
    return Examples(tender(reserved=frozenset({group})), tender(reserved=frozenset()), tender())


FR: dict[str, Any] = {"country": "FR"}
NO_REFERENCES = References(required=False)
FILED = (Demand("required"), Demand("refused"))

EXAMPLES: dict[str, Examples] = {
    "call.deadline": Examples(
        tender(), tender(deadline=dt.datetime(2026, 11, 21, tzinfo=dt.UTC)), tender(deadline=None)
    ),
    "ma.restricted.invitation": Examples(
        tender(procedure=Procedure.RESTRICTED, invited=frozenset({"S"})),
        tender(procedure=Procedure.RESTRICTED, invited=frozenset({"X"})),
        tender(procedure=Procedure.RESTRICTED),
    ),
    "group.cooperative": Examples(
        startup(legal_form=LegalForm.COOPERATIVE), startup(legal_form=LegalForm.COMPANY), startup()
    ),
    "group.auto-entrepreneur": Examples(
        startup(legal_form=LegalForm.AUTO_ENTREPRENEUR), startup(legal_form=LegalForm.COMPANY), startup()
    ),
    "lane.no-references": of(Kind.REFERENCES, NO_REFERENCES, References()),
    "lane.reserved-sme": reserved(ReservedGroup.SME),
    "lane.reserved-innovative": reserved(ReservedGroup.INNOVATIVE),
    "lane.reserved-cooperative": reserved(ReservedGroup.COOPERATIVE),
    "lane.reserved-auto-entrepreneur": reserved(ReservedGroup.AUTO_ENTREPRENEUR),
    "ma.open.publicity": publicity(21, procedure=Procedure.OPEN),
    "ma.open.publicity-international": publicity(40, procedure=Procedure.OPEN, international=True),
    "ma.simplified.publicity": publicity(10, procedure=Procedure.SIMPLIFIED),
    "ma.restricted.publicity": publicity(10, procedure=Procedure.RESTRICTED),
    "ma.preselection.publicity": publicity(15, procedure=Procedure.PRESELECTION),
    "ma.dialogue.publicity": publicity(15, procedure=Procedure.DIALOGUE),
    "ma.simplified.ceiling": ceiling(Procedure.SIMPLIFIED, 1_000_000, 1_000_001),
    "ma.simplified.references": of(Kind.REFERENCES, NO_REFERENCES, References(), procedure=Procedure.SIMPLIFIED),
    "ma.restricted.ceiling": ceiling(Procedure.RESTRICTED, 4_999_999, 5_000_000),
    "ma.restricted.invited": invited(Procedure.RESTRICTED, 3),
    "ma.dialogue.admitted": invited(Procedure.DIALOGUE, 2),
    "ma.negotiated.cases": Examples(
        tender(procedure=Procedure.NEGOTIATED), tender(procedure=Procedure.OPEN), tender(procedure=None)
    ),
    "ma.purchase-order.ceiling": ceiling(Procedure.PURCHASE_ORDER, 500_000, 500_001),
    "ma.purchase-order.electronic": of(Kind.ELECTRONIC_FILING, *FILED, procedure=Procedure.PURCHASE_ORDER),
    "ma.electronic": of(Kind.ELECTRONIC_FILING, *FILED, procedure=Procedure.OPEN),
    "ma.unsolicited": Examples(
        tender(procedure=Procedure.UNSOLICITED), tender(procedure=Procedure.OPEN), tender(procedure=None)
    ),
    "ma.reserve": reserved(ReservedGroup.SME),
    "ma.preference": of(Kind.PREFERENCE, Percent(Decimal(15)), Percent(Decimal(16))),
    "ma.consortium": of(Kind.CONSORTIUM, Permission(allowed=True), Permission(allowed=False)),
    "ma.bond.definitive": of(
        Kind.PAYMENT, Payment(definitive_bond_percent=Decimal(3)), Payment(definitive_bond_percent=Decimal(4))
    ),
    "ma.retention": of(Kind.PAYMENT, Payment(retention_percent=Decimal(7)), Payment(retention_percent=Decimal(10))),
    "ma.file": of(Kind.REFERENCES, References(), NO_REFERENCES, procedure=Procedure.OPEN),
    "ma.validity": of(Kind.VALIDITY, Days(60), Days(90)),
    "ma.language": of(Kind.LANGUAGE, Languages(("fr",)), Languages(("en", "fr"))),
    "ma.currency": Examples(tender(value=mad(5)), tender(value=eur(5)), tender()),
    "ma.group.micro": Examples(
        startup(turnover=turnover(10_000_000)), startup(turnover=turnover(10_000_001)), startup()
    ),
    "ma.group.sme": Examples(
        startup(turnover=turnover(200_000_000)),
        startup(turnover=turnover(200_000_001)),
        startup(turnover=turnover(19_000_000, currency="EUR")),  # about 205 million dirhams: the rate of the day tells
    ),
    "ma.lane.simplified": Examples(
        tender(procedure=Procedure.SIMPLIFIED), tender(procedure=Procedure.OPEN), tender(procedure=None)
    ),
    "ma.lane.purchase-order": Examples(
        tender(procedure=Procedure.PURCHASE_ORDER), tender(procedure=Procedure.OPEN), tender(procedure=None)
    ),
    "eu.turnover": Examples(
        tender(clause(Kind.TURNOVER, Turnover(Decimal(200), "EUR")), value=eur(100), **FR),
        tender(clause(Kind.TURNOVER, Turnover(Decimal(201), "EUR")), value=eur(100), **FR),
        tender(clause(Kind.TURNOVER, Turnover(Decimal(190), "EUR")), value=eur(100, tax=True), **FR),
    ),
    "eu.lots": of(Kind.LOTS, Lots(2), Lots(1), **FR),
    "eu.group.sme": Examples(
        startup(employees=249, turnover=turnover(50_000_000, currency="EUR")),
        startup(employees=250, turnover=turnover(1, currency="EUR")),
        startup(employees=249, turnover=turnover(50_000_001, currency="EUR")),  # the balance sheet may still do
    ),
    "fr.innovation": Examples(tender(value=eur(99_999), **FR), tender(value=eur(100_000), **FR), tender(**FR)),
}

NEVER_UNKNOWN: dict[str, tuple[TenderFacts | StartupFacts, ...]] = {
    "ma.bond.provisional": (tender(clause(Kind.BOND, mad(10_000))), tender()),
}

NEVER_FALSE: dict[str, tuple[TenderFacts | StartupFacts, ...]] = {
    # Nobody is known not to be innovative or social.
    "group.innovative": (startup(labels=("Label Jeune entreprise innovante",)), S),
    "group.social": (startup(legal_form=LegalForm.ASSOCIATION), S),
}

RULES = default_rules()
IDS = sorted({rule.id for rule in RULES.rules})


def truth(rule_id: str, example: TenderFacts | StartupFacts) -> bool | None:
    rule = next(rule for rule in RULES.rules if rule.id == rule_id)
    country = next((pack.countries for pack in RULES.packs if rule in pack.rules and pack.countries), {"MA"})
    call = example if isinstance(example, TenderFacts) else tender(country=min(country))
    case, in_force = the_case(call, example if isinstance(example, StartupFacts) else S, RULES, MOMENT)
    assert rule in (*in_force.checks, *in_force.lanes, *in_force.definitions.values())
    told = judge_rule(rule, case) if rule.effect in {"binds", "hint", "note"} else None
    found = ground(rule, case)
    assert (found.truth is None) == bool(found.settle), "an unknown, and only that, says what would settle it"
    if rule.effect in {"binds", "hint"}:
        outcome = {True: Outcome.PASS, False: Outcome.FAIL, None: Outcome.UNKNOWN}[found.truth]
        assert (told.outcome if told else None) == (None if outcome == "unknown" and rule.effect == "hint" else outcome)
    if rule.effect == "note":
        assert (told is not None) == (found.truth is True)
    return found.truth


@pytest.mark.parametrize("rule_id", sorted(EXAMPLES))
def test_a_rule_holds_fails_and_is_unknown(rule_id: str) -> None:
    holds, fails, unknown = (truth(rule_id, example) for example in EXAMPLES[rule_id])
    assert (holds, fails, unknown) == (True, False, None)


@pytest.mark.parametrize("rule_id", sorted(NEVER_FALSE))
def test_what_is_never_false_holds_or_is_unknown(rule_id: str) -> None:
    assert [truth(rule_id, example) for example in NEVER_FALSE[rule_id]] == [True, None]


@pytest.mark.parametrize("rule_id", sorted(NEVER_UNKNOWN))
def test_what_asks_whether_something_is_known_is_never_unknown(rule_id: str) -> None:
    assert [truth(rule_id, example) for example in NEVER_UNKNOWN[rule_id]] == [True, False]


def test_each_rule_has_its_examples() -> None:
    assert sorted({*EXAMPLES, *NEVER_FALSE, *NEVER_UNKNOWN}) == IDS


@pytest.mark.parametrize("rule_id", [rule.id for rule in RULES.rules if rule.public_only])
def test_procurement_law_says_nothing_of_private_calls(rule_id: str) -> None:
    rule = next(rule for rule in RULES.rules if rule.id == rule_id)
    for example in (EXAMPLES | NEVER_FALSE | NEVER_UNKNOWN)[rule_id]:
        call = replace(example if isinstance(example, TenderFacts) else tender(), sector="private")
        case, _ = the_case(call, S, RULES, MOMENT)
        assert ground(rule, case).truth is False


def test_a_call_of_unknown_sector_leaves_what_the_law_would_refuse_unknown() -> None:
    call = tender(sector=None, procedure=Procedure.SIMPLIFIED, value=mad(3_000_000, tax=False))
    rule = next(rule for rule in RULES.rules if rule.id == "ma.simplified.ceiling")
    case, _ = the_case(call, S, RULES, MOMENT)
    found = ground(rule, replace(case, tender=replace(call, value=mad(1))))
    assert found.truth is None
    assert [each.what for each in found.settle] == ["sector"]
    assert judge_rule(rule, case) is None


@pytest.mark.parametrize(("day", "known"), [(dt.date(2023, 8, 31), False), (dt.date(2023, 9, 1), True)])
def test_the_decree_counts_from_its_first_day(day: dt.date, known: bool) -> None:
    published = dt.datetime.combine(day, dt.time(9), dt.UTC)
    call = tender(published=published, deadline=published + dt.timedelta(days=5), procedure=Procedure.SIMPLIFIED)
    found = check(call, S, RULES, MOMENT)
    assert ("ma.simplified.publicity" in {each.rule for each in found.checks}) is known


def test_without_a_day_of_publication_the_day_of_the_question_picks_the_law() -> None:
    call = tender(published=None, procedure=Procedure.NEGOTIATED)
    assert "ma.negotiated.cases" in {each.rule for each in check(call, S, RULES, MOMENT).checks}
