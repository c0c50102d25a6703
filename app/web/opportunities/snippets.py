"""The passage of a long text that says most of what was looked for, as pieces with those words marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.web.marking import Piece, pieces

PASSAGE_CHARACTERS: Final = 240
_BEFORE: Final = 60
"""Characters before the first marked word, so that it is read in its sentence."""

_MOST_SPANS: Final = 200
_ELLIPSIS: Final = "…"


def passage(text: str, spans: Sequence[tuple[int, int]], length: int = PASSAGE_CHARACTERS) -> list[Piece]:
    """The stretch of about ``length`` characters with most of the spans, cut at spaces, with ellipses where it was cut;
    the beginning where there is none.

    Spans are as for :func:`app.web.marking.pieces`.
    """
    inside = sorted((max(0, start), min(len(text), end)) for start, end in spans)[:_MOST_SPANS]
    inside = [(start, end) for start, end in inside if start < end]
    start, end = _window(text, inside, length)
    shown = pieces(text[start:end], [(one - start, other - start) for one, other in inside])
    if start > 0:
        shown.insert(0, Piece(_ELLIPSIS, marked=False))
    if end < len(text):
        shown.append(Piece(_ELLIPSIS, marked=False))
    return shown


def _window(text: str, spans: Sequence[tuple[int, int]], length: int) -> tuple[int, int]:
    """Where the passage begins and ends."""
    first = 0
    if spans:
        first = max(spans, key=lambda span: (_within(spans, span[0], length - _BEFORE), -span[0]))[0]
    start = max(0, first - _BEFORE)
    if start > 0:
        space = text.find(" ", start, first)
        start = first if space < 0 else space + 1
    end = min(len(text), start + length)
    if end < len(text):
        space = text.rfind(" ", start + 1, end)
        end = end if space < 0 else space
    return start, end


def _within(spans: Sequence[tuple[int, int]], start: int, length: int) -> int:
    return sum(start <= one and other <= start + length for one, other in spans)
