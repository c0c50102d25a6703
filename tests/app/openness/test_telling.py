"""No count tells of one or two startups, by itself or by subtraction from the sum."""

from __future__ import annotations

from itertools import product

from app.openness.telling import counts_out, few
from matching.openness.mirror import Counts


def test_no_triple_gives_a_small_count_away() -> None:
    for triple in product(range(7), repeat=3):
        told = counts_out(Counts(*triple)).model_dump().values()
        hidden = [count for count, shown in zip(triple, told, strict=True) if shown is None]
        shown = [each for each in told if each is not None]
        assert not any(map(few, shown))
        others_known = len(hidden) == 1 and sum(triple) > hidden[0]
        assert not others_known, triple
