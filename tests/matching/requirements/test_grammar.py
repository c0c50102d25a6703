"""Folding, numbers, sums and dates: round trips over what people write."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.requirements.amounts import amounts
from matching.requirements.folding import fold
from matching.requirements.moments import moments
from matching.requirements.numerals_ar import parse_ar, say_ar
from matching.requirements.numerals_fr import parse_fr, say_fr
from matching.requirements.quantities import count_of, number_of, percent_of

LOCAL = (dt.datetime(2000, 1, 1), dt.datetime(2099, 12, 31))  # noqa: DTZ001 - hours as notices write them
CASABLANCA = ZoneInfo("Africa/Casablanca")
MONTHS_FR = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
MONTHS_MA = ["يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"]
ARABIC_DIGITS = str.maketrans("0123456789.,", "٠١٢٣٤٥٦٧٨٩٬٫")


@given(st.text())
def test_every_folded_letter_knows_where_it_stood(text: str) -> None:
    folded = fold(text)
    for at in range(len(folded.text)):
        start, end = folded.source(at, at + 1)
        assert 0 <= start < end <= len(text)
    spans = [folded.source(at, at + 1) for at in range(len(folded.text))]
    assert spans == sorted(spans)


@given(st.integers(1, 10**9 - 1))
def test_numbers_in_words_are_read_as_they_are_said(number: int) -> None:
    assert parse_fr(fold(say_fr(number)).text) == number
    assert parse_ar(fold(say_ar(number)).text) == number


def _grouped(amount: Decimal, mark: str, decimal: str) -> str:
    return f"{amount:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", mark)


@given(
    st.decimals(1, 10**9, places=2),
    st.sampled_from([(" ", ","), (".", ","), (",", "."), (" ", "."), ("'", "."), ("\u202f", ","), ("", ",")]),
)
def test_a_sum_is_read_in_every_spelling(amount: Decimal, marks: tuple[str, str]) -> None:
    written = _grouped(amount, *marks)
    for text in (f"{written} DH", f"MAD {written}", f"({written}) dirhams TTC", f"{written} درهم"):
        (found,) = amounts(fold(text).text)
        assert (found.value, found.currency) == (amount, "MAD"), text


@given(st.decimals(1000, 10**8, places=2))
def test_a_sum_in_arabic_digits_is_the_same_sum(amount: Decimal) -> None:
    (found,) = amounts(fold(f"{_grouped(amount, '.', ',')} درهم".translate(ARABIC_DIGITS)).text)
    assert found.value == amount


@given(st.integers(1, 10**9 - 1))
def test_words_and_the_figure_beside_them_are_one_sum(number: int) -> None:
    for text in (
        f"{say_fr(number)} dirhams ({number:,} DH)".replace(",", " "),
        f"{say_ar(number)} درهم ({number},00 درهم)",
    ):
        (found,) = amounts(fold(text).text)
        assert (found.value, found.agreed) == (number, True), text


def test_words_that_contradict_the_figure_are_told() -> None:
    (found,) = amounts(fold("cinq mille dirhams (50 000,00 DH)").text)
    assert found.agreed is False


@given(
    st.datetimes(*LOCAL),
    st.sampled_from(["numbers", "french", "arabic", "iso", "english"]),
)
def test_a_date_with_its_hour_is_read_in_every_spelling(when: dt.datetime, spelling: str) -> None:
    when = when.replace(second=0, microsecond=0)
    text = {
        "numbers": f"{when:%d/%m/%Y} à {when:%H:%M}",
        "french": f"le {when.day} {MONTHS_FR[when.month - 1]} {when.year} à {when.hour}h{when.minute:02}",
        "arabic": f"يوم {when.day} {MONTHS_MA[when.month - 1]} {when.year} على الساعة {when.hour}:{when.minute:02}",
        "iso": f"{when:%Y-%m-%d %H:%M}",
        "english": f"{when:%B} {when.day}, {when.year} at {when:%H:%M}",
    }[spelling]
    (found,) = moments(fold(text).text)
    assert found.when(CASABLANCA) == when.replace(tzinfo=CASABLANCA), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("le 10 mars 2025 à 10 heures", "2025-03-10T10:00:00+00:00"),  # Ramadan
        ("le 10 avril 2025 à 10 heures", "2025-04-10T10:00:00+01:00"),
        ("12 mai 2025 à dix heures trente minutes", "2025-05-12T10:30:00+01:00"),
        ("12 ماي 2025 على الساعة الحادية عشرة والنصف صباحا", "2025-05-12T11:30:00+01:00"),
        ("12 ماي 2025 على الساعة الثالثة بعد الزوال", "2025-05-12T15:00:00+01:00"),
        ("5 May 2025, 2 pm GMT", "2025-05-05T14:00:00+00:00"),
        ("1er juin 2025", "2025-06-01"),
        ("le douze mai deux mille vingt-cinq à dix heures", "2025-05-12T10:00:00+01:00"),
    ],
)  # fmt: skip
def test_hours_stand_in_their_zone(text: str, expected: str) -> None:
    (found,) = moments(fold(text).text)
    assert found.when(CASABLANCA).isoformat() == expected


@pytest.mark.parametrize("text", ["31/02/2025", "45 mai 2025", "12/13/2025", "article 12.05.25"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert moments(fold(text).text) == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1.399.968,00", "1399968.00"),
        ("1,399,968.00", "1399968.00"),
        ("50.000", "50000"),
        ("12,5", "12.5"),
        ("l 2oo,oo", "1200.00"),
    ],
)
def test_a_number_is_read_with_any_marks(written: str, value: str) -> None:
    assert number_of(written) == Decimal(value)


def test_counts_and_percentages() -> None:
    assert (count_of("trois (03)"), count_of("soixante"), count_of("ستين")) == (3, 60, 60)
    assert (percent_of("7,5 %"), percent_of("sept pour cent (7%)"), percent_of("150 %")) == (
        Decimal("7.5"),
        Decimal(7),
        None,
    )
