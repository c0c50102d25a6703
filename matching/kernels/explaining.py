"""What a pair shares, feature by feature, and where features stand in texts: for all pairs of an answer at once."""

from __future__ import annotations

import numpy as np

from matching.kernels.compiling import compiled
from matching.vectorizer import F32, F64, I32, I64, U8


@compiled
def shared_features(
    left: tuple[I64, I32, F32], right: tuple[I64, I32, F32], channels: U8, channel_count: int
) -> tuple[I64, I32, F64]:
    """The features that row ``n`` of both sides has, channel by channel, ascending in each, with their products.

    Those of channel ``c`` are ``ptr[n * channel_count + c]`` up to the next pointer.
    """
    left_ptr, left_ids, left_values = left
    right_ptr, right_ids, right_values = right
    pairs = left_ptr.size - 1
    ptr = np.zeros(pairs * channel_count + 1, np.int64)
    ids, products = np.empty(right_ids.size, np.int32), np.empty(right_ids.size, np.float64)
    one, other = np.empty(right_ids.size, np.int64), np.empty(right_ids.size, np.int64)
    total = 0
    for pair in range(pairs):
        counts = ptr[pair * channel_count + 1 : (pair + 1) * channel_count + 1]
        at, end = left_ptr[pair], left_ptr[pair + 1]
        common = 0
        for place in range(right_ptr[pair], right_ptr[pair + 1]):
            feature = right_ids[place]
            while at < end and left_ids[at] < feature:
                at += 1
            if at < end and left_ids[at] == feature:
                one[common], other[common] = at, place
                counts[channels[feature]] += 1
                common += 1
        for channel in range(channel_count):
            first = total
            for match in range(common):
                feature = left_ids[one[match]]
                if channels[feature] == channel:
                    ids[total] = feature
                    products[total] = np.float64(left_values[one[match]]) * np.float64(right_values[other[match]])
                    total += 1
            counts[channel] = first + counts[channel]
    return ptr, ids[:total].copy(), products[:total].copy()


@compiled
def places_found(findings: I32, ptr: I64, asked: I64, sources: U8, most: int) -> tuple[I64, I32]:
    """Where each thing asked for stands in its document: pointers and (passage, start, end), the first ``most`` places
    in the order of the findings, each once.

    The findings (kind, number, passage, start, end) of document ``n`` are ``ptr[n]:ptr[n + 1]``. A row of ``asked`` is
    the document, the kinds of findings that count (one bit each), a row of ``sources`` or -1, and, where it is -1, the
    number of the finding itself; ``sources[row, n]`` is 1 where a finding of number ``n`` counts for a row.
    """
    found_ptr = np.zeros(asked.shape[0] + 1, np.int64)
    found = np.empty((asked.shape[0] * most, 3), np.int32)
    total = 0
    for ask in range(asked.shape[0]):
        document, kinds, source, wanted = asked[ask, 0], asked[ask, 1], asked[ask, 2], asked[ask, 3]
        first = total
        for at in range(ptr[document], ptr[document + 1]):
            kind, number = findings[at, 0], findings[at, 1]
            if (kinds >> kind) & 1 == 0:
                continue
            if (source < 0 and number != wanted) or (source >= 0 and sources[source, number] == 0):
                continue
            passage, start, end = findings[at, 2], findings[at, 3], findings[at, 4]
            new = True
            for known in range(first, total):
                if found[known, 0] == passage and found[known, 1] == start and found[known, 2] == end:
                    new = False
            if new:
                found[total, 0], found[total, 1], found[total, 2] = passage, start, end
                total += 1
                if total - first == most:
                    break
        found_ptr[ask + 1] = total
    return found_ptr, found[:total].copy()
