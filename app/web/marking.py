"""Texts with the words marked that made a match, as pieces that a template writes one after the other.

In a template: ``{% for piece in pieces %}{% if piece.marked %}<mark>{{ piece.text }}</mark>{% else %}{{ piece.text }}
{% endif %}{% endfor %}`` (the macro ``ui.marked``): every piece is escaped as any other text, so that nothing that
stands in a notice becomes a tag.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Piece(NamedTuple):
    """A stretch of a text, and whether it is marked."""

    text: str
    marked: bool


class Place(Protocol):
    """Where a form stands; what :class:`app.matches.schemas.SpanOut` says of it."""

    @property
    def field(self) -> str:
        """Field of the record."""

    @property
    def start(self) -> int:
        """First character, from 0."""

    @property
    def end(self) -> int:
        """One past the last character."""

    @property
    def text(self) -> str:
        """The form as it is written there."""

    @property
    def item(self) -> int | None:
        """Position in a list field."""


def pieces(text: str, spans: Iterable[tuple[int, int]]) -> list[Piece]:
    """A text cut at half-open spans of characters; together the pieces are the text.

    Spans may come in any order, overlap, touch, be empty, or reach beyond the text: what they cover of it is marked,
    and neighbours that are marked are one piece.
    """
    found: list[Piece] = []
    at = 0
    for start, end in _merged(text, spans):
        if start > at:
            found.append(Piece(text[at:start], marked=False))
        found.append(Piece(text[start:end], marked=True))
        at = end
    if at < len(text):
        found.append(Piece(text[at:], marked=False))
    return found


def spans_in(text: str, field: str, places: Iterable[Place], item: int | None = None) -> list[tuple[int, int]]:
    """The spans of those places that stand in a field (or in one item of a list), in ``text`` as it reads now.

    A match is kept with the version that it was made of: where the text has changed since, and another word stands at
    a place, the place is left out rather than a wrong word marked.
    """
    return [
        (place.start, place.end)
        for place in places
        if place.field == field and place.item == item and text[place.start : place.end] == place.text
    ]


def _merged(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    inside = sorted((max(0, start), min(len(text), end)) for start, end in spans)
    merged: list[tuple[int, int]] = []
    for start, end in inside:
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
