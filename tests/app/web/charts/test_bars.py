"""Bars: shares of the largest or of a whole, a sliver for little, and none for what is nothing or not told."""

from __future__ import annotations

from app.web.charts.bars import lengths


def test_a_bar_is_the_share_of_the_largest_or_of_the_whole() -> None:
    assert lengths([5, 10, None, 0, 0.001]) == [50.0, 100.0, 0.0, 0.0, 1.0]
    assert lengths([5, None], 20) == [25.0, 0.0]
    assert lengths([30], 20) == [100.0]
    assert lengths([None, 0]) == [0.0, 0.0]
    assert lengths([]) == []
