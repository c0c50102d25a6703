"""The index of concentration, by its definition."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from matching.openness.concentration import concentration, hhi


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
def test_it_is_the_sum_of_squared_shares(winners: list[str]) -> None:
    told = concentration(winners)
    assert told is not None
    shares = [Fraction(n, len(winners)) for n in Counter(winners).values()]
    assert abs(told.hhi - 10_000 * sum(share * share for share in shares)) <= Fraction(1, 2)
    assert (told.awards, told.suppliers) == (len(winners), len(set(winners)))


def test_one_supplier_is_10000_and_a_hundred_are_100() -> None:
    assert (hhi([7]), hhi([1] * 100)) == (10_000, 100)


def test_new_suppliers_are_those_that_won_nothing_before() -> None:
    assert [each and each.new_share for each in map(concentration, ([], ["a"], ["a", "a"], ["a", "b"]))] == [
        None,
        None,
        0.0,
        1.0,
    ]
    told = concentration(["a", "b", "a", "c"])
    assert told is not None
    assert told.new_share == 0.5
