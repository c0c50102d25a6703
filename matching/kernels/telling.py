"""Phrases that tell the mode of a startup: the compiled twin of ``matching.modes.Modes.of``, which specifies it."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from matching.kernels.compiling import compiled
from matching.vectorizer import I32, I64

_START: Final = 0
_END: Final = 1
_SURFACE: Final = 2
_PLAIN: Final = 10


class Telling(NamedTuple):
    """Phrases by their first word, the longest first: those of symbol ``n`` are ``ptr[n]:ptr[n + 1]``, the further
    words of phrase ``p`` are ``words[word_ptr[p]:word_ptr[p + 1]]``, its mode is ``mode[p]`` of ``modes``.
    """

    ptr: I32
    word_ptr: I32
    words: I32
    mode: I32
    modes: int


@compiled
def tell(records: I32, record_ptr: I64, rows: I32, telling: Telling) -> tuple[I64, I32]:
    """What each text tells, pointers and (mode, start, end), the longest phrase at each word, none inside another."""
    ptr, word_ptr, words, mode, _ = telling
    found = np.empty((records.shape[0], 3), np.int32)
    found_ptr = np.zeros(record_ptr.size, np.int64)
    plain, place = np.empty(records.shape[0], np.int32), np.empty(records.shape[0], np.int64)
    count = 0
    for text in range(record_ptr.size - 1):
        length = 0
        for at in range(record_ptr[text], record_ptr[text + 1]):
            if rows[records[at, _SURFACE], _PLAIN] > -2:
                plain[length] = rows[records[at, _SURFACE], _PLAIN]
                place[length] = at
                length += 1
        at = 0
        while at < length:
            step = 1
            if 0 <= plain[at] < ptr.size - 1:
                for phrase in range(ptr[plain[at]], ptr[plain[at] + 1]):
                    further, same = word_ptr[phrase + 1] - word_ptr[phrase], 0
                    while (
                        same < further
                        and at + 1 + same < length
                        and plain[at + 1 + same] == words[word_ptr[phrase] + same]
                    ):
                        same += 1
                    if same == further:
                        found[count, 0] = mode[phrase]
                        found[count, 1] = records[place[at], _START]
                        found[count, 2] = records[place[at + same], _END]
                        count += 1
                        step = same + 1
                        break
            at += step
        found_ptr[text + 1] = count
    return found_ptr, found[:count].copy()
