"""Counted features to rows of numbers, by a table of what number each feature has in a vocabulary.

``numbers[channel, symbol]`` is one more than the number of a feature, 0 if it has none.
"""

from __future__ import annotations

import math

import numpy as np

from matching.kernels.compiling import compiled
from matching.kernels.counting import CHANNEL_SHIFT
from matching.vectorizer import F32, F64, I32, I64


@compiled
def to_rows(ptr: I64, codes: I32, counts: F64, numbers: I32, grow: bool) -> tuple[I64, I32, F32, I32]:
    """Rows with ascending feature numbers and sublinear counts of the features that have one; and the codes of those
    that are to be given one (``grow``).
    """
    out_ptr = np.zeros(ptr.size, np.int64)
    ids, tf = np.empty(codes.size, np.int32), np.empty(codes.size, np.float32)
    unknown = np.empty(codes.size if grow else 0, np.int32)
    total, missing = 0, 0
    mask = (1 << CHANNEL_SHIFT) - 1
    longest = 0
    for row in range(ptr.size - 1):
        longest = max(longest, ptr[row + 1] - ptr[row])
    packed = np.empty(longest, np.int64)
    for row in range(ptr.size - 1):
        size = 0
        for at in range(ptr[row], ptr[row + 1]):
            code = codes[at]
            symbol = code & mask
            # A symbol may be younger than the table.
            number = numbers[code >> CHANNEL_SHIFT, symbol] if symbol < numbers.shape[1] else np.int32(0)
            if number == 0 and grow:
                unknown[missing] = code
                missing += 1
            elif number > 0:
                packed[size] = (np.int64(number - 1) << 32) | (at - ptr[row])
                size += 1
        packed[:size].sort()
        for each in range(size):
            value = counts[ptr[row] + (packed[each] & 0xFFFFFFFF)]
            ids[total] = packed[each] >> 32
            tf[total] = 1.0 + math.log(value) if value >= 1.0 else value
            total += 1
        out_ptr[row + 1] = total
    return out_ptr, ids[:total].copy(), tf[:total].copy(), unknown[:missing].copy()
