"""Counts to TF-IDF values, one norm for each channel of each row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from matching.kernels.compiling import compiled

if TYPE_CHECKING:  # the rows of that module are weighed here
    from matching.vectorizer import F32, F64, I32, I64, U8


@compiled
def weigh(  # noqa: PLR0913, PLR0917 - rows and idf, as flat as the kernel reads them
    ptr: I64, ids: I32, tf: F32, idf: F64, channels: U8, pivots: F64, slope: float
) -> F32:
    """The values of rows. With a ``slope`` below 1, norms below ``pivots`` are tempered with them; the pivot of a row
    that repeats itself is raised by its mean count, so that it gains nothing.
    """
    values = np.empty(ids.size, np.float32)
    squares, counts, times = np.empty(pivots.size), np.empty(pivots.size), np.empty(pivots.size)
    for row in range(ptr.size - 1):
        squares[:] = 0.0
        counts[:] = 0.0
        times[:] = 0.0
        for position in range(ptr[row], ptr[row + 1]):
            channel = channels[ids[position]]
            value = np.float64(tf[position]) * idf[ids[position]]
            squares[channel] += value * value
            counts[channel] += 1.0
            times[channel] += np.float64(tf[position])
        for channel in range(pivots.size):
            norm = math.sqrt(squares[channel])
            if slope != 1.0:
                repetition = max(times[channel] / max(counts[channel], 1.0), 1.0)
                norm = max(norm, (1.0 - slope) * pivots[channel] * repetition + slope * norm)
            squares[channel] = norm if norm != 0.0 else 1.0
        for position in range(ptr[row], ptr[row + 1]):
            value = np.float64(tf[position]) * idf[ids[position]]
            values[position] = np.float32(value / squares[channels[ids[position]]])
    return values


@compiled
def norm_totals(ptr: I64, ids: I32, tf: F32, idf: F64, channels: U8, count: int) -> tuple[F64, I64]:
    """The sum of the rows' norms in each of ``count`` channels, and how many rows have any of it."""
    totals, rows = np.zeros(count, np.float64), np.zeros(count, np.int64)
    squares = np.empty(count, np.float64)
    for row in range(ptr.size - 1):
        squares[:] = 0.0
        for position in range(ptr[row], ptr[row + 1]):
            value = np.float64(tf[position]) * idf[ids[position]]
            squares[channels[ids[position]]] += value * value
        for channel in range(count):
            if squares[channel] > 0.0:
                totals[channel] += math.sqrt(squares[channel])
                rows[channel] += 1
    return totals, rows


@compiled
def frequencies(ids: I32, count: int) -> I64:
    """How many rows hold each of ``count`` features, from the features of all rows."""
    found = np.zeros(count, np.int64)
    for position in range(ids.size):
        found[ids[position]] += 1
    return found
