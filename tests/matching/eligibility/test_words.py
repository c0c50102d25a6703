"""What publishers write, as rules know it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from matching.eligibility.asked import clauses_of
from matching.eligibility.facts import Procedure
from matching.eligibility.procedures import procedure_of, says_international
from matching.eligibility.similar import trades_told
from matching.requirements.findings import Certificate, Finding, Kind, Payment, References, Scheme


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Appel d'offres ouvert", Procedure.OPEN),
        ("Appel d'offres ouvert simplifié", Procedure.SIMPLIFIED),
        ("APPEL D’OFFRES OUVERT NATIONAL SIMPLIFIE", Procedure.SIMPLIFIED),
        ("Appel d'offres restreint", Procedure.RESTRICTED),
        ("Appel d'offres avec préselection - Phase 2", Procedure.PRESELECTION),
        ("Marché négocié avec publicité préalable - Phase 1", Procedure.NEGOTIATED),
        ("Concours Architectural", Procedure.CONTEST),
        ("Consultation architecturale ouverte simplifiée", None),
        ("Enchère électronique inversée", None),
        ("Bon de commande", Procedure.PURCHASE_ORDER),
        ("Avis d'achat", Procedure.PURCHASE_ORDER),
        ("Dialogue compétitif", Procedure.DIALOGUE),
        ("طلب عروض مفتوح", Procedure.OPEN),
        ("طلب عروض مفتوح مبسط", Procedure.SIMPLIFIED),
        ("طلب عروض محدود", Procedure.RESTRICTED),
        ("سند الطلب", Procedure.PURCHASE_ORDER),
        ("open", Procedure.OPEN),
        ("neg-w-call", Procedure.NEGOTIATED),
        ("comp-dial", Procedure.DIALOGUE),
        ("selective", Procedure.RESTRICTED),
        ("Procédure ouverte", Procedure.OPEN),
        ("Procédure adaptée", None),
        ("", None),
        (None, None),
    ],
)
def test_a_procedure(written: str | None, expected: Procedure | None) -> None:
    assert procedure_of(written) is expected


def test_international() -> None:
    assert says_international("Appel d'offres ouvert international") is True
    assert says_international("طلب عروض دولي") is True
    assert says_international("Appel d'offres ouvert") is None


def test_texts_of_one_trade_meet_across_languages() -> None:
    french = trades_told(["Développement d'une application mobile de réservation"])
    assert french & trades_told(["تطوير تطبيق للهواتف"])
    assert not french & trades_told(["Gardiennage et surveillance des locaux"])
    assert trades_told([], ["72212000"]) == {"cpv:72"}
    assert trades_told(["Lot divers"]) == frozenset()


def found(value: Certificate | References, *, confidence: float = 0.9) -> Finding:
    kind = Kind.CERTIFICATE if isinstance(value, Certificate) else Kind.REFERENCES
    return Finding(kind, value, "", 0, 0, confidence)


def test_of_several_findings_the_surest_counts() -> None:
    told = [
        found(References(count=1), confidence=0.6),
        found(References(count=2), confidence=0.99),
        found(References(count=3, lot="2")),
        found(Certificate("ISO 9001", Scheme.ISO)),
        found(Certificate("D13", Scheme.APPROVAL)),
        found(Certificate("iso 9001", Scheme.ISO), confidence=0.5),
    ]
    clauses = {clause.id: clause for clause in clauses_of(told)}
    assert set(clauses) == {"references", "references@2", "certificate:iso-9001", "certificate:d13"}
    assert clauses["references"].value == References(count=2)
    assert clauses["references@2"].lot == "2"
    assert clauses["certificate:iso-9001"].confidence == 0.9


def test_terms_of_payment_are_things_of_their_own() -> None:
    told = [Payment(days=60), Payment(retention_percent=Decimal(7)), Payment(definitive_bond_percent=Decimal(3))]
    clauses = clauses_of([Finding(Kind.PAYMENT, each, "", 0, 0, 0.9) for each in told])
    assert [clause.value for clause in clauses] == told
    assert [clause.id for clause in clauses] == ["payment:days", "payment:retention", "payment:definitive-bond"]
