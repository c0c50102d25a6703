"""What ``r`` more members can bring at best: the bounds that keep the search for consortia short.

``best[r][mask]`` is the greatest sum of relevance of ``r`` candidates (repetition allowed) that together hold every
need of ``mask``: at least that of any real choice, as it forgets conflicts, sums, and that members differ.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Masks: TypeAlias = npt.NDArray[np.int64]
Points: TypeAlias = npt.NDArray[np.int32]

MOST_BITS = 12
"""Needs that the tables know, the rarest ones: 3^12 sums are computed for each table."""

NEVER = np.int32(-(1 << 29))
"""Sum of relevance of what can't be: adding two stays within 32 bits."""


def best_tables(masks: Masks, points: Points, bits: int, most: int) -> list[Points]:
    """Tables for 0 to ``most`` members over the lowest ``bits`` needs."""
    size = 1 << bits
    none = np.full(size, NEVER, dtype=np.int32)
    none[0] = 0
    one = np.full(size, NEVER, dtype=np.int32)
    np.maximum.at(one, masks & (size - 1), points)
    for bit in range(bits):  # whoever holds more also holds less
        pairs = one.reshape(-1, 2, 1 << bit)
        np.maximum(pairs[:, 0], pairs[:, 1], out=pairs[:, 0])
    tables = [none, one]
    while len(tables) <= most:
        tables.append(_joined(tables[-1], one, bits))
    return tables[: most + 1]


def _joined(left: Points, right: Points, bits: int) -> Points:
    """For each mask the best of ``left[a] + right[mask - a]`` over its parts ``a``: 3^bits sums, a bit at a time."""
    a, b = left.reshape(1, -1), right.reshape(1, -1)
    for _ in range(bits):
        half = a.shape[1] // 2
        a0, a1, b0, b1 = a[:, :half], a[:, half:], b[:, :half], b[:, half:]
        a, b = np.concatenate([a0, a1, a0]), np.concatenate([b0, b0, b1])
    sums = np.maximum(a + b, NEVER)
    for _ in range(bits):
        without, first, second = np.split(sums, 3)
        sums = np.concatenate([without, np.maximum(first, second)], axis=1)
    joined: Points = sums[0]
    return joined
