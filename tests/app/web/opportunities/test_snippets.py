"""Passages of long texts, with what was looked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.web.opportunities.snippets import PASSAGE_CHARACTERS, passage

_PLACES = st.lists(st.tuples(st.integers(-20, 900), st.integers(-20, 900)), max_size=12)


@given(st.text(st.sampled_from("ab à<&ع\n"), max_size=800), _PLACES)
def test_a_passage_is_a_stretch_of_the_text_whatever_the_spans(text: str, spans: list[tuple[int, int]]) -> None:
    found = passage(text, spans)
    joined = "".join(piece.text for piece in found)
    assert joined.removeprefix("…").removesuffix("…") in text
    assert len(joined) <= PASSAGE_CHARACTERS + 2
    inside = [(start, end) for start, end in spans if max(0, start) < min(len(text), end)]
    assert any(piece.marked for piece in found) == bool(inside)


def test_the_stretch_that_says_most_is_chosen_and_cut_between_words() -> None:
    text = "Une eau. " + "Sans rapport avec cela. " * 30 + "Forage d'eau, adduction d'eau potable." + " La fin." * 60
    spans = [(at, at + 3) for at in range(len(text)) if text.startswith("eau", at)]
    found = passage(text, spans)
    assert [piece.text for piece in found if piece.marked] == ["eau", "eau"]
    assert found[0].text == found[-1].text == "…"
    assert not found[1].text.startswith("apport")


def test_a_short_text_stands_whole() -> None:
    assert passage("Court.", []) == [("Court.", False)]
    assert passage("", [(0, 4)]) == []
