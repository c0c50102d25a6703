"""Symbols to the numbers of a vocabulary."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np

from matching.analysis.symbols import Symbols
from matching.documents import PREFIX
from matching.kernels.counting import CHANNEL_SHIFT
from matching.kernels.numbering import to_rows
from matching.vectorizer import F32, F64, I32, I64, Rows, Vocabulary

_SYMBOL: Final = (1 << CHANNEL_SHIFT) - 1
_PREFIXES: Final = tuple(f"{letter}:" for letter in sorted(PREFIX, key=PREFIX.__getitem__))

Found: TypeAlias = tuple[I64, I32, F32, I32]
"""Pointers, feature numbers and sublinear counts of rows, and the codes that are to be given numbers."""


def coded(channel: int, symbol: int) -> int:
    """A feature as the kernels write it."""
    return (channel << CHANNEL_SHIFT) + symbol


def decoded(codes: I32, symbols: Symbols) -> list[str]:
    """The keys of coded features."""
    names = symbols.names(codes & _SYMBOL)
    return [_PREFIXES[code >> CHANNEL_SHIFT] + name for code, name in zip(codes.tolist(), names, strict=True)]


class Numbering:
    """What the features of one table of surfaces are called in one vocabulary.

    Every key of the vocabulary is noted beside its symbol as soon as it is there: a feature without a note is not in
    it, which kernels tell without asking.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._lock = threading.Lock()
        self._numbers = np.zeros((len(_PREFIXES), 2 * len(symbols)), np.int32)
        self._noted = 0

    def table(self, vocabulary: Vocabulary) -> I32:
        """The number of each feature (see ``kernels.numbering.to_rows``)."""
        if len(vocabulary) != self._noted or self._numbers.shape[1] < len(self._symbols):
            with self._lock:
                self._note(vocabulary.terms(self._noted))
        return self._numbers

    def completed(self, counted: tuple[I64, I32, F64], found: Found, vocabulary: Vocabulary) -> Rows:
        """Counted features as rows of the vocabulary, from what ``to_rows`` found of them; features without a number
        that it tells of are given one.
        """
        if found[3].size:
            codes = list(dict.fromkeys(found[3].tolist()))
            vocabulary.add(decoded(np.array(codes, np.int32), self._symbols))
            found = to_rows(*counted, self.table(vocabulary), True)  # noqa: FBT003 - numba takes no keywords
        ptr, ids, tf, _ = found
        return Rows(ptr, ids, tf, np.zeros(ids.size, np.float32), np.full((ptr.size - 1, 2), np.nan))

    def _note(self, terms: Sequence[str]) -> None:
        """Note the numbers of keys that follow those noted before."""
        channels = [PREFIX[term[0]] for term in terms]
        names = [term[len(_PREFIXES[0]) :] for term in terms]
        with self._symbols.lock:
            symbols = self._symbols.strings.put(names)
        if self._numbers.shape[1] < len(self._symbols):
            larger = np.zeros((len(_PREFIXES), 2 * len(self._symbols)), np.int32)
            larger[:, : self._numbers.shape[1]] = self._numbers
            self._numbers = larger
        numbers = np.arange(self._noted + 1, self._noted + len(terms) + 1, dtype=np.int32)
        self._numbers[channels, symbols] = numbers
        reserved = self._symbols.reserved
        for n, name in enumerate(names):
            if name in reserved:
                self._numbers[channels[n], reserved[name]] = numbers[n]
        self._noted += len(terms)
