"""Rows inverted: for each feature the rows that hold it, and exact top-k over their dot products with a query."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from matching.kernels.postings import BLOCK, invert, top_rows, top_rows_of_many
from matching.vectorizer import F32, I32, I64, U8, U16, U32, Rows

_EVERYONE: Final = np.empty(0, np.uint8)
_AT_ONCE: Final = 64
"""Queries that a thread of a batch takes at a time: enough to share a block's postings, few enough to share out."""


@dataclass(frozen=True, slots=True)
class Postings:
    """The rows of a matrix by feature, in blocks of rows; immutable, and possibly mapped from files.

    ``pointers`` is (blocks, features + 1) into ``local`` (row numbers within the block) and ``weight``; block ``n``
    holds the rows ``starts[n]:starts[n + 1]``.
    """

    starts: I64
    pointers: U32
    local: U16
    weight: F32

    @classmethod
    def of(cls, rows: Rows, features: int, group_ptr: I64 | None = None) -> Postings:
        """Invert weighted rows over ``features`` features. Values must not be negative.

        With ``group_ptr``, the rows ``group_ptr[n]:group_ptr[n + 1]`` stay in one block; a group has at most 65,536.
        """
        starts = _starts(len(rows), group_ptr)
        return cls(starts, *invert(rows.ptr, rows.ids, rows.values, starts, features))

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.starts.nbytes + self.pointers.nbytes + self.local.nbytes + self.weight.nbytes

    @property
    def parts(self) -> tuple[U32, U16, F32]:
        """What the kernels read."""
        return self.pointers, self.local, self.weight

    def top(self, ids: I32, values: F32, k: int, allowed: U8 | None = None) -> tuple[I64, F32]:
        """At most ``k`` rows and their dot products with a query, best first, ties by lower row.

        Only rows that share a feature with the query are given, and only those whose ``allowed`` is not 0. The query
        has each feature once, ascending, with values that are not negative; features beyond the matrix are ignored.
        """
        rows = int(self.starts[-1])
        if k <= 0 or not rows:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return top_rows(self.parts, self.starts, ids, values, _EVERYONE if allowed is None else allowed, min(k, rows))

    def top_many(self, queries: Rows, k: int, threads: int = 1) -> tuple[I64, F32]:
        """``top`` for each row of ``queries``: arrays (queries, k) of rows and products, filled up with -1 and 0."""
        count = len(queries)
        items = np.full((count, max(k, 0)), -1, np.int64)
        scores = np.zeros((count, max(k, 0)), np.float32)
        width = min(k, int(self.starts[-1]))
        if width <= 0 or not count:
            return items, scores

        def rank(begin: int) -> None:
            end = min(begin + at_once, count)
            found, products = np.empty((end - begin, width), np.int64), np.empty((end - begin, width), np.float32)
            asked = (queries.ptr[begin : end + 1], queries.ids, queries.values)
            top_rows_of_many(self.parts, self.starts, asked, found, products)
            items[begin:end, :width], scores[begin:end, :width] = found, products

        at_once = max(1, min(_AT_ONCE, -(-count // max(threads, 1))))
        with ThreadPoolExecutor(max(threads, 1)) as pool:
            list(pool.map(rank, range(0, count, at_once)))
        return items, scores


def _starts(rows: int, group_ptr: I64 | None) -> I64:
    """Where the blocks begin, and the end of the last."""
    if group_ptr is None:
        return np.append(np.arange(0, rows, BLOCK, dtype=np.int64), np.int64(rows))
    starts = [0]
    while starts[-1] < rows:
        last = int(group_ptr[np.searchsorted(group_ptr, starts[-1] + BLOCK, "right") - 1])
        if last <= starts[-1]:
            raise ValueError(f"a group of more than {BLOCK} rows")
        starts.append(last)
    return np.array(starts, np.int64)
