"""Horizontal bars that stand in the rows of the table whose figures they draw: words and numbers keep their size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

WIDTH: Final = 100.0
"""The length of a whole track; a bar of it begins where a line of the reader's language does."""

_LEAST: Final = 1.0


def lengths(values: Sequence[float | None], whole: float | None = None) -> list[float]:
    """The bars of what ``values`` count: their share of ``whole`` (the largest value, if none is given) of ``WIDTH``.

    ``None`` is a number that is not told: a track without a bar, as for nothing; what is more has at least a sliver.
    """
    largest = max([whole or 0.0, *(value for value in values if value is not None)], default=0.0)
    return [_length(value, largest) for value in values]


def _length(value: float | None, largest: float) -> float:
    if not value or largest <= 0:
        return 0.0
    return round(max(_LEAST, WIDTH * min(1.0, value / largest)), 1)
