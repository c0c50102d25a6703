"""Dates, zones, amounts and countries as people write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from scrapers.fields import Money
from scrapers.normalise import (
    HOME_ZONE,
    country_code,
    offset_of_day,
    parse_amount,
    parse_iso,
    parse_written,
    to_instant,
    zone_of_country,
)
from scrapers.records import ReferenceRecord, TenderRecord


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("1 250 000,50", "1250000.50"),
            ("1\u202f250\u202f000,50", "1250000.50"),
            ("1\u00a0250\u00a0000", "1250000"),
            ("1.250.000,50", "1250000.50"),
            ("1,250,000.50", "1250000.50"),
            ("1'250'000.5", "1250000.5"),
            ("1.250.000", "1250000"),
            ("1250000.500", "1250000.500"),
            ("0,125", "0.125"),
            ("12,5", "12.5"),
            ("-3", "-3"),
            ("١٢٥٠", "1250"),
            ("١٬٢٥٠٬٠٠٠٫٥", "1250000.5"),
        ],
    )
    def test_an_amount_that_reads_one_way(self, text: str, amount: str) -> None:
        assert parse_amount(text) == Decimal(amount)

    @pytest.mark.parametrize("text", ["1.250", "1,250", "12.500", "999,999"])
    def test_an_amount_that_reads_two_ways_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="thousands or as a fraction"):
            parse_amount(text)

    @pytest.mark.parametrize(
        "text", ["", "abc", "1,2,3", "1.25.000", "1,250.000,5", "5,", ",5", "1e5", "--1", "1 MAD", "NaN", "²"]
    )
    def test_what_is_no_amount_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not an amount"):
            parse_amount(text)

    @given(st.decimals(0, 10**9, places=2), st.sampled_from(["fr_FR", "fr_MA", "en_GB", "de_DE", "de_CH"]))
    def test_what_locales_write_is_read(self, amount: Decimal, locale: str) -> None:
        assert parse_amount(format_decimal(amount, "#,##0.00", locale=locale)) == amount

    @given(st.text(alphabet="0123456789., -+'\u202f", max_size=12))
    def test_an_amount_or_a_refusal(self, text: str) -> None:
        try:
            amount = parse_amount(text)
        except ValueError:
            return
        digits = "".join(character for character in text if character.isdigit())
        assert str(abs(amount)).replace(".", "").lstrip("0") == digits.lstrip("0")

    @pytest.mark.parametrize("amount", [0, -1, "0.00", "NaN", "Infinity", float("inf"), True, "1e400", 10**20])
    def test_money_is_a_finite_amount_above_zero(self, amount: object) -> None:
        with pytest.raises(ValueError, match="amount"):
            Money.model_validate({"amount": amount, "currency": "MAD"})

    def test_the_noise_of_a_binary_fraction_is_cut(self) -> None:
        assert Money.model_validate({"amount": 0.1 + 0.2, "currency": "MAD"}).amount == Decimal("0.3")
        assert Money.model_validate({"amount": 267183.6, "currency": "MAD"}).amount == Decimal("267183.6")


class TestTimes:
    @pytest.mark.parametrize(
        "text",
        [
            "20261001",
            "2026-13-01",
            "2026-W40-1",
            "1899-12-31",
            "2201-01-01",
            "2026-10-01T",
            "2026-10-01 25:00",
            "now",
            "",
            "2026-10-01+99:00x",
        ],
    )
    def test_what_is_no_iso_date_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"ISO 8601|years"):
            parse_iso(text)

    @pytest.mark.parametrize(
        ("text", "iso"),
        [
            ("30/09/2026 16:00", "2026-09-30T16:00:00"),
            ("30.9.2026 à 16h30", "2026-09-30T16:30:00"),
            ("03-04-2026", "2026-04-03"),
            ("2026-04-03", "2026-04-03"),
            ("30/09/2026 8h", "2026-09-30T08:00:00"),
        ],
    )
    def test_days_come_first(self, text: str, iso: str) -> None:
        assert parse_written(text).isoformat() == iso

    @pytest.mark.parametrize("text", ["31/02/2026", "09/30/2026", "30/09/2026 24:00", "30/09/26"])
    def test_a_day_that_is_none_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not"):
            parse_written(text)

    def test_morocco_leaves_its_offset_in_ramadan(self) -> None:
        for day, offset in ((dt.date(2026, 12, 1), 1), (dt.date(2027, 2, 20), 0)):
            instant, basis = to_instant(day, HOME_ZONE, "end")
            assert (instant.hour, instant.second, basis) == (23, 59, "day")
            assert instant.utcoffset() == dt.timedelta(hours=offset)

    @pytest.mark.parametrize(
        ("country", "zone"),
        [
            ("MA", "Africa/Casablanca"),
            (None, "Africa/Casablanca"),
            ("FR", "Europe/Paris"),
            ("DE", "Europe/Berlin"),
            ("US", "None"),
            ("ZZ", "None"),
            ("XX", "None"),
        ],
    )
    def test_the_zone_of_a_country(self, country: str | None, zone: str) -> None:
        assert str(zone_of_country(country)) == zone

    def test_an_xml_date_keeps_its_offset(self) -> None:
        assert parse_iso("2018-11-28+01:00") == dt.date(2018, 11, 28)
        assert offset_of_day("2018-11-28+01:00") == dt.timezone(dt.timedelta(hours=1))
        assert offset_of_day("2018-11-28Z") == dt.UTC
        assert offset_of_day("2018-11-28") is None
        assert ReferenceRecord.model_validate({"title": "x", "date": "2018-11-28+01:00"}).date == dt.date(2018, 11, 28)

    @given(
        st.text(max_size=30)
        | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{0,12})?(Z|[+-][0-9:]{0,6})?", fullmatch=True)
    )
    def test_a_date_or_a_refusal(self, text: str) -> None:
        for parse in (parse_iso, parse_written, offset_of_day):
            try:
                parse(text)
            except ValueError:
                continue

    def test_a_record_takes_no_time_without_a_zone_and_no_number(self) -> None:
        for deadline in ("2026-12-01T10:00:00", 1764586800, True, ["2026-12-01"]):
            with pytest.raises(ValueError, match="deadline"):
                TenderRecord.model_validate({"id": "1", "title": "x", "deadline": deadline})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Maroc", "MA"),
        ("المغرب", "MA"),
        ("ma", "MA"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("COTE D’IVOIRE", "CI"),
        ("Sénégal", "SN"),
        (" France ", "FR"),
    ],
)
def test_countries(text: str, code: str) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", "Atlantis", "M1", "MAR"])
def test_what_is_no_country(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 3166"):
        country_code(text)


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("72000000-5", "72000000"),
        ("03000000", "03000000"),
        ("3000000", "03000000"),
        (72000000, "72000000"),
        ("9310000-1", "09310000"),
    ],
)
def test_cpv_codes(code: object, kept: str) -> None:
    assert TenderRecord.model_validate({"id": "1", "title": "x", "cpv": [code]}).cpv == (kept,)


@pytest.mark.parametrize("code", ["7200", "abcdefgh", "720000000", "", True, None, "٧٢٠٠٠٠٠٠"])
def test_what_is_no_cpv_code(code: object) -> None:
    with pytest.raises(ValueError, match="CPV"):
        TenderRecord.model_validate({"id": "1", "title": "x", "cpv": [code]})
