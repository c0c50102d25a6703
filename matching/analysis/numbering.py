"""Symbols to the numbers of a vocabulary."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np

from matching.analysis.symbols import Symbols
from matching.documents import PREFIX
from matching.kernels.counting import CHANNEL_SHIFT, to_rows
from matching.vectorizer import F64, I32, I64, Rows, Vocabulary

_SYMBOL: Final = (1 << CHANNEL_SHIFT) - 1
_LETTERS: Final = tuple(sorted(PREFIX, key=PREFIX.__getitem__))


def coded(channel: int, symbol: int) -> int:
    """A feature as the kernels write it."""
    return (channel << CHANNEL_SHIFT) + symbol


def decoded(codes: I32, symbols: Symbols) -> list[str]:
    """The keys of coded features."""
    names = symbols.names((codes & _SYMBOL).astype(np.int64))
    letters = (codes >> CHANNEL_SHIFT).tolist()
    return [f"{_LETTERS[letter]}:{name}" for letter, name in zip(letters, names, strict=True)]


class Numbering:
    """What the features of one table of surfaces are called in one vocabulary.

    Numbers are kept beside the symbols, so that only a feature met for the first time costs a look into the
    vocabulary.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._lock = threading.Lock()
        self._numbers = np.zeros((len(_LETTERS), 2 * len(symbols)), np.int32)

    def rows(self, counted: tuple[I64, I32, F64], vocabulary: Vocabulary, *, grow: bool) -> Rows:
        """Counted features as rows of the vocabulary. Without ``grow``, features that it doesn't have are left out."""
        ptr, ids, tf, unknown = to_rows(*counted, self._table())
        if unknown.size and self._learn(unknown, vocabulary, grow=grow):
            ptr, ids, tf, unknown = to_rows(*counted, self._table())
        return Rows(ptr, ids, tf, np.zeros(ids.size, np.float32), np.full((ptr.size - 1, 2), np.nan))

    def _table(self) -> I32:
        if self._numbers.shape[1] < len(self._symbols):
            with self._lock:
                larger = np.zeros((len(_LETTERS), 2 * len(self._symbols)), np.int32)
                larger[:, : self._numbers.shape[1]] = self._numbers
                self._numbers = larger
        return self._numbers

    def _learn(self, unknown: I32, vocabulary: Vocabulary, *, grow: bool) -> bool:
        """Look codes up in the vocabulary; whether any was found there or, with ``grow``, put in."""
        codes = np.array(list(dict.fromkeys(unknown.tolist())), np.int32)
        numbers = np.array(vocabulary.numbers(decoded(codes, self._symbols), grow=grow), np.int32)
        known = codes[numbers >= 0]
        with self._lock:
            self._numbers[known >> CHANNEL_SHIFT, known & _SYMBOL] = numbers[numbers >= 0] + 1
        return bool(known.size)
