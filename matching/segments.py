"""Documents with their rows: what a collection is made of. Nothing here is ever changed in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final, Generic, TypeVar

import numpy as np

from matching.gates import Columns
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import I32, I64, U8, Idf, Rows

Doc = TypeVar("Doc", TenderDoc, StartupDoc)

DECODED_KEPT: Final = 2_048
"""Documents of mapped files that are kept once read: the best ones are shown again and again."""

PROFILE_SLOPE: Final = 0.6
"""How far the length of a profile counts in its norm, see ``Rows.weighted``."""


@dataclass(frozen=True, slots=True, eq=False)
class Stored(Generic[Doc]):
    """A document still as bytes in a mapped file; read when it is shown, and kept for a while."""

    blob: U8
    start: int
    end: int
    decode: Callable[[bytes], Doc]


@lru_cache(maxsize=DECODED_KEPT)
def _decoded(stored: Stored[Doc]) -> Doc:
    return stored.decode(stored.blob[stored.start : stored.end].tobytes())


@dataclass(frozen=True)
class Segment(Generic[Doc]):
    """Documents with their rows. A document is a group of unit rows (a tender and its lots; a startup alone) and of
    reference rows (a startup's past wins).
    """

    side: Side
    ids: tuple[str, ...]
    docs: tuple[Doc | Stored[Doc], ...]
    unit_ptr: I64
    units: Rows
    reference_ptr: I64
    references: Rows
    columns: Columns

    def doc(self, n: int) -> Doc:
        """The document at a position."""
        found = self.docs[n]
        return _decoded(found) if isinstance(found, Stored) else found

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each id stands."""
        return {document: n for n, document in enumerate(self.ids)}

    @cached_property
    def owners(self) -> I32:
        """The document of each unit row; empty where each document is one row."""
        if len(self.units) == len(self.ids):
            return np.empty(0, np.int32)
        return np.repeat(np.arange(len(self.ids), dtype=np.int32), np.diff(self.unit_ptr))

    def known(self, idf: Idf) -> Segment[Doc]:
        """The same documents without features that a moment's idf doesn't know."""
        return replace(self, units=self.units.known(idf), references=self.references.known(idf))

    def weighted(self, idf: Idf) -> Segment[Doc]:
        """The same documents with the values of another moment's idf; only the norms of profiles are tempered."""
        slope = 1.0 if self.side is Side.TENDER else PROFILE_SLOPE
        return replace(self, units=self.units.weighted(idf, slope), references=self.references.weighted(idf))

    def take(self, wanted: I64) -> Segment[Doc]:
        """The documents at these positions, in their order."""
        unit_ptr, rows = _spread(self.unit_ptr, wanted)
        reference_ptr, wins = _spread(self.reference_ptr, wanted)
        return Segment(
            self.side,
            tuple(self.ids[n] for n in wanted),
            tuple(self.docs[n] for n in wanted), unit_ptr, self.units.take(rows),
            reference_ptr, self.references.take(wins), self.columns.take(wanted),
        )  # fmt: skip

    def joined(self, other: Segment[Doc]) -> Segment[Doc]:
        """These documents, then the others."""
        return Segment(
            self.side,
            self.ids + other.ids,
            self.docs + other.docs,
            np.concatenate([self.unit_ptr, other.unit_ptr[1:] + self.unit_ptr[-1]]),
            self.units.joined(other.units),
            np.concatenate([self.reference_ptr, other.reference_ptr[1:] + self.reference_ptr[-1]]),
            self.references.joined(other.references),
            self.columns.joined(other.columns),
        )

    def by_id(self) -> Segment[Doc]:
        """The documents in the order of their ids, so that ties between rows are ties between ids."""
        order = sorted(range(len(self.ids)), key=self.ids.__getitem__)
        return self if order == list(range(len(order))) else self.take(np.array(order, np.int64))


def end_to_end(parts: Sequence[Segment[Doc]]) -> Segment[Doc]:
    """All parts as one segment, joined in pairs so that each row is copied a logarithmic number of times."""
    level = list(parts)
    while len(level) > 1:
        pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
        level = [pair[0].joined(pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0]


def _spread(ptr: I64, wanted: I64) -> tuple[I64, I64]:
    """Pointers and row numbers of the groups at these positions."""
    lengths = np.diff(ptr)[wanted]
    new = np.zeros(wanted.size + 1, np.int64)
    np.cumsum(lengths, out=new[1:])
    return new, np.repeat(ptr[wanted] - new[:-1], lengths) + np.arange(new[-1])
