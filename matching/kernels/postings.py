"""Blocked postings: term-at-a-time sums over at most 65,536 rows at a time, so that the sums stay in the cache.

Every sum is of 32-bit floats in ascending order of features within a channel, whichever kernel makes it: a row has the
same numbers in postings and as a plain row.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from matching.kernels.compiling import compiled
from matching.vectorizer import F32, I32, I64, U8, U16, U32

BLOCK: Final = 65_536
_CHUNK: Final = 128


@compiled
def invert(row_ptr: I64, features: I32, values: F32, starts: I64, feature_count: int) -> tuple[U32, U16, F32]:
    """Rows to postings: ``pointers[block, feature]`` into row numbers local to the block and their values.

    Block ``n`` holds the rows ``starts[n]:starts[n + 1]``.
    """
    blocks = starts.size - 1
    pointers = np.zeros((blocks, feature_count + 1), np.uint32)
    local = np.empty(features.size, np.uint16)
    weight = np.empty(features.size, np.float32)
    cursor = np.empty(feature_count, np.uint32)
    begin = np.uint32(0)
    for block in range(blocks):
        first, last = starts[block], starts[block + 1]
        counts = pointers[block]
        for position in range(row_ptr[first], row_ptr[last]):
            counts[features[position] + 1] += np.uint32(1)
        counts[0] = begin
        for feature in range(feature_count):
            counts[feature + 1] += counts[feature]
        cursor[:] = counts[:-1]
        for row in range(first, last):
            for position in range(row_ptr[row], row_ptr[row + 1]):
                feature = features[position]
                slot = cursor[feature]
                local[slot] = row - first
                weight[slot] = values[position]
                cursor[feature] = slot + np.uint32(1)
        begin = counts[feature_count]
    return pointers, local, weight


@compiled
def accumulate(counts: U32, local: U16, weight: F32, ids: I32, values: F32, sums: F32) -> int:
    """Add the postings of some features, times the query's values, to the sums of their rows; how many there were."""
    added = 0
    for position in range(ids.size):
        feature = ids[position]
        if feature + 1 >= counts.size:
            continue
        value = values[position]
        rows = local[counts[feature] : counts[feature + 1]]
        weights = weight[counts[feature] : counts[feature + 1]]
        added += rows.size
        for slot in range(rows.size):
            sums[rows[slot]] += value * weights[slot]
    return added


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
def _push(scores: F32, items: I64, size: int, score: np.float32, item: int) -> int:
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
def sort_heap(scores: F32, items: I64, size: int) -> None:
    """A min-heap to a list: the best first, of equal scores the earlier item."""
    while size > 1:
        size -= 1
        scores[0], scores[size] = scores[size], scores[0]
        items[0], items[size] = items[size], items[0]
        _sift_down(scores, items, size)


@compiled
def _best_of_its_group(sums: F32, owners: I32, first: int, at: int) -> bool:
    """Whether a row is the first of the best rows of its group, all of which lie in this block."""
    owner = owners[first + at]
    before = at - 1
    while before >= 0 and owners[first + before] == owner:
        if sums[before] >= sums[at]:
            return False
        before -= 1
    after = at + 1
    while after < sums.size and owners[first + after] == owner:
        if sums[after] > sums[at]:
            return False
        after += 1
    return True


@compiled
def _item(sums: F32, first: int, owners: I32, allowed: U8, at: int) -> int:
    """What a row of a block stands for (itself, or its group); -1 if that is not allowed or has a better row."""
    item = first + at
    if owners.size:
        if not _best_of_its_group(sums, owners, first, at):
            return -1
        item = int(owners[item])
    return -1 if allowed.size and not allowed[item] else item


@compiled
def offer(sums: F32, first: int, owners: I32, allowed: U8, heap: tuple[F32, I64], size: int) -> int:
    """Offer the rows of a block, or their groups, to a heap; returns its new size.

    A chunk without any row that is better than those held is passed over at the speed of memory.
    """
    scores, items = heap
    floor = scores[0] if size == scores.size else np.float32(-np.inf)
    for begin in range(0, sums.size, _CHUNK):
        chunk = sums[begin : begin + _CHUNK]
        above = 0
        for offset in range(chunk.size):
            above += chunk[offset] > floor
        if above == 0:
            continue
        for offset in range(chunk.size):
            if chunk[offset] > floor:
                item = _item(sums, first, owners, allowed, begin + offset)
                if item >= 0:
                    size = _push(scores, items, size, chunk[offset], item)
                    if size == scores.size:
                        floor = scores[0]
    return size


@compiled
def _chunk_maxima(bits: I32) -> I32:
    """The greatest number of each chunk."""
    maxima = np.zeros((bits.size + _CHUNK - 1) // _CHUNK, np.int32)
    whole = bits.size // _CHUNK
    for chunk in range(whole):
        greatest = np.int32(0)
        for offset in range(_CHUNK):
            greatest = max(greatest, bits[chunk * _CHUNK + offset])
        maxima[chunk] = greatest
    for at in range(whole * _CHUNK, bits.size):
        maxima[whole] = max(maxima[whole], bits[at])
    return maxima


@compiled
def _limit(maxima: I32, heap: tuple[F32, I64]) -> np.int32:
    """What the bits of a sum must exceed to be among the best of a block: as many rows as a heap holds reach the least
    of the best maxima of chunks. The heap is scratch.
    """
    scores, items = heap
    greatest, size = maxima.view(np.float32), 0
    for chunk in range(maxima.size):
        if maxima[chunk] > 0:
            size = _push(scores, items, size, greatest[chunk], chunk)
    return scores.view(np.int32)[0] - np.int32(1) if size == scores.size else np.int32(0)


@compiled
def _offer_sums(sums: F32, first: int, allowed: U8, heap: tuple[F32, I64], size: int) -> int:
    """Offer the rows of a block whose sums are above 0 to a heap; returns its new size.

    Floats that are not negative have the order of their bits, which are compared many at a time.
    """
    scores, items = heap
    bits, held = sums.view(np.int32), scores.view(np.int32)
    maxima = _chunk_maxima(bits)
    limit = np.int32(0)
    if size == scores.size:
        limit = held[0]
    elif size == 0 and allowed.size == 0:
        limit = _limit(maxima, heap)
    for chunk in range(maxima.size):
        if maxima[chunk] <= limit:
            continue
        for at in range(chunk * _CHUNK, min((chunk + 1) * _CHUNK, bits.size)):
            if bits[at] > limit and (allowed.size == 0 or allowed[first + at]):
                size = _push(scores, items, size, sums[at], first + at)
                if size == scores.size:
                    limit = held[0]
    return size


@compiled
def top_rows(
    postings: tuple[U32, U16, F32], starts: I64, ids: I32, values: F32, allowed: U8, best: int
) -> tuple[I64, F32]:
    """The ``best`` rows by their dot product with a query, among those that share something with it.

    Rows whose ``allowed`` is 0 are passed over (empty: none is).
    """
    pointers, local, weight = postings
    scores = np.empty(best, np.float32)
    items = np.empty(best, np.int64)
    sums = np.empty(min(BLOCK, starts[-1]), np.float32)
    size = 0
    for block in range(starts.size - 1):
        part = sums[: starts[block + 1] - starts[block]]
        part[:] = 0.0
        if accumulate(pointers[block], local, weight, ids, values, part):
            size = _offer_sums(part, starts[block], allowed, (scores, items), size)
    sort_heap(scores, items, size)
    return items[:size].copy(), scores[:size].copy()


@compiled
def top_rows_of_many(
    postings: tuple[U32, U16, F32], starts: I64, queries: tuple[I64, I32, F32], items: I64, scores: F32
) -> None:
    """``top_rows`` for many queries, all of them over one block before the next: into the rows of ``items`` (filled
    up with -1) and ``scores``.
    """
    pointers, local, weight = postings
    ptr, ids, values = queries
    everyone = np.empty(0, np.uint8)
    sums = np.empty(min(BLOCK, starts[-1]), np.float32)
    sizes = np.zeros(ptr.size - 1, np.int64)
    for block in range(starts.size - 1):
        part = sums[: starts[block + 1] - starts[block]]
        for query in range(ptr.size - 1):
            part[:] = 0.0
            begin, end = ptr[query], ptr[query + 1]
            if accumulate(pointers[block], local, weight, ids[begin:end], values[begin:end], part):
                heap = (scores[query], items[query])
                sizes[query] = _offer_sums(part, starts[block], everyone, heap, sizes[query])
    for query in range(ptr.size - 1):
        sort_heap(scores[query], items[query], sizes[query])
        items[query, sizes[query] :] = -1
        scores[query, sizes[query] :] = 0.0
