"""Reasons as pages tell them: those that speak alike are one sentence, and no stem stands for a word."""

from __future__ import annotations

from app.matches.schemas import ReasonOut, SpanOut
from app.web.reasons import gathered, telling


def reason(code: str, term: str | None, contribution: float = 1.0, written: str = "", **facts: str) -> ReasonOut:
    spans = [SpanOut(field="title", start=0, end=1, text=written)] if written else []
    return ReasonOut(
        code=code, sentence=f"{code} {term}", contribution=contribution, term=term, facts=dict(facts),
        in_tender=spans, in_startup=[],
    )  # fmt: skip


def test_reasons_that_speak_alike_are_told_once_where_the_first_stands() -> None:
    told = gathered(
        [
            reason("text.trade", "t-1", 3.0, label_fr="technologies de l'eau"),
            reason("value.similar", None, 2.0),
            reason("text.trade", "t-2", 1.0, label_fr="objets connectés"),
            reason("text.trade", "t-3", -1.0, label_fr="à part"),
            reason("text.trade", "t-4", 1.0, label_fr="appris", startup_learned="more"),
        ],
        "fr",
    )
    assert [each.sentence for each in told] == [
        "Le bon métier\u00a0: technologies de l'eau · objets connectés", "value.similar None", "text.trade t-3",
        "text.trade t-4",
    ]  # fmt: skip
    assert told[0].contribution == 4.0


def test_a_word_is_told_as_the_notice_writes_it() -> None:
    told = gathered([reason("text.term", "reel", written="Réel"), reason("buyer.known", "agricol offic")], "fr")
    assert "réel" in told[0].sentence
    assert "offic" not in told[1].sentence


def test_the_weightiest_come_first_and_what_says_nothing_is_left_out() -> None:
    told = telling([reason("base", None), reason("place.same", None, 0.5), reason("cpv.shared", "1", 2.0)])
    assert [each.code for each in told] == ["cpv.shared", "place.same"]
