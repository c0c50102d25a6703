"""JSON of portals: impossible numbers, odd encodings, traps for parsers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import SourceChanged
from scrapers.json_text import at, loads


def test_numbers_that_no_float_holds_stay_as_they_were_written() -> None:
    body = b'{"a": 1e9999, "b": NaN, "c": -Infinity, "d": 1e3, "e": ' + b"9" * 5_000 + b"}"
    found = loads(body)
    assert isinstance(found, dict)
    assert (found["a"], found["b"], found["c"], found["d"]) == ("1e9999", "NaN", "-Infinity", 1000.0)
    assert found["e"] == "9" * 5_000


def test_bytes_that_are_not_utf_8() -> None:
    assert loads('{"a": "Café – 5 €"}'.encode("cp1252")) == {"a": "Café – 5 €"}
    assert loads(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_half_a_character_is_replaced() -> None:
    body = json.dumps({"a \ud83d": ["x \udcff \U0001f600", 1e300, 1e9999]}).encode()
    assert loads(body) == {"a \ufffd": ["x \ufffd \U0001f600", 1e300, "Infinity"]}


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 100_000, b'{"a":' * 50_000, b"\x00", b"nul"])
def test_what_is_no_json(body: bytes) -> None:
    with pytest.raises(SourceChanged):
        loads(body)


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    try:
        loads(body)
    except SourceChanged:
        return


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_sound_documents_are_read_as_they_are(document: object) -> None:
    assert loads(json.dumps(document).encode()) == document


def test_a_path() -> None:
    assert at({"links": {"next": "x"}}, ("links", "next")) == "x"
    assert at({"links": []}, ("links", "next")) is None
    assert at(None, ("links",)) is None
