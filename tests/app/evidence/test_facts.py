"""A profile and its evidence as facts: what is known once, what is not known not at all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence.document import evidence_json
from app.evidence.facts import startup_facts
from matching.eligibility.facts import HeldCertificate, HeldDocument, LegalForm, Part, YearTurnover
from matching.requirements.findings import Scheme
from matching.types import Amount
from scrapers.evidence import EvidenceRecord, PaperKind
from scrapers.records import StartupRecord

NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)


def profile(**fields: object) -> StartupRecord:
    return StartupRecord.model_validate({"id": "s", "name": "S", **fields})


def shown(**fields: object) -> EvidenceRecord:
    return EvidenceRecord.model_validate(fields)


def test_a_profile_alone_leaves_the_rest_unknown() -> None:
    record = profile(country="MA", city="Agadir", regions=["Souss-Massa"], founded=2024, employees=3,
                     turnover={"amount": 5, "currency": "MAD"})  # fmt: skip
    facts = startup_facts("id", record, None, NOW)
    assert (facts.country, facts.regions, facts.founded, facts.employees) == ("MA", ("Souss-Massa", "Agadir"), 2024, 3)
    assert [one.year for one in facts.turnover] == [2025], "that of the last year that is over"
    assert facts.id == "id"
    assert (facts.legal_form, facts.cash, facts.balance_sheet, facts.complete) == (None, None, None, frozenset())


def test_evidence_says_what_it_shows() -> None:
    evidence = shown(
        legal_form="auto_entrepreneur", complete=["team"], cash={"amount": 0, "currency": "MAD"},
        turnover=[{"year": 2024, "turnover": {"amount": 10, "currency": "MAD"}},
                  {"year": 2025, "turnover": {"amount": "20.5", "currency": "MAD"}}],
        documents=[{"kind": "tax_certificate", "issuer": "DGI", "expires": "2027-01-01"},
                   {"kind": "other", "name": "Attestation OMPIC"}],
        team=[{"role": "Géomètre", "years": 4, "count": 2}],
    )  # fmt: skip
    facts = startup_facts("id", profile(), evidence, NOW)
    assert facts.legal_form is LegalForm.AUTO_ENTREPRENEUR
    assert facts.turnover[0] == YearTurnover(2025, Amount(Decimal("20.5"), "MAD")), "the newest year first"
    assert facts.cash == Amount(Decimal(0), "MAD"), "none is not unknown"
    assert facts.documents[0] == HeldDocument("tax_certificate", "DGI", None, dt.date(2027, 1, 1))
    assert facts.documents[1].kind == "Attestation OMPIC"
    assert facts.complete == {Part.TEAM}


def test_what_stands_in_both_counts_once_as_the_evidence_tells_it() -> None:
    record = profile(
        certifications=["iso-9001", "D13"],
        references=[{"title": "Site web de la commune", "date": "2025-03-01"}, {"title": "Application mobile"}],
    )
    evidence = shown(
        certificates=[{"name": "ISO 9001", "expires": "2027-05-01"}],
        references=[{"title": "Site Web de la Commune", "date": "2025-03-01", "attested": True, "cpv": ["72000000"]}],
    )
    facts = startup_facts("id", record, evidence, NOW)
    assert facts.certificates == (
        HeldCertificate("ISO 9001", Scheme.ISO, expires=dt.date(2027, 5, 1)),
        HeldCertificate("D13", Scheme.OTHER),
    )
    assert [(one.title, one.attested) for one in facts.references] == [
        ("Site Web de la Commune", True),
        ("Application mobile", None),
    ]
    assert "cpv:72" in facts.references[0].trades


def test_an_ended_label_is_none_wherever_it_is_named() -> None:
    record = profile(labels=[{"name": "Jeune Entreprise Innovante"}, {"name": "Label PME"}])
    evidence = shown(labels=[{"name": "Jeune entreprise innovante", "expires": "2026-11-21"}])
    assert startup_facts("id", record, evidence, NOW).labels == ("Label PME",)
    before = startup_facts("id", record, evidence, NOW - dt.timedelta(days=1)).labels
    assert before == ("Label PME", "Jeune entreprise innovante")


def test_a_year_that_the_evidence_tells_is_not_the_profiles() -> None:
    record = profile(turnover={"amount": 5, "currency": "MAD"})
    year = shown(turnover=[{"year": 2025, "turnover": {"amount": 7, "currency": "MAD"}}])
    other = shown(turnover=[{"year": 2024, "turnover": {"amount": 7, "currency": "MAD"}}])
    assert [one.turnover.amount for one in startup_facts("id", record, year, NOW).turnover] == [7]
    assert [(one.year, one.turnover.amount) for one in startup_facts("id", record, other, NOW).turnover] == [
        (2025, 5),
        (2024, 7),
    ]


sums = st.builds(
    lambda amount, currency: {"amount": amount, "currency": currency},
    st.decimals(0, 10**15, places=4).map(str), st.sampled_from(["MAD", "EUR"]),
)  # fmt: skip
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
days = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31)).map(dt.date.isoformat)
documents = st.builds(
    lambda kind, issuer, expires: {"kind": kind, "issuer": issuer, "expires": expires},
    st.sampled_from(list(PaperKind)), st.none() | words, st.none() | days,
)  # fmt: skip


@settings(max_examples=40)
@given(st.fixed_dictionaries({}, optional={
    "cash": sums, "balance_sheet": sums, "documents": st.lists(documents, max_size=4),
    "equipment": st.lists(words, max_size=3), "complete": st.lists(st.sampled_from(list(Part)), max_size=9),
    "references": st.lists(st.builds(lambda t, v: {"title": t, "value": v}, words, sums), max_size=3),
}))  # fmt: skip
def test_what_is_kept_reads_back_the_same(fields: dict[str, object]) -> None:
    evidence = shown(**fields)
    again = EvidenceRecord.model_validate(evidence_json(evidence))
    assert again == evidence
    assert startup_facts("id", profile(), again, NOW) == startup_facts("id", profile(), evidence, NOW)
