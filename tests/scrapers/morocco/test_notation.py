"""Amounts, yes and no, categories, languages: as Moroccan notices write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fields import Money
from scrapers.morocco.notation import amount_of, category_of, language_of, yes_or_no
from scrapers.normalise import HOME_ZONE, parse_written, to_instant


@pytest.mark.parametrize(
    ("written", "amount", "tax"),
    [
        ("1 234 567,00 DH TTC", "1234567.00", True),
        ("1 234 567,00 DHTTC", "1234567.00", True),
        ("27 000,00 MAD ", "27000.00", None),
        ("1\u202f399\u00a0968,00 Dhs (H.T)", "1399968.00", False),
        ("12.500,00 Dirhams toutes taxes comprises", "12500.00", True),
        ("350 000", "350000", None),
        ("٢٧٠٠٠ درهم", "27000", None),
        ("7000.00 DH hors taxes", "7000.00", False),
    ],
)
def test_amounts_with_their_tax(written: str, amount: str, tax: bool | None) -> None:
    found = amount_of(written)
    assert found is not None
    assert (Decimal(found["amount"]), found["currency"], found.get("tax_included")) == (Decimal(amount), "MAD", tax)
    assert Money.model_validate(found).amount == Decimal(amount)


def test_a_label_tells_what_the_amount_does_not() -> None:
    assert amount_of("500 000,00", "Estimation (en Dhs TTC) :") == {
        "amount": "500000.00",
        "currency": "MAD",
        "tax_included": True,
    }
    assert amount_of("500 000,00 € HT", "Estimation (en Dhs TTC) :") == {
        "amount": "500000.00",
        "currency": "EUR",
        "tax_included": False,
    }


@pytest.mark.parametrize("written", ["", " - ", "0,00", "0,00 MAD", "Néant", "\u00a0"])
def test_what_is_not_given(written: str) -> None:
    assert amount_of(written) is None


@pytest.mark.parametrize("written", ["1.250", "à définir", "100 000,00 HT / 120 000,00 TTC", "-5,00 MAD", "10 %"])
def test_what_cannot_be_read_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is|can"):
        amount_of(written)


@given(st.text(max_size=60))
def test_any_text_is_an_amount_nothing_or_refused(written: str) -> None:
    try:
        found = amount_of(written, written)
    except ValueError:
        return
    assert found is None or Decimal(found["amount"]) > 0


@given(st.integers(1, 10**12), st.sampled_from(["DH", "MAD", "Dhs TTC", "dirhams HT"]))
def test_what_is_written_is_read_back(cents: int, unit: str) -> None:
    whole = f"{cents // 100:,}".replace(",", " ")
    found = amount_of(f"{whole},{cents % 100:02} {unit}")
    assert found is not None
    assert Decimal(found["amount"]) == Decimal(cents) / 100


def test_words() -> None:
    assert [yes_or_no(word) for word in ("Oui", " NON ", "نعم", "لا", "-", "peut-être")] == [
        True, False, True, False, None, None,
    ]  # fmt: skip
    assert [category_of(word) for word in ("Travaux", "FOURNITURES", " Services\n", "أشغال", "توريدات", "خدمات", "?")] == [
        "works", "goods", "services", "works", "goods", "services", None,
    ]  # fmt: skip
    assert [language_of(text) for text in ("Achat de PC", "اقتناء معدات (PC)", "12/2026", "")] == [
        "fr",
        "ar",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("15/12/2026 11:00", "10:00"),  # the usual +01:00
        ("15/02/2027 11:00", "11:00"),  # Ramadan of 2027: the clock goes back to +00:00
        ("10/03/2025 10h30", "10:30"),  # Ramadan of 2025
        ("30/10/2025 11:00", "10:00"),
    ],
)
def test_the_clock_of_ramadan_comes_from_the_database_of_zones(written: str, utc: str) -> None:
    instant, basis = to_instant(parse_written(written), HOME_ZONE, "end")
    assert (f"{instant - instant.utcoffset():%H:%M}", basis) == (utc, "zone")  # type: ignore[operator]
