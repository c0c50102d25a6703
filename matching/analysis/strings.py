"""Texts to numbers in arrays that kernels read and write."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from matching.kernels import scanning
from matching.kernels.scanning import U32, Table
from matching.vectorizer import I32, I64

SPAN_COLUMNS: Final = 2
"""Columns of a row that says no more than where its letters stand."""

_START_SLOTS: Final = 1 << 14
_START_POOL: Final = 1 << 17
_SEED: Final = np.uint64(hash("surfaces") & 0xFFFFFFFFFFFFFFFF)
"""Drawn anew in each process, so that nobody can prepare words that all meet in one slot."""


def code_points(text: str) -> U32:
    """A text as the kernels read it, half characters among others."""
    return np.frombuffer(codecs.utf_32_le_encode(text, "surrogatepass")[0], np.uint32)


def text_of(letters: U32) -> str:
    """The text of code points."""
    return codecs.utf_32_le_decode(letters.data, "surrogatepass", True)[0]  # noqa: FBT003 - nothing follows


def lines_of(lines: Sequence[str]) -> U32:
    """Texts without line breaks as lines, each ended."""
    return code_points("\n".join([*lines, ""]))


class Strings:
    """A table that only grows. Scans read it meanwhile: arrays are replaced whole or written beyond what is read.

    ``used`` is how many rows and how many letters are in use, for kernels to raise. Who writes holds a lock.
    """

    def __init__(self, columns: int) -> None:
        self.used: I64 = np.zeros(2, np.int64)
        self.table = Table(
            np.zeros((_START_SLOTS, 2), np.uint64),
            np.empty((_START_SLOTS // 2, columns), np.int32),
            np.empty(_START_POOL, np.uint32),
            _SEED,
        )

    def __len__(self) -> int:
        return int(self.used[0])

    def put(self, texts: Sequence[str], rows: I32 | None = None) -> I64:
        """The numbers of texts; those that are new get these rows."""
        letters = code_points("".join(texts))
        ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
        places = np.column_stack((ends - [len(text) for text in texts], ends)).astype(np.int64)
        if rows is None:
            rows = np.zeros((len(texts), SPAN_COLUMNS), np.int32)
        self.make_room(len(texts), letters.size)
        return scanning.insert(letters, places.reshape(-1, 2), rows, self.table, self.used)

    def reserve(self, texts: Iterable[str]) -> None:
        """Number texts that are never found."""
        for text in texts:
            letters = code_points(text)
            self.make_room(1, letters.size)
            row, begin = self.used.tolist()
            self.table.rows[row, :SPAN_COLUMNS] = begin, letters.size
            self.table.pool[begin : begin + letters.size] = letters
            self.used += [1, letters.size]

    def find(self, text: str) -> int:
        """The number of a text, -1 if it has none."""
        return int(scanning.find(code_points(text), 0, len(text), self.table)[0])

    def texts(self, numbers: I32) -> list[str]:
        """The texts of numbers."""
        _, rows, pool, _ = self.table
        ptr, letters = scanning.spelled(numbers, rows, pool)
        every, ends = text_of(letters), ptr.tolist()
        return [every[start:end] for start, end in pairwise(ends)]

    def make_room(self, texts: int, letters: int) -> None:
        """Replace the arrays by larger ones where so many more would not fit; half of the slots stay free."""
        slots, rows, pool, seed = self.table
        count, used = self.used.tolist()
        if count + texts <= rows.shape[0] and used + letters <= pool.size:
            return
        if count + texts > rows.shape[0]:
            size = rows.shape[0]
            while size < count + texts:
                size *= 2
            more_rows, more_slots = np.empty((size, rows.shape[1]), np.int32), np.zeros((2 * size, 2), np.uint64)
            more_rows[:count] = rows[:count]
            scanning.rehash(slots, more_slots)
            rows, slots = more_rows, more_slots
        if used + letters > pool.size:
            more_pool = np.empty(max(2 * pool.size, used + letters), np.uint32)
            more_pool[:used] = pool[:used]
            pool = more_pool
        self.table = Table(slots, rows, pool, seed)
