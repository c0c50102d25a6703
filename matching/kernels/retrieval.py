"""The part of a score that rows alone tell: the weighted roots of their channels' cosines with a query.

Both kernels add the same 32-bit numbers in the same order, so that a row has the same score in postings and in a tail.
"""

from __future__ import annotations

import numpy as np

from matching.kernels.compiling import compiled
from matching.kernels.postings import BLOCK, accumulate, offer, sort_heap
from matching.vectorizer import F32, I32, I64, U8, U16, U32

_SPARSE = 8
"""A channel that touches fewer than one row in so many has its roots added posting by posting."""


@compiled
def _add_roots(sums: F32, total: F32, slopes: F32, slope: np.float32) -> None:
    """Add the weighted roots of a channel's sums to the totals, and clear the sums."""
    if slopes.size:
        for at in range(sums.size):
            total[at] += slopes[at] * np.sqrt(sums[at])
    else:
        for at in range(sums.size):
            total[at] += slope * np.sqrt(sums[at])
    sums[:] = 0.0


@compiled
def _add_touched_roots(rows: U16, sums: F32, total: F32, slopes: F32, slope: np.float32) -> None:
    """``_add_roots`` for some rows, each of which may come more than once."""
    for slot in range(rows.size):
        at = rows[slot]
        if sums[at] != 0.0:
            total[at] += (slopes[at] if slopes.size else slope) * np.sqrt(sums[at])
            sums[at] = 0.0


@compiled
def top_scored(  # noqa: PLR0913, PLR0917 - the arrays of a part and of a query, as flat as the kernel reads them
    postings: tuple[U32, U16, F32],
    starts: I64,
    owners: I32,
    query: tuple[I32, F32, I64],
    weights: F32,
    traits: tuple[F32, F32],
    allowed: U8,
    best: int,
) -> tuple[I64, F32]:
    """The ``best`` rows (or groups of rows, by their best row) by score, best first, of equal scores the earlier.

    ``query`` is (features, values, cuts): the features ``cuts[n]:cuts[n + 1]`` are those of channel ``n``, ascending.
    A row's score is its prior and the root of its cosine in each channel, times what the channel weighs: ``traits`` is
    (prior of each row, slopes of each channel and row), and both are empty where every row has no prior and the
    ``weights`` of the channels; a channel whose weight is 0 is passed over in either case. ``owners`` is the group of
    each row, empty where each row is its own; those whose ``allowed`` is 0 are passed over.
    """
    pointers, local, weight = postings
    ids, values, cuts = query
    prior, slopes = traits
    heap = (np.empty(best, np.float32), np.empty(best, np.int64))
    sums = np.zeros(BLOCK, np.float32)
    totals = np.empty(BLOCK, np.float32)
    size = 0
    for block in range(starts.size - 1):
        first, last = starts[block], starts[block + 1]
        total, part = totals[: last - first], sums[: last - first]
        total[:] = 0.0
        if prior.size:
            total[:] = prior[first:last]
        for channel in range(cuts.size - 1):
            if weights[channel] == 0.0:
                continue
            begin, end = cuts[channel], cuts[channel + 1]
            slope = slopes[channel, first:last] if slopes.size else slopes[0]
            added = accumulate(pointers[block], local, weight, ids[begin:end], values[begin:end], part)
            if added * _SPARSE > last - first:
                _add_roots(part, total, slope, weights[channel])
            elif added:
                for position in range(begin, end):
                    feature = ids[position]
                    if feature + 1 < pointers.shape[1]:
                        rows = local[pointers[block, feature] : pointers[block, feature + 1]]
                        _add_touched_roots(rows, part, total, slope, weights[channel])
        size = offer(total, first, owners, allowed, heap, size)
    sort_heap(heap[0], heap[1], size)
    return heap[1][:size].copy(), heap[0][:size].copy()


@compiled
def scores_of_rows(
    rows: tuple[I64, I32, F32], channels: U8, query: tuple[I32, F32, I64], weights: F32, traits: tuple[F32, F32]
) -> F32:
    """The same score for each of some plain rows."""
    ptr, row_ids, row_values = rows
    ids, values, cuts = query
    prior, slopes = traits
    dense = np.zeros(channels.size, np.float32)
    for position in range(ids.size):
        dense[ids[position]] = values[position]
    sums = np.empty(cuts.size - 1, np.float32)
    total = np.zeros(ptr.size - 1, np.float32)
    for row in range(ptr.size - 1):
        sums[:] = 0.0
        for position in range(ptr[row], ptr[row + 1]):
            value = dense[row_ids[position]]
            if value != 0.0:
                sums[channels[row_ids[position]]] += value * row_values[position]
        if prior.size:
            total[row] = prior[row]
        for channel in range(sums.size):
            if weights[channel] != 0.0 and sums[channel] != 0.0:
                slope = slopes[channel, row] if slopes.size else weights[channel]
                total[row] += slope * np.sqrt(sums[channel])
    return total
