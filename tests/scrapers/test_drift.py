"""Drift: seen when a field stops filling, silent when it is chance."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from scrapers.drift import Fills, drifting

USUAL = {"deadline": 0.99, "value": 0.5, "buyer": 1.0, "description": 0.9}


def fills(records: int, **rates: float) -> Fills:
    shares = {**USUAL, **rates}
    return Fills(records, Counter({field: round(share * records) for field, share in shares.items()}))


HISTORY = [fills(200) for _ in range(5)]


def test_a_field_that_stops_filling() -> None:
    (drift,) = drifting(fills(80, deadline=0.0), HISTORY)
    assert (drift.field, drift.before, drift.now) == ("deadline", 0.99, 0.0)


def test_half_of_a_seldom_field_is_seen_in_a_large_run_and_not_in_a_small_one() -> None:
    assert [drift.field for drift in drifting(fills(300, value=0.2), HISTORY)] == ["value"]
    assert drifting(fills(19, value=0.0), [fills(100)]) == []


def test_a_run_like_the_others_and_a_better_one() -> None:
    assert drifting(fills(100), HISTORY) == []
    assert drifting(fills(100, value=1.0), HISTORY) == []


def test_no_history_no_alarm() -> None:
    assert drifting(fills(500, deadline=0.0), []) == []


def test_a_yield_that_collapses() -> None:
    assert [drift.field for drift in drifting(fills(3), HISTORY)] == ["yield"]
    assert drifting(fills(30), HISTORY) == []


@given(st.integers(0, 500), st.lists(st.integers(0, 400), max_size=6))
def test_any_counts(records: int, before: list[int]) -> None:
    for drift in drifting(fills(records), [fills(count) for count in before]):
        assert drift.field == "yield"
