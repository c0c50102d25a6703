"""Blocked postings: term-at-a-time sums over 65,536 rows at a time, so that the sums stay in the cache."""

from __future__ import annotations

from typing import Final

import numpy as np

from matching.kernels.compiling import compiled
from matching.vectorizer import F32, I32, I64, U8, U16

BLOCK: Final = 65_536


@compiled
def invert(row_ptr: I64, features: I32, values: F32, feature_count: int) -> tuple[I64, U16, F32]:
    """Rows to postings: ``pointers[block, feature]`` into row numbers local to the block and their values."""
    rows = row_ptr.size - 1
    blocks = (rows + BLOCK - 1) // BLOCK
    pointers = np.zeros((blocks, feature_count + 1), np.int64)
    local = np.empty(features.size, np.uint16)
    weight = np.empty(features.size, np.float32)
    begin = np.int64(0)
    for block in range(blocks):
        first = block * BLOCK
        last = min(rows, first + BLOCK)
        counts = pointers[block]
        for position in range(row_ptr[first], row_ptr[last]):
            counts[features[position] + 1] += 1
        counts[0] = begin
        for feature in range(feature_count):
            counts[feature + 1] += counts[feature]
        cursor = counts[:-1].copy()
        for row in range(first, last):
            for position in range(row_ptr[row], row_ptr[row + 1]):
                slot = cursor[features[position]]
                local[slot] = row - first
                weight[slot] = values[position]
                cursor[features[position]] = slot + 1
        begin = counts[feature_count]
    return pointers, local, weight


@compiled
def _sift_down(scores: F32, items: I64, size: int) -> None:
    """Restore a min-heap whose root changed; of equal scores the later item is the smaller."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        right = child + 1
        if right < size and (
            scores[right] < scores[child] or (scores[right] == scores[child] and items[right] > items[child])
        ):
            child = right
        if scores[child] > scores[at] or (scores[child] == scores[at] and items[child] < items[at]):
            return
        scores[at], scores[child] = scores[child], scores[at]
        items[at], items[child] = items[child], items[at]
        at = child


@compiled
def _push(scores: F32, items: I64, size: int, score: np.float32, item: np.int64) -> int:
    """Offer an item to a bounded min-heap; returns the new size. Items must come in ascending order."""
    if size < scores.size:
        at = size
        scores[at] = score
        items[at] = item
        while at > 0:
            parent = (at - 1) // 2
            if scores[parent] < scores[at] or (scores[parent] == scores[at] and items[parent] > items[at]):
                break
            scores[parent], scores[at] = scores[at], scores[parent]
            items[parent], items[at] = items[at], items[parent]
            at = parent
        return size + 1
    if score > scores[0]:
        scores[0] = score
        items[0] = item
        _sift_down(scores, items, size)
    return size


@compiled
def top_groups(
    postings: tuple[I64, U16, F32],
    query_ids: I32,
    query_values: F32,
    row_group: I32,
    allowed: U8,
    best: int,
) -> tuple[I64, F32]:
    """The ``best`` groups of rows by their best row's dot product with the query, unordered, and those products.

    Rows of a group follow each other. Groups whose ``allowed`` is 0 are passed over. Of equal scores the earlier
    group is kept, groups that share nothing with the query included.
    """
    pointers, local, weight = postings
    rows = row_group.size
    heap_scores = np.empty(best, np.float32)
    heap_items = np.empty(best, np.int64)
    size = 0
    sums = np.zeros(min(rows, BLOCK), np.float32)
    group = np.int64(-1)
    group_score = np.float32(0.0)
    for block in range(pointers.shape[0]):
        first = block * BLOCK
        count = min(rows, first + BLOCK) - first
        sums[:count] = 0.0
        for position in range(query_ids.size):
            feature = query_ids[position]
            if feature + 1 >= pointers.shape[1]:
                continue
            value = query_values[position]
            for slot in range(pointers[block, feature], pointers[block, feature + 1]):
                sums[local[slot]] += value * weight[slot]
        for row in range(count):
            owner = row_group[first + row]
            if owner != group:
                if group >= 0 and allowed[group]:
                    size = _push(heap_scores, heap_items, size, group_score, group)
                group = np.int64(owner)
                group_score = sums[row]
            elif sums[row] > group_score:
                group_score = sums[row]
    if group >= 0 and allowed[group]:
        size = _push(heap_scores, heap_items, size, group_score, group)
    return heap_items[:size].copy(), heap_scores[:size].copy()
