"""The derived columns of a tender row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tenders.columns import (
    SEARCH_CHARACTERS,
    UndatableDay,
    fold_words,
    record_json,
    search_text,
    tender_columns,
)
from scrapers.records import TenderRecord

CASABLANCA = ZoneInfo("Africa/Casablanca")


def _record(**fields: object) -> TenderRecord:
    return TenderRecord.model_validate({"id": "AO-1", "title": "Entretien du réseau", **fields})


class TestDates:
    def test_a_day_ends_at_its_last_second_in_the_zone(self) -> None:
        columns = tender_columns(_record(deadline="2026-12-01", published="2026-11-01"), zone=CASABLANCA)
        assert columns.deadline_at == dt.datetime(2026, 12, 1, 22, 59, 59, tzinfo=dt.UTC)
        assert columns.published_at == dt.datetime(2026, 10, 31, 23, 0, tzinfo=dt.UTC)

    def test_morocco_leaves_its_offset_in_ramadan(self) -> None:
        columns = tender_columns(_record(deadline="2026-03-01"), zone=CASABLANCA)
        assert columns.deadline_at == dt.datetime(2026, 3, 1, 23, 59, 59, tzinfo=dt.UTC)

    def test_an_instant_keeps_its_own_offset(self) -> None:
        columns = tender_columns(_record(deadline="2026-12-01T10:00:00+05:00"), zone=CASABLANCA)
        assert columns.deadline_at == dt.datetime(2026, 12, 1, 5, 0, tzinfo=dt.UTC)

    def test_a_day_nowhere_is_refused_by_name(self) -> None:
        with pytest.raises(UndatableDay, match="deadline: ") as refused:
            tender_columns(_record(deadline="2026-12-01"), zone=None)
        assert refused.value.field == "deadline"


class TestRecord:
    def test_unknown_fields_are_kept_and_nothing_empty_is(self) -> None:
        stored = record_json(_record(description="", lots=[], place=None, visite="obligatoire", extra={"a": [1, None]}))
        assert stored == {
            "id": "AO-1", "title": "Entretien du réseau", "visite": "obligatoire", "extra": {"a": [1, None]},
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("amount", "stored"),
        [
            ("1250000", 1_250_000),
            ("1250000.50", 1250000.5),
            (0.1, 0.1),
            ("9999999999999999.9999", "9999999999999999.9999"),
        ],
    )
    def test_amounts_are_numbers_where_a_number_holds_them(self, amount: object, stored: object) -> None:
        record = _record(
            value={"amount": amount, "currency": "MAD"},
            lots=[{"id": "1", "title": "a", "value": {"amount": amount, "currency": "MAD"}}],
        )
        columns = tender_columns(record, zone=CASABLANCA)
        assert columns.record["value"]["amount"] == stored
        assert columns.record["lots"][0]["value"]["amount"] == stored
        assert columns.value_amount == Decimal(str(amount))

    @given(st.decimals(min_value="0.0001", max_value="9999999999999999", places=4))
    def test_a_stored_record_is_the_record_again(self, amount: Decimal) -> None:
        record = _record(value={"amount": amount, "currency": "MAD"}, deadline="2026-12-01", reserved_sme=False)
        again = TenderRecord.model_validate(record_json(record))
        assert again == record
        assert tender_columns(again, zone=CASABLANCA) == tender_columns(record, zone=CASABLANCA)

    def test_the_hash_ignores_how_a_record_was_written(self) -> None:
        one = TenderRecord.model_validate({"id": "1", "title": "a", "place": "Fès", "z": 1, "y": 2})
        other = TenderRecord.model_validate({"y": 2, "z": 1, "place": "Fès", "title": " a ", "id": 1, "lots": []})
        assert tender_columns(one, zone=None).content_hash == tender_columns(other, zone=None).content_hash
        assert (
            tender_columns(_record(z=1), zone=None).content_hash != tender_columns(_record(z=2), zone=None).content_hash
        )

    @pytest.mark.parametrize("extra", [{"n": 2**70}, {"t": "a\0b"}, {"deep": [{"x\0": 1}]}, {"s": "\ud800"}])
    def test_what_the_database_cannot_keep_is_refused(self, extra: dict[str, object]) -> None:
        with pytest.raises(ValueError, match=r"stored|NUL|surrogate|utf-8"):
            tender_columns(_record(**extra), zone=None)

    def test_a_backslash_u_in_plain_text_is_text(self) -> None:
        assert tender_columns(_record(note="\\u0000"), zone=None).record["note"] == "\\u0000"


class TestSearchText:
    def test_it_holds_title_buyer_codes_and_lots_folded(self) -> None:
        columns = tender_columns(
            _record(
                buyer={"name": "Commune d'Ifrane"},
                cpv=["72000000-5"],
                lots=[{"id": "1", "title": "Câblage", "cpv": ["45314300"]}],
                description="صيانة الشَّبَكة",
            ),
            zone=None,
        )
        words = columns.search_text.split()
        assert {"reseau", "ifrane", "qzbuyerifrane", "cpv72000000", "cpv45314300", "cablage", "الشبكه"} <= set(words)

    @given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=100))
    def test_every_word_is_folded_as_the_words_of_a_query_are(self, text: str) -> None:
        record = _record(title="x", id="y", description=text)
        words = " ".join(filter(None, fold_words(record.description)))
        assert search_text(record) == f"x  y {words}"

    def test_it_is_bounded(self) -> None:
        assert len(tender_columns(_record(description="mot " * 300_000), zone=None).search_text) <= SEARCH_CHARACTERS


def test_letters_that_fold_into_many_are_folded_to_a_limit() -> None:
    # One letter of these becomes 18: two million of them held the event loop for seconds.
    assert len(search_text(_record(description="\ufdfa" * 200_000))) < 50_000
