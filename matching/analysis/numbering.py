"""Symbols to the numbers of a vocabulary."""

from __future__ import annotations

import threading
from typing import Final, TypeAlias

import numpy as np

from matching.analysis.symbols import Symbols
from matching.documents import PREFIX
from matching.kernels.counting import CHANNEL_SHIFT
from matching.kernels.numbering import note_numbers, to_rows
from matching.vectorizer import F32, F64, I32, I64, Rows, Vocabulary

_SYMBOL: Final = (1 << CHANNEL_SHIFT) - 1
_PREFIXES: Final = tuple(f"{letter}:" for letter in sorted(PREFIX, key=PREFIX.__getitem__))

Found: TypeAlias = tuple[I64, I32, F32, I32]
"""Pointers, feature numbers and sublinear counts of rows, and the codes whose numbers aren't known."""


def coded(channel: int, symbol: int) -> int:
    """A feature as the kernels write it."""
    return (channel << CHANNEL_SHIFT) + symbol


def decoded(codes: I32, symbols: Symbols) -> list[str]:
    """The keys of coded features."""
    names = symbols.names(codes & _SYMBOL)
    return [_PREFIXES[code >> CHANNEL_SHIFT] + name for code, name in zip(codes.tolist(), names, strict=True)]


class Numbering:
    """What the features of one table of surfaces are called in one vocabulary.

    Numbers are kept beside the symbols, so that only a feature met for the first time costs a look into the
    vocabulary.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._lock = threading.Lock()
        self._numbers = np.zeros((len(_PREFIXES), 2 * len(symbols)), np.int32)
        self._absent: list[I32] = []
        self._asked = 0

    def table(self, vocabulary: Vocabulary) -> I32:
        """What is known of each feature (see ``kernels.numbering.to_rows``)."""
        size = len(vocabulary)
        if size != self._asked or self._numbers.shape[1] < len(self._symbols):
            with self._lock:
                self._forget_absent(size)
                if self._numbers.shape[1] < len(self._symbols):
                    larger = np.zeros((len(_PREFIXES), 2 * len(self._symbols)), np.int32)
                    larger[:, : self._numbers.shape[1]] = self._numbers
                    self._numbers = larger
        return self._numbers

    def completed(self, counted: tuple[I64, I32, F64], found: Found, vocabulary: Vocabulary, *, grow: bool) -> Rows:
        """Counted features as rows of the vocabulary, from what ``to_rows`` found of them.

        Without ``grow``, features that the vocabulary doesn't have are left out.
        """
        if found[3].size and self._learn(found[3], vocabulary, grow=grow):
            found = to_rows(*counted, self.table(vocabulary), grow)
        ptr, ids, tf, _ = found
        return Rows(ptr, ids, tf, np.zeros(ids.size, np.float32), np.full((ptr.size - 1, 2), np.nan))

    def _forget_absent(self, size: int) -> None:
        """What a vocabulary did not have may be in it now."""
        if size != self._asked:
            for codes in self._absent:
                at = codes >> CHANNEL_SHIFT, codes & _SYMBOL
                self._numbers[at] = np.maximum(self._numbers[at], 0)
            self._absent.clear()
            self._asked = size

    def _learn(self, unknown: I32, vocabulary: Vocabulary, *, grow: bool) -> bool:
        """Look codes up in the vocabulary; whether any was found there or, with ``grow``, put in."""
        codes = np.array(list(dict.fromkeys(unknown.tolist())), np.int32)
        size = len(vocabulary)
        numbers = np.array(vocabulary.numbers(decoded(codes, self._symbols), grow=grow), np.int32)
        with self._lock:
            unchanged = size == self._asked == len(vocabulary)  # nobody has numbered any of them since
            absent = note_numbers(codes, numbers, self._numbers, unchanged)
            if unchanged and absent.size:
                self._absent.append(absent)
        return absent.size < codes.size
