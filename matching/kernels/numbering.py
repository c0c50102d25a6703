"""Counted features to rows of numbers, by a table of what number each feature has in a vocabulary.

``numbers[channel, symbol]`` is one more than the number of a feature, 0 if it isn't known whether it has one, -1 if
it had none.
"""

from __future__ import annotations

import math

import numpy as np

from matching.kernels.compiling import compiled
from matching.kernels.counting import CHANNEL_SHIFT
from matching.vectorizer import F32, F64, I32, I64


@compiled
def to_rows(ptr: I64, codes: I32, counts: F64, numbers: I32, grow: bool) -> tuple[I64, I32, F32, I32]:
    """Rows with ascending feature numbers and sublinear counts, and the codes that have no number.

    One that had none is left out, unless it is to be given one (``grow``).
    """
    out_ptr = np.zeros(ptr.size, np.int64)
    ids, tf = np.empty(codes.size, np.int32), np.empty(codes.size, np.float32)
    unknown = np.empty(codes.size, np.int32)
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
            number = numbers[code >> CHANNEL_SHIFT, code & mask]
            if number == 0 or (grow and number < 0):
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


@compiled
def note_numbers(codes: I32, found: I32, numbers: I32, absent: bool) -> I32:
    """Note what numbers features have (-1: none, noted where ``absent`` is asked for); the codes of those without."""
    mask = (1 << CHANNEL_SHIFT) - 1
    without = np.empty(codes.size, np.int32)
    count = 0
    for n in range(codes.size):
        if found[n] < 0:
            without[count] = codes[n]
            count += 1
        if found[n] >= 0 or absent:
            numbers[codes[n] >> CHANNEL_SHIFT, codes[n] & mask] = found[n] + 1 if found[n] >= 0 else -1
    return without[:count].copy()
