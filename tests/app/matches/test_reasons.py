"""Reasons as people read them."""

from __future__ import annotations

from app.db.base import JsonObject
from app.matches.reasons import told


def reason(code: str, term: str, *words: str, **facts: str) -> JsonObject:
    spans: list[JsonObject] = [{"field": "title", "start": 0, "end": len(word), "text": word} for word in words]
    return {
        "code": code, "contribution": 1.0, "term": term, "facts": dict(facts), "in_tender": spans, "in_startup": [],
    }  # fmt: skip


def test_a_word_is_shown_as_the_tender_writes_it_not_as_its_stem() -> None:
    (shown,) = told([reason("text.term", "fuit", "fuites", "Fuite")], "en")
    assert shown.sentence == "Both speak of “fuites”"
    assert shown.term == "fuit"


def test_a_word_that_stands_nowhere_is_shown_by_its_stem() -> None:
    (shown,) = told([reason("text.term", "fuit")], "en")
    assert shown.sentence == "Both speak of “fuit”"


def test_a_concept_is_named_in_the_readers_language_whatever_the_words() -> None:
    (shown,) = told([reason("text.concept", "leaks", "fuites", label_fr="fuites d'eau", label_ar="التسربات")], "ar")
    assert "التسربات" in shown.sentence
    assert "fuites" not in shown.sentence
