"""Texts written to make reading expensive: bounded findings, and work that grows with the text and no faster."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.requirements import finding_json, read_record, read_text, records
from matching.requirements.clauses import MAX_CLAUSE
from matching.requirements.document import Document
from matching.requirements.reading import MAX_OF_A_KIND

UNITS = [
    "caution provisoire ", "caution provisoire 5 000,00 dh ", "1 000 ", "(", "|", "| lot | caution provisoire |\n",
    "cent deux mille ", "ثلاثة آلاف و", "12/05/2026 ", "un chef de projet ", "a : b\n", "iso 9001 ", "\n ", " ", "ﷺ", "\u064b",
]  # fmt: skip


def steps(text: str) -> int:
    """How many calls of Python functions reading a text takes, once what it needs is compiled: a measure that no busy
    machine changes.
    """
    read_text(text)
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        read_text(text)
    finally:
        sys.setprofile(None)
    return counted


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    short, long = ((unit * size)[:size] for size in (2_000, 8_000))
    assert steps(long) <= 6 * steps(short) + 2_000


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_no_search_looks_at_more_than_a_clause(unit: str) -> None:
    document = Document((unit * 20_000)[:20_000])
    assert max((len(clause.text) for clause in document.clauses), default=0) <= MAX_CLAUSE
    assert sum(len(clause.text) for clause in document.clauses) <= len(document.folded.text)


def test_four_million_characters_are_read() -> None:
    text = "zéphyr " * 571_420 + "\n\nCaution provisoire : 5 000 DH."
    assert [finding.kind for finding in read_text(text)] == ["bond"]


def test_no_more_of_a_record_is_read_than_a_request_can_wait_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_CHARACTERS", 100)
    bond = "Caution provisoire : 5 000 DH."
    assert [found.field for found in read_record({"title": bond, "description": "x" * 80 + bond})] == ["title"]
    lots = [{"id": str(number), "title": bond} for number in range(50)]
    found = read_record({"title": bond, "lots": lots, "caution_provisoire": "5 000 DH"})
    assert [each.field for each in found if each.kind == "bond"] == ["lots[0].title", "lots[1].title", "title"]


def test_findings_are_bounded() -> None:
    found = Counter(finding.kind for finding in read_text("Caution provisoire : 5 000 DH.\n" * 400))
    assert max(found.values()) <= MAX_OF_A_KIND


PIECES = st.sampled_from([
    "caution provisoire", " : ", "5 000,00", " DH ", "néant", "lot n° 1", "\n", "|", "(", ")", "٥", "الضمان المؤقت", "درهم",
    "le 12/05/2026 à 10h", "attestations", "similaires", "ISO 9001", "trois", "ans", "%", "60 jours", "offres", "visite des lieux",
    "n'est pas", "prévue", "groupement", "réservé aux PME", "chef de projet", "classe 4", "secteur B", "\u200f", "ﷲ", "\x00",
])  # fmt: skip


@settings(max_examples=150)
@given(st.lists(PIECES | st.text(max_size=6), max_size=40))
def test_any_text_is_read_and_quoted_where_it_stands(pieces: list[str]) -> None:
    text = "".join(pieces)
    for finding in read_text(text):
        assert finding.quote == text[finding.start : finding.end] != ""
        finding_json(finding)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["amount", "currency", "id", "title"]), inner)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["value", "bond", "deadline", "lots", "reserved_sme", "title", "caution", "country"]), JSON
    )
)
def test_any_record_is_read(record: dict[str, object]) -> None:
    for finding in read_record(record):
        assert finding.field
        finding_json(finding)
