"""What must hold of any call and any startup."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.eligibility.checking import check
from matching.eligibility.facts import (
    Clause,
    HeldCertificate,
    HeldReference,
    LegalForm,
    Member,
    Part,
    Procedure,
    StartupFacts,
    TenderFacts,
    YearTurnover,
)
from matching.eligibility.loading import default_rules
from matching.eligibility.verdicts import Outcome
from matching.requirements.findings import (
    Certificate,
    Equipment,
    Kind,
    Languages,
    Money,
    Presence,
    References,
    Reservation,
    ReservedGroup,
    Scheme,
    Team,
    Turnover,
    Value,
)
from matching.types import Amount
from tests.matching.eligibility.cases import MOMENT

RULES = default_rules()
RANK = {Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.PASS: 2}

small = st.integers(1, 4)
sums = st.sampled_from([Decimal(n) for n in (90, 100, 110, 120, 1000)])
currencies = st.sampled_from(["MAD", "EUR", "XAF"])
trades = st.frozensets(st.sampled_from(["web", "data", "works"]), max_size=2)
maybe_years = st.none() | st.integers(1, 5)
asked_money = st.builds(Money, sums, currencies, st.none() | st.booleans())
names = st.sampled_from(["ISO 9001", "ISO 27001", "D13", "Qualibat"])
roles = st.sampled_from(["ingénieur réseau", "chef de projet", "technicien"])

ASKED: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.REFERENCES: st.builds(
        References, st.booleans(), st.none() | small, st.none() | st.booleans(), maybe_years, st.none() | asked_money
    ),
    Kind.CERTIFICATE: st.builds(Certificate, names, st.sampled_from([Scheme.ISO, Scheme.APPROVAL, Scheme.OTHER])),
    Kind.TURNOVER: st.builds(Turnover, sums, currencies, st.none() | small),
    Kind.TEAM: st.builds(Team, roles, st.none() | small, maybe_years),
    Kind.EQUIPMENT: st.builds(Equipment, st.sampled_from(["camion", "pelle"])),
    Kind.LOCAL_PRESENCE: st.builds(Presence, st.sampled_from(["Agadir", "Rabat"])),
    Kind.LANGUAGE: st.builds(Languages, st.sampled_from([("fr",), ("ar", "fr"), ("en",)])),
    Kind.RESERVED: st.builds(Reservation, st.lists(st.sampled_from(ReservedGroup), max_size=2, unique=True).map(tuple)),
    Kind.BOND: asked_money,
}
clauses = st.lists(
    st.sampled_from(sorted(ASKED)).flatmap(
        lambda kind: st.builds(Clause, st.uuids().map(str), st.just(kind), ASKED[kind])
    ),
    max_size=4,
).map(tuple)
instants = st.integers(0, 60 * 24).map(
    lambda hours: dt.datetime(2026, 11, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hours)
)
calls = st.builds(
    TenderFacts,
    st.just("T"),
    country=st.sampled_from(["MA", "FR", "GB", None]),
    sector=st.sampled_from(["public", "private", None]),
    procedure=st.none() | st.sampled_from(Procedure),
    value=st.none() | asked_money,
    published=st.none() | instants,
    deadline=st.none() | instants,
    trades=trades,
    clauses=clauses,
)  # fmt: skip
days = st.dates(dt.date(2020, 1, 1), dt.date(2026, 11, 1))
held_references = st.builds(
    HeldReference,
    st.just("r"),
    value=st.none() | st.builds(Amount, sums, currencies),
    date=st.none() | days,
    trades=trades,
    attested=st.none() | st.booleans(),
)
held_certificates = st.builds(
    HeldCertificate, names, expires=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1))
)
lasting = st.builds(HeldCertificate, names, expires=st.none() | st.just(dt.date(2029, 1, 1)))
members = st.builds(Member, roles, maybe_years, small)
years = st.builds(YearTurnover, st.integers(2022, 2025), st.builds(Amount, sums, currencies))
startups = st.builds(
    StartupFacts,
    st.just("S"),
    country=st.none() | st.just("MA"),
    regions=st.lists(st.sampled_from(["Agadir", "Rabat", "Tanger"]), max_size=2).map(tuple),
    languages=st.lists(st.sampled_from(["fr", "en"]), max_size=2).map(tuple),
    legal_form=st.none() | st.sampled_from(LegalForm),
    employees=st.none() | st.integers(0, 400),
    turnover=st.lists(years, max_size=4).map(tuple),
    certificates=st.lists(held_certificates, max_size=3).map(tuple),
    references=st.lists(held_references, max_size=3).map(tuple),
    team=st.lists(members, max_size=3).map(tuple),
    equipment=st.lists(st.sampled_from(["camion", "pelle"]), max_size=2).map(tuple),
    complete=st.frozensets(st.sampled_from(Part)),
)  # fmt: skip

few = settings(max_examples=50, deadline=None)


def rank(call: TenderFacts, held: StartupFacts) -> int:
    return RANK[check(call, held, RULES, MOMENT).outcome]


@few
@given(calls, startups, st.data())
def test_more_evidence_never_loses_eligibility(call: TenderFacts, held: StartupFacts, data: st.DataObject) -> None:
    more = data.draw(
        st.one_of(
            held_references.map(lambda one: replace(held, references=(*held.references, one))),
            lasting.map(lambda one: replace(held, certificates=(*held.certificates, one))),
            members.map(lambda one: replace(held, team=(*held.team, one))),
            st.just(replace(held, equipment=(*held.equipment, "camion"), languages=(*held.languages, "ar"))),
            st.just(replace(held, regions=(*held.regions, "Agadir"))),
            st.just(replace(held, labels=(*held.labels, "Startup innovante (fictional)"))),
            st.just(replace(held, references=tuple(replace(r, attested=True) for r in held.references))),
            st.just(
                replace(held, cash=Amount(Decimal(10_000), "MAD"))
                if held.cash is None
                else replace(held, cash=Amount(held.cash.amount * 2, held.cash.currency))
            ),
        )
    )
    assert rank(call, more) >= rank(call, held)


@few
@given(calls, startups, st.sampled_from([2, 5, 100]))
def test_a_larger_turnover_never_loses_what_is_asked_of_turnover(
    call: TenderFacts, held: StartupFacts, times: int
) -> None:
    grown = tuple(
        replace(each, turnover=Amount(each.turnover.amount * times, each.turnover.currency)) for each in held.turnover
    )
    more = replace(held, turnover=grown)
    for one, other in zip(*(_turnover_checks(call, each) for each in (held, more)), strict=True):
        assert RANK[other] >= RANK[one]


def _turnover_checks(call: TenderFacts, held: StartupFacts) -> list[Outcome]:
    found = {each.clause: each.outcome for each in check(call, held, RULES, MOMENT).checks}
    return [found[each.id] for each in call.clauses if each.kind is Kind.TURNOVER]


@few
@given(calls, startups, st.randoms(use_true_random=False))
def test_the_order_of_clauses_and_evidence_changes_nothing(
    call: TenderFacts, held: StartupFacts, random: object
) -> None:
    def mixed(items: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(random.sample(items, len(items)))  # type: ignore[attr-defined]

    other_call = replace(call, clauses=mixed(call.clauses))
    other = replace(
        held, references=mixed(held.references), certificates=mixed(held.certificates), team=mixed(held.team)
    )
    one, two = check(call, held, RULES, MOMENT), check(other_call, other, RULES, MOMENT)
    assert one.outcome == two.outcome
    assert {(c.rule, c.clause, c.outcome) for c in one.checks} == {(c.rule, c.clause, c.outcome) for c in two.checks}


@few
@given(calls, startups)
def test_loosening_a_call_by_one_clause_never_shuts_anybody_out(call: TenderFacts, held: StartupFacts) -> None:
    for asked in call.clauses:
        if asked.kind is Kind.RESERVED:
            continue  # without its reservation a call may still be known as reserved from elsewhere
        rest = tuple(each for each in call.clauses if each is not asked)
        assert rank(replace(call, clauses=rest), held) >= rank(call, held)


@few
@given(calls, startups)
def test_every_unknown_says_what_would_settle_it_and_nothing_else_does(call: TenderFacts, held: StartupFacts) -> None:
    found = check(call, held, RULES, MOMENT)
    for each in found.checks:
        assert (each.outcome is Outcome.UNKNOWN) == bool(each.settle), each
        assert each.citation is not None or each.rule.startswith(("clause.", "call.", "document."))


# For each kind, what a startup may turn out to hold: everything that could be asked, or nothing at all.
RICH = StartupFacts(
    "S",
    country="MA",
    regions=("Agadir", "Rabat"),
    languages=("fr", "ar", "en"),
    legal_form=LegalForm.COOPERATIVE,
    employees=5,
    turnover=tuple(YearTurnover(2025 - n, Amount(Decimal(5_000), "MAD")) for n in range(5)),
    certificates=tuple(
        HeldCertificate(name, expires=dt.date(2030, 1, 1)) for name in ("ISO 9001", "ISO 27001", "D13", "Qualibat")
    ),
    references=(
        HeldReference(
            "r",
            value=Amount(Decimal(10**6), "MAD"),
            date=dt.date(2026, 11, 1),
            trades=frozenset({"web", "data", "works"}),
            attested=True,
        ),
    )
    * 5,
    team=tuple(Member(role, 20, 5) for role in ("ingénieur réseau", "chef de projet", "technicien")),
    equipment=("camion", "pelle"),
    cash=Amount(Decimal(10**6), "MAD"),
    complete=frozenset(Part),
)
POOR = StartupFacts(
    "S",
    country="MA",
    legal_form=LegalForm.COMPANY,
    employees=900,
    turnover=tuple(YearTurnover(2025 - n, Amount(Decimal(1), "MAD")) for n in range(5)),
    cash=Amount(Decimal(0), "MAD"),
    complete=frozenset(Part),
)
PERSONAL = {Kind.REFERENCES, Kind.CERTIFICATE, Kind.TEAM, Kind.EQUIPMENT, Kind.LANGUAGE, Kind.LOCAL_PRESENCE}


@few
@given(calls, startups)
def test_what_is_unknown_of_a_startup_can_turn_out_both_ways(call: TenderFacts, held: StartupFacts) -> None:
    call = replace(call, trades=frozenset({"web"}), deadline=call.deadline or dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    unknown = {
        each.clause
        for each in check(call, held, RULES, MOMENT).checks
        if each.clause and each.outcome is Outcome.UNKNOWN and each.kind in PERSONAL
    }
    money_asked = {c.id for c in call.clauses if isinstance(c.value, References) and c.value.amount is not None}
    for all_told, expected in ((RICH, Outcome.PASS), (POOR, Outcome.FAIL)):
        found = {each.clause: each.outcome for each in check(call, all_told, RULES, MOMENT).checks}
        for each in unknown - money_asked:  # CFA francs have no rate here: no amount of dirhams is surely enough
            assert found[each] is expected
