"""The call's own terms, kind by kind."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from matching.eligibility.checking import check
from matching.eligibility.facts import (
    Clause,
    HeldCertificate,
    HeldDocument,
    LegalForm,
    LotFacts,
    Member,
    Part,
    StartupFacts,
    TenderFacts,
)
from matching.eligibility.loading import default_rules
from matching.eligibility.verdicts import Check, Effect, Outcome
from matching.requirements.findings import (
    Certificate,
    Equipment,
    Event,
    Kind,
    Languages,
    Presence,
    References,
    Reservation,
    ReservedGroup,
    Scheme,
    Team,
    Turnover,
)
from matching.types import Amount
from tests.matching.eligibility.cases import MOMENT, clause, mad, reference, startup, tender, turnover

RULES = default_rules()


def judged(asked: Clause, held: StartupFacts, call: TenderFacts | None = None) -> Check:
    found = check(call or tender(asked), held, RULES, MOMENT)
    return next(each for each in found.checks if each.clause == asked.id)


def told(found: Check) -> tuple[str, list[str]]:
    return found.message.removeprefix("eligibility."), [each.what for each in found.settle]


ISO = clause(Kind.CERTIFICATE, Certificate("ISO 9001", Scheme.ISO))
D13 = clause(Kind.CERTIFICATE, Certificate("Agrément D13", Scheme.APPROVAL))
CLASS_4 = clause(Kind.CERTIFICATE, Certificate("A", Scheme.QUALIFICATION, "A", ("A.1", "A.2"), "4"))
WORKS = ("Q", Scheme.QUALIFICATION, "a", ("A1", "A2", "A5"))
AFTER, BEFORE = dt.date(2026, 12, 1), dt.date(2026, 11, 30)


@pytest.mark.parametrize(
    ("asked", "held", "expected"),
    [
        (ISO, HeldCertificate("iso 9001:2015", expires=AFTER), ("certificate.pass", [])),
        (ISO, HeldCertificate("ISO/IEC 27001", expires=AFTER), ("certificate.unknown", ["certificates"])),
        (ISO, HeldCertificate("ISO 9001", expires=BEFORE), ("certificate.fail.expired", [])),
        (ISO, HeldCertificate("ISO 9001"), ("certificate.unknown.undated", ["certificates.expires"])),
        (D13, HeldCertificate("agrement D 13", expires=AFTER), ("certificate.pass", [])),
        (D13, HeldCertificate("Agrément D14", expires=AFTER), ("certificate.unknown", ["certificates"])),
        (CLASS_4, HeldCertificate(*WORKS, "3", expires=AFTER), ("certificate.pass", [])),
        (CLASS_4, HeldCertificate(*WORKS, "4", expires=AFTER), ("certificate.pass", [])),
        (CLASS_4, HeldCertificate(*WORKS, "S", expires=AFTER), ("certificate.pass", [])),
        (CLASS_4, HeldCertificate(*WORKS, "5", expires=AFTER), ("certificate.unknown", ["certificates"])),
        (CLASS_4, HeldCertificate(*WORKS, expires=AFTER), ("certificate.unknown", ["certificates.name"])),
    ],
)
def test_a_certificate(asked: Clause, held: HeldCertificate, expected: tuple[str, list[str]]) -> None:
    assert told(judged(asked, startup(certificates=(held,)))) == expected


def test_a_certificate_lacks_only_in_a_list_that_is_called_complete() -> None:
    held = (HeldCertificate("ISO/IEC 27001", expires=AFTER),)
    complete = startup(certificates=held, complete=frozenset({Part.CERTIFICATES}))
    assert told(judged(ISO, complete)) == ("certificate.fail", [])
    assert judged(ISO, complete).waivable


def test_an_expiry_is_held_against_the_day_of_the_deadline_and_told() -> None:
    found = judged(ISO, startup(certificates=(HeldCertificate("ISO 9001", expires=BEFORE),)))
    assert found.facts["expires"] == "2026-11-30"


REFERENCES = clause(Kind.REFERENCES, References(count=2, similar=True, years=5, amount=mad(800_000, tax=False)))


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (reference(value=Amount(Decimal(960_000), "MAD")), ("references.pass", [])),
        (reference(attested=None), ("references.unknown", ["references.attested"])),
        (reference(value=None), ("references.unknown", ["references.value"])),
        (reference(trades=frozenset()), ("references.unknown", ["references.trades"])),
        (reference(date=None), ("references.unknown", ["references.date"])),
        # 900,000 may include 20 % of tax: 750,000 before it.
        (reference(value=Amount(Decimal(900_000), "MAD")), ("references.unknown", ["references.value_tax"])),
        (reference(value=Amount(Decimal(799_999), "MAD")), ("references.unknown", ["references"])),
        (reference(trades=frozenset({"event_agency"})), ("references.unknown", ["references"])),
        (reference(date=dt.date(2021, 10, 31)), ("references.unknown", ["references"])),
        # Five years before publication, not before the deadline.
        (reference(date=dt.date(2021, 11, 2)), ("references.unknown", ["references.years"])),
        (reference(attested=False), ("references.unknown", ["references"])),
    ],
)
def test_a_second_reference(second: object, expected: tuple[str, list[str]]) -> None:
    sure = reference(value=Amount(Decimal(2_000_000), "MAD"))
    assert told(judged(REFERENCES, startup(references=(sure, second)))) == expected


def test_too_few_references_fail_where_the_list_is_complete() -> None:
    found = judged(REFERENCES, startup(complete=frozenset({Part.REFERENCES})))
    assert told(found) == ("references.fail", [])
    assert dict(found.facts) == {"needed": 2, "held": 0}


def test_a_call_that_says_it_asks_no_references_passes_everybody() -> None:
    none = clause(Kind.REFERENCES, References(required=False))
    assert told(judged(none, startup(complete=frozenset(Part)))) == ("references.pass.none", [])


ASKED = clause(Kind.TURNOVER, Turnover(Decimal(1_000_000), "MAD", years=3))


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((1_000_000, 1_000_000, 1_000_000), ("turnover.pass", [])),
        ((900_000, 900_000, 999_999), ("turnover.fail", [])),
        ((1_100_000, 900_000, 1_100_000), ("turnover.unknown", ["turnover.years"])),
        ((1_100_000, 1_100_000), ("turnover.unknown", ["turnover"])),
    ],
)
def test_turnover_passes_where_every_year_does_and_fails_where_none_does(
    amounts: tuple[int, ...], expected: tuple[str, list[str]]
) -> None:
    assert told(judged(ASKED, startup(turnover=turnover(*amounts)))) == expected


def test_turnover_in_another_currency_is_decided_only_outside_the_tolerance() -> None:
    def outcome(amount: int) -> Outcome:
        one = clause(Kind.TURNOVER, Turnover(Decimal(1_000_000), "MAD"))
        return judged(one, startup(turnover=turnover(amount, currency="EUR"))).outcome

    # 10.80 dirhams for a euro, give or take a tenth: 9.72 to 11.88.
    assert [outcome(amount) for amount in (84_000, 84_200, 102_800, 102_900)] == ["fail", "unknown", "unknown", "pass"]


def test_accounts_of_last_year_that_are_not_closed_yet_leave_those_of_the_year_before() -> None:
    one = clause(Kind.TURNOVER, Turnover(Decimal(1_000_000), "MAD"))
    assert judged(one, startup(turnover=turnover(1_200_000, last=2024))).outcome is Outcome.PASS


def test_a_bond_is_a_hint_that_shuts_nobody_out() -> None:
    bond = clause(Kind.BOND, mad(20_000))
    held = [None, Amount(Decimal(19_999), "MAD"), Amount(Decimal(20_000), "MAD")]
    found = [judged(bond, startup(cash=cash)) for cash in held]
    assert [each.outcome for each in found] == ["unknown", "fail", "pass"]
    assert {each.effect for each in found} == {Effect.HINT}
    assert check(tender(bond), startup(cash=held[1]), RULES, MOMENT).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("team", "complete", "expected"),
    [
        ((Member("Ingénieurs en réseaux", 5, 2),), False, "pass"),
        ((Member("Ingénieur réseau", 4, 2),), True, "fail"),
        ((Member("Ingénieur réseau", None, 2),), True, "unknown"),
        ((Member("Network engineer", 9, 2),), True, "unknown"),
        ((Member("Ingénieur réseau", 5, 1),), True, "fail"),
        ((), False, "unknown"),
    ],
)
def test_a_team(team: tuple[Member, ...], complete: bool, expected: str) -> None:
    asked = clause(Kind.TEAM, Team("ingénieur réseau", 2, 5))
    held = startup(team=team, complete=frozenset({Part.TEAM} if complete else ()))
    assert judged(asked, held).outcome == expected


def test_equipment_is_found_by_its_words() -> None:
    asked = clause(Kind.EQUIPMENT, Equipment("camion benne"))
    assert judged(asked, startup(equipment=("Camions bennes de 8 t",))).outcome is Outcome.PASS
    assert judged(asked, startup(equipment=("Pelle",))).outcome is Outcome.UNKNOWN
    assert judged(asked, startup(complete=frozenset({Part.EQUIPMENT}))).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("place", "regions", "complete", "expected"),
    [
        ("Agadir", ("Agadir",), False, "pass"),
        ("Agadir", ("Tiznit",), True, "unknown"),
        ("Agadir", ("Tanger",), True, "fail"),
        ("Agadir", ("Tanger",), False, "unknown"),
        (None, ("Agadir",), True, "unknown"),
    ],
)
def test_presence(place: str | None, regions: tuple[str, ...], complete: bool, expected: str) -> None:
    asked = clause(Kind.LOCAL_PRESENCE, Presence(place))
    held = startup(regions=regions, complete=frozenset({Part.REGIONS} if complete else ()))
    assert judged(asked, held).outcome == expected


def test_a_language_of_the_bid() -> None:
    asked = clause(Kind.LANGUAGE, Languages(("ar", "fr")))
    assert judged(asked, startup(languages=("fr", "en"))).outcome is Outcome.PASS
    assert judged(asked, startup(languages=("en",))).outcome is Outcome.UNKNOWN
    assert judged(asked, startup(languages=("en",), complete=frozenset(Part))).outcome is Outcome.FAIL


def test_a_visit_that_had_to_be_made_leaves_a_doubt_once_its_day_is_over() -> None:
    asked = [
        clause(Kind.SITE_VISIT, Event(required=True, at=dt.date(2026, 11, day)), id=f"visit-{day}") for day in (21, 22)
    ]
    found = {each.clause: each.outcome for each in check(tender(*asked), startup(), RULES, MOMENT).checks}
    assert (found["visit-21"], found["visit-22"]) == (Outcome.UNKNOWN, Outcome.PASS)


SME = frozenset({ReservedGroup.SME, ReservedGroup.COOPERATIVE})


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (startup(legal_form=LegalForm.COOPERATIVE), "pass"),
        (startup(turnover=turnover(5_000_000)), "pass"),
        (startup(turnover=turnover(300_000_000), legal_form=LegalForm.COMPANY), "fail"),
        (startup(turnover=turnover(300_000_000)), "unknown"),
        (startup(), "unknown"),
    ],
)
def test_a_reserved_call_is_open_to_each_of_its_groups(held: StartupFacts, expected: str) -> None:
    by_field = check(tender(reserved=SME), held, RULES, MOMENT)
    by_text = check(tender(clause(Kind.RESERVED, Reservation(tuple(SME)))), held, RULES, MOMENT)
    found = [next(c for c in each.checks if c.rule == "clause.reserved") for each in (by_field, by_text)]
    assert [each.outcome for each in found] == [expected, expected]
    assert not any(each.waivable for each in found)


def test_a_paper_that_ends_before_the_deadline_is_a_hint_with_its_day() -> None:
    papers = (HeldDocument("tax", expires=BEFORE), HeldDocument("register", expires=AFTER), HeldDocument("cnss"))
    found = check(tender(), startup(documents=papers), RULES, MOMENT)
    hints = [each for each in found.checks if each.rule == "document.expiry"]
    assert [(each.facts["kind"], each.facts["expires"]) for each in hints] == [("tax", "2026-11-30")]
    assert found.outcome is Outcome.PASS


def test_a_clause_read_with_doubt_shuts_nobody_out() -> None:
    asked = clause(Kind.REFERENCES, References(), confidence=0.4)
    found = judged(asked, startup(complete=frozenset(Part)))
    assert told(found) == ("references.unknown", ["references"])


def test_a_call_in_lots_is_open_to_whoever_may_bid_for_one() -> None:
    lots = (LotFacts("1", "Réseau"), LotFacts("2", "Logiciel"))
    asked = clause(Kind.REFERENCES, References(lot="1"))
    found = check(tender(asked, lots=lots), startup(complete=frozenset(Part)), RULES, MOMENT)
    assert dict(found.by_lot) == {"1": Outcome.FAIL, "2": Outcome.PASS}
    assert found.outcome is Outcome.PASS


def test_a_lot_that_only_a_clause_names_leaves_the_others_in_doubt() -> None:
    lots = (LotFacts("1", "Réseau"), LotFacts("2", "Logiciel"))
    asked = clause(Kind.REFERENCES, References(lot="3"))
    found = check(tender(asked, lots=lots), startup(complete=frozenset(Part)), RULES, MOMENT)
    assert set(found.by_lot.values()) == {Outcome.UNKNOWN}
