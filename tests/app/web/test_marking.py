"""Marked words: nothing of the text is lost or made up, and nothing else is marked."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.matches.schemas import SpanOut
from app.web.marking import Piece, pieces, spans_in

texts = st.text(alphabet=st.sampled_from("ab <>&é ماء\n"), max_size=60)
spans = st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=8)


def _marked(found: list[Piece]) -> list[bool]:
    return [piece.marked for piece in found for _ in piece.text]


@given(texts, spans)
def test_pieces_are_the_text_and_mark_what_the_spans_cover(text: str, given_spans: list[tuple[int, int]]) -> None:
    found = pieces(text, given_spans)
    assert "".join(piece.text for piece in found) == text
    assert _marked(found) == [any(start <= at < end for start, end in given_spans) for at in range(len(text))]
    assert all(piece.text for piece in found)
    assert all(one.marked != other.marked for one, other in itertools.pairwise(found))


def test_a_place_whose_text_has_changed_is_not_marked() -> None:
    places = [
        SpanOut(field="title", start=0, end=5, text="Audit"),
        SpanOut(field="title", start=9, end=17, text="sécurité"),
        SpanOut(field="description", start=0, end=5, text="Audit"),
        SpanOut(field="activities", start=0, end=5, text="Audit", item=1),
    ]
    assert spans_in("Audit of sûreté", "title", places) == [(0, 5)]
    assert spans_in("Audit", "activities", places, 1) == [(0, 5)]
    assert spans_in("Audit", "activities", places, 0) == []
