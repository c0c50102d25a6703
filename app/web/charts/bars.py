"""Horizontal bars, each under its words: labels of any length fit, in both directions of writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 400
_LINE: Final = 18
_BAR: Final = 14
_GAP: Final = 12
_LEAST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in the units of its chart. ``value`` ``None``: not told; then there is a track and no bar."""

    label: str
    value: float | None
    text_y: float
    y: float
    length: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart: its size, and its bars, which begin at 0 or, from right to left, end at ``width``."""

    width: int
    height: int
    thickness: int
    bars: Sequence[Bar]


def bars(values: Sequence[tuple[str, float | None]], whole: float | None = None) -> Bars:
    """Bars of what ``values`` count, as long as their share of ``whole`` (the largest value, if none is given)."""
    largest = max([whole or 0.0, *(value for _, value in values if value is not None)], default=0.0)
    step = _LINE + _BAR + _GAP
    drawn = [
        Bar(label, value, at * step + _LINE - 5.0, float(at * step + _LINE), _length(value, largest))
        for at, (label, value) in enumerate(values)
    ]
    return Bars(WIDTH, max(step * len(drawn) - _GAP + 1, 1), _BAR, drawn)


def _length(value: float | None, largest: float) -> float:
    """At least a sliver for what is more than nothing."""
    if not value or largest <= 0:
        return 0.0
    return round(max(_LEAST, WIDTH * min(1.0, value / largest)), 1)
