"""Goals are looked up in the figures of a run, and told as met or missed."""

from __future__ import annotations

import pytest

from bench.engine_goals import GOALS, Goal, judged
from bench.figures import Figure


def _figure(n: int, value: float, case: str = "a", metric: str = "p50") -> Figure:
    return Figure("engine", case, "peer", n, metric, value, "")


@pytest.mark.parametrize(
    ("at_most", "value", "met"), [(False, 2.0, True), (False, 1.9, False), (True, 2.0, True), (True, 2.1, False)]
)
def test_a_bound_is_kept_or_not(at_most: bool, value: float, met: bool) -> None:
    assert Goal("g", "a", "peer", "p50", 2.0, at_most).met(value) is met


def test_a_goal_speaks_of_its_own_sizes() -> None:
    figures = [_figure(10_000, 3.0), _figure(100_000, 1.0), _figure(10_000, 9.0, "one query", "p99")]
    assert list(judged(figures)) == []
    own = Figure("engine", "synthetic, one query: times safqa's", "bm25s", 100_000, "p50", 1.6, "")
    ((goal, found),) = judged([own])
    assert (goal.bound, found) == (1.5, own)


def test_no_goal_is_told_twice() -> None:
    assert len({(goal.case, goal.engine, goal.metric, goal.sizes) for goal in GOALS}) == len(GOALS)
