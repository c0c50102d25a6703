"""Records, countries and places: what a finding says beside its value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from matching.requirements import finding_json, read_record, read_text
from matching.requirements.findings import Kind, Money

RECORD = {
    "id": "1",
    "title": "Entretien des espaces verts en lot unique",
    "country": "MA",
    "value": {"amount": "120000.00", "currency": "MAD"},
    "bond": {"amount": 2000, "currency": "MAD"},
    "deadline": "2026-07-27T11:00:00+01:00",
    "reserved_sme": False,
    "lots": [{"id": "A", "title": "Nord", "description": "Caution provisoire : 5 000 DH"}],
    "cautionProvisoire": "2 000,00 MAD",
    "agrements": "D13",
    "echantillons": "-",
}


def test_a_field_is_quoted_as_itself() -> None:
    found = {finding.field: finding for finding in read_record(RECORD)}
    assert found["bond"].value == Money(Decimal(2000), "MAD")
    assert found["deadline"].value == dt.datetime.fromisoformat("2026-07-27T11:00:00+01:00")
    assert found["cautionProvisoire"].quote == "2 000,00 MAD"
    assert found["agrements"].quote == "D13"
    assert found["lots[0].description"].value == Money(Decimal(5000), "MAD", lot="A")
    assert found["title"].quote == "en lot unique"
    assert "echantillons" not in found


def test_an_hour_made_up_for_a_day_is_not_told() -> None:
    (found,) = read_record({"deadline": "2026-07-27T23:59:59+01:00", "deadline_basis": "day"})
    assert found.value == dt.date(2026, 7, 27)


def test_what_is_missing_or_malformed_says_nothing() -> None:
    assert read_record({}) == ()
    assert (
        read_record(
            {"bond": {"amount": 0, "currency": "MAD"}, "value": {"amount": "x"}, "deadline": "soon", "lots": []}
        )
        == ()
    )


def test_a_zone_is_that_of_the_country_told_else_of_the_signs_in_the_text_else_unknown() -> None:
    text = "Date limite de remise des plis : 12/06/2026 à 16h30"
    assert [each.value.isoformat() for each in read_text(text)] == ["2026-06-12T16:30:00"]
    assert [each.value.isoformat() for each in read_text(text, country="MA")] == ["2026-06-12T16:30:00+01:00"]
    assert [each.value.isoformat() for each in read_text(f"{text}. Paris, France")] == ["2026-06-12T16:30:00+02:00"]
    assert [each.value.isoformat() for each in read_text(f"{text}. Maroc et France")] == ["2026-06-12T16:30:00"]


def test_a_sum_without_currency_needs_a_country() -> None:
    assert read_text("Caution provisoire : 5 000,00") == ()
    (found,) = read_text("Caution provisoire : 5 000,00", country="MA")
    assert found.value == Money(Decimal("5000.00"), "MAD")
    assert found.confidence < 0.8


def test_presentation_forms_of_pdf_files_are_letters() -> None:
    (found,) = read_text("ﺍﻟﻀﻤﺎﻥ ﺍﻟﻤﺆﻗﺖ : 5000 ﺩﺭﻫﻢ")
    assert found.value == Money(Decimal(5000), "MAD")


def test_a_finding_as_json_has_no_unknown_parts() -> None:
    (found,) = read_text("Caution provisoire : 5 000,00 DH")
    assert finding_json(found) == {
        "kind": "bond", "value": {"amount": 5000, "currency": "MAD"}, "quote": "Caution provisoire : 5 000,00 DH",
        "start": 0, "end": 32, "confidence": 0.95,
    }  # fmt: skip
    assert found.kind is Kind.BOND
