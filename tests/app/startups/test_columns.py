"""What is derived from a record."""

from __future__ import annotations

import json
import string
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Startup
from app.startups.columns import (
    MAX_DEPTH,
    SEARCH_CHARACTERS,
    StartupColumns,
    check_storable,
    fold_words,
    startup_columns,
)
from app.startups.errors import UnstorableField
from matching.text import fold
from scrapers.records import StartupRecord
from tests.app.startups.records import atlas


def columns(**changes: object) -> StartupColumns:
    return startup_columns(StartupRecord.model_validate(atlas(**changes)))


class TestColumns:
    def test_their_names_are_columns_of_the_table(self) -> None:
        assert set(StartupColumns._fields) <= set(Startup.__table__.columns.keys())

    def test_what_filters_compare_is_folded(self) -> None:
        made = columns()
        assert made.sort_name == "ecotech atlas"
        assert made.sectors == ["agritech", "e sante"]
        assert made.regions == ["souss massa", "agadir"]
        assert made.labels == ["jeune entreprise innovante"]
        assert made.certifications == ["iso 9001"]

    def test_spellings_of_one_word_count_once_and_a_word_of_signs_not_at_all(self) -> None:
        assert columns(sectors=["Santé", "SANTE", "—"]).sectors == ["sante"]

    def test_the_record_keeps_what_was_written_unknown_fields_included(self) -> None:
        record = columns().record
        assert record["sectors"] == ["AgriTech", "E-santé"]
        assert record["phone"] == "secret-phone"
        assert record["turnover"] == {"amount": 1234567.5, "currency": "MAD", "year": 2025}

    def test_what_is_empty_or_null_is_left_out(self) -> None:
        bare = startup_columns(
            StartupRecord.model_validate({"id": "1", "name": "N", "city": None, "sectors": [], "note": None})
        )
        assert bare.record == {"id": "1", "name": "N"}

    def test_the_record_reads_back_as_the_same_record(self) -> None:
        record = StartupRecord.model_validate(atlas())
        assert StartupRecord.model_validate(json.loads(json.dumps(startup_columns(record).record))) == record

    @pytest.mark.parametrize("amount", ["0.0001", "123456789012345.6789", "9999999999999999", "480000"])
    def test_no_digit_of_an_amount_is_lost(self, amount: str) -> None:
        kept = columns(turnover={"amount": amount, "currency": "MAD"}).record
        read = StartupRecord.model_validate(json.loads(json.dumps(kept)))
        assert read.turnover is not None
        assert read.turnover.amount == Decimal(amount)

    def test_the_hash_follows_the_content_not_the_order_of_fields(self) -> None:
        backwards = StartupRecord.model_validate(dict(reversed(atlas().items())))
        assert startup_columns(backwards).content_hash == columns().content_hash
        assert columns(phone="other").content_hash != columns().content_hash

    def test_index_keys_are_short_even_where_folding_makes_text_longer(self) -> None:
        made = columns(sectors=["\ufdfa" * 500], name="\ufdfa" * 500)
        assert max(len(key.encode()) for key in [*made.sectors, made.sort_name]) < 2_000


class TestSearchText:
    def test_it_holds_the_public_part_only(self) -> None:
        text = columns().search_text
        for word in ("ecotech", "irrigation", "lorawan", "telegestion", "agadir", "التنقيط", "iso"):
            assert word in text
        assert "secret" not in text
        assert "1234567" not in text

    def test_it_is_bounded_and_keeps_the_name(self) -> None:
        text = columns(description="mot " * 100_000).search_text
        assert len(text) <= SEARCH_CHARACTERS
        assert text.startswith("ecotech atlas")

    @given(st.text(max_size=200))
    def test_folding_twice_changes_nothing(self, text: str) -> None:
        assert fold_words(fold_words(text)) == fold_words(text)

    @given(st.text(alphabet=string.printable, max_size=100))
    def test_the_short_way_for_ascii_gives_the_same(self, text: str) -> None:
        long_way = " ".join("".join(c if c.isalnum() else " " for c in fold(w)) for w in text.split())
        assert fold_words(text).split() == long_way.split()


class TestUnstorable:
    @pytest.mark.parametrize(
        ("value", "code"),
        [
            ("a\0b", "unstorable-text"),
            ("\ud800", "unstorable-text"),
            ({"k\0": 1}, "unstorable-text"),
            (float("nan"), "unstorable-number"),
            (float("inf"), "unstorable-number"),
            (2**63, "unstorable-number"),
            ([{"deep": -(2**63) - 1}], "unstorable-number"),
        ],
    )
    def test_it_is_refused_wherever_it_stands(self, value: object, code: str) -> None:
        for changes, pointer in (
            ({"own": value}, "#/own"),
            ({"labels": [{"name": "L", "own": value}]}, "#/labels/0/own"),
            ({"references": [{"title": "R", "value": {"amount": 1, "currency": "MAD", "own": value}}]},
             "#/references/0/value/own"),
            ({"turnover": {"amount": 1, "currency": "MAD", "own": value}}, "#/turnover/own"),
        ):  # fmt: skip
            with pytest.raises(UnstorableField) as refused:
                columns(**changes)
            assert refused.value.code == code
            assert refused.value.pointer.startswith(pointer)

    def test_nesting_has_an_end(self) -> None:
        nested: object = 1
        for _ in range(MAX_DEPTH):
            nested = [nested]
        check_storable(nested)
        with pytest.raises(UnstorableField, match="too-deep"):
            check_storable([nested])

    def test_a_pointer_is_escaped(self) -> None:
        with pytest.raises(UnstorableField) as refused:
            check_storable({"a/b~c": "\0"})
        assert refused.value.pointer == "#/a~1b~0c"

    @given(st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=20,
    ))  # fmt: skip
    def test_what_is_let_through_comes_back_from_json_as_it_went(self, value: object) -> None:
        try:
            check_storable(value)
        except UnstorableField:
            return
        assert orjson.loads(orjson.dumps(value)) == value
