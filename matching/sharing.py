"""What scored pairs share, feature by feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from matching.documents import CHANNELS
from matching.kernels.explaining import shared_features
from matching.vectorizer import F32, I32, I64, Idf, Vocabulary

Row: TypeAlias = tuple[I32, F32]
"""Features ascending, and their values."""


class Shared:
    """The features that both rows of each pair have, channel by channel, and what each adds to the cosine there."""

    def __init__(self, pairs: Sequence[tuple[Row, Row]], idf: Idf, vocabulary: Vocabulary) -> None:
        left, right = _end_to_end([one for one, _ in pairs]), _end_to_end([other for _, other in pairs])
        ptr, ids, products = shared_features(left, right, idf.channels, len(CHANNELS))
        self._ptr: list[int] = ptr.tolist()
        self._keys = list(map(vocabulary.term, ids.tolist()))
        self._products: list[float] = products.tolist()

    def keys(self, pair: int, channel: int | None) -> list[str]:
        """The features that a pair shares in a channel, in the order of their numbers; none where there is none."""
        return self._keys[self._in(pair, channel)]

    def products(self, pair: int, channel: int | None) -> list[float]:
        """What each of them adds to the cosine."""
        return self._products[self._in(pair, channel)]

    def _in(self, pair: int, channel: int | None) -> slice:
        if channel is None:
            return slice(0, 0)
        cell = pair * len(CHANNELS) + channel
        return slice(self._ptr[cell], self._ptr[cell + 1])


def _end_to_end(rows: Sequence[Row]) -> tuple[I64, I32, F32]:
    ptr = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([ids.size for ids, _ in rows], out=ptr[1:])
    return ptr, np.concatenate([ids for ids, _ in rows]), np.concatenate([values for _, values in rows])
