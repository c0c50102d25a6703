"""How concentrated a buyer's awards are, by counts of awards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

SCALE = 10_000
"""The Herfindahl-Hirschman index of one supplier alone."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """``hhi``: from near 0 to 10,000. ``new_share``: of the suppliers of the later half of the awards, those that had
    won none in the earlier half; ``None`` with fewer than two awards.
    """

    awards: int
    suppliers: int
    hhi: int
    new_share: float | None


def concentration(winners: Sequence[str]) -> Concentration | None:
    """Of awards by their winner, the oldest first; ``None`` for no award."""
    if not winners:
        return None
    counts: dict[str, int] = {}
    for each in winners:
        counts[each] = counts.get(each, 0) + 1
    half = len(winners) // 2
    earlier, later = frozenset(winners[:half]), frozenset(winners[half:])
    new = len(later - earlier) / len(later) if half else None
    return Concentration(len(winners), len(counts), hhi(counts.values()), new)


def hhi(counts: Iterable[int]) -> int:
    """The sum of the squared shares, in ten-thousandths, rounded half up."""
    told = list(counts)
    total = sum(told)
    exact = Decimal(SCALE * sum(each * each for each in told)) / (total * total)
    return int(exact + Decimal("0.5"))
