"""One collection in memory: an immutable base with postings, a small tail, and what has been removed since.

Every change makes a new ``View`` from the old one, so that a running query keeps the one it began with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Generic, TypeVar

import numpy as np

from matching.gates import Columns, Mask
from matching.kernels.postings import invert, top_groups
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import F32, I32, I64, U8, U16, Idf, Rows

Doc = TypeVar("Doc", TenderDoc, StartupDoc)

TAIL_LIMIT: Final = 1024
"""Documents scanned without postings before the base is rebuilt with them."""

TAIL_START: Final = 8

PROFILE_SLOPE: Final = 0.6
"""How far the length of a profile counts in its norm, see ``Rows.weighted``."""


@dataclass(frozen=True, slots=True)
class Stored(Generic[Doc]):
    """A document still as bytes in a mapped file; read when it is shown."""

    blob: U8
    start: int
    end: int
    decode: Callable[[bytes], Doc]


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
        return found.decode(found.blob[found.start : found.end].tobytes()) if isinstance(found, Stored) else found

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each id stands."""
        return {document: n for n, document in enumerate(self.ids)}

    @cached_property
    def row_group(self) -> I32:
        """The document of each unit row."""
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


@dataclass(frozen=True)
class View(Generic[Doc]):
    """A collection at one moment."""

    base: Segment[Doc]
    postings: tuple[I64, U16, F32]
    alive: Mask
    tail: Segment[Doc]

    def __len__(self) -> int:
        return int(np.count_nonzero(self.alive)) + len(self.tail.ids)

    def changed(self, docs: Segment[Doc], removed: Sequence[str]) -> View[Doc]:
        """The collection with documents put in (replacing those of the same id) and others taken out."""
        gone = set(removed) | set(docs.position)
        dead = [self.base.position[document] for document in gone if document in self.base.position]
        alive = self.alive
        if dead:
            alive = alive.copy()
            alive[dead] = False
        kept = [n for n, document in enumerate(self.tail.ids) if document not in gone]
        tail = self.tail if len(kept) == len(self.tail.ids) else self.tail.take(np.array(kept, np.int64))
        return View(self.base, self.postings, alive, tail.joined(docs))

    @property
    def wants_compaction(self) -> bool:
        """Whether the tail has outgrown its base: soon in a small collection, at ``TAIL_LIMIT`` in a large one."""
        return len(self.tail.ids) >= min(TAIL_LIMIT, max(TAIL_START, len(self.base.ids) // 4))

    def merged(self) -> Segment[Doc]:
        """All living documents as one segment."""
        alive = np.flatnonzero(self.alive)
        base = self.base if alive.size == self.alive.size else self.base.take(alive.astype(np.int64))
        return base.joined(self.tail).by_id()

    def best(self, query: tuple[I32, F32], allowed: Mask, count: int) -> I64:
        """Positions in the base of the documents nearest to a query, at most ``count``; every allowed one if fewer."""
        if not len(self.base.ids) or count <= 0:
            return np.empty(0, np.int64)
        eligible = np.flatnonzero(allowed)
        if eligible.size <= count:
            return eligible.astype(np.int64)
        found, _ = top_groups(self.postings, *query, self.base.row_group, allowed.view(np.uint8), count)
        return np.sort(found)


def sealed(segment: Segment[Doc], empty: Segment[Doc], idf: Idf) -> View[Doc]:
    """A view whose base is the segment, weighted and inverted, with an empty tail."""
    base = segment.weighted(idf)
    postings = invert(base.units.ptr, base.units.ids, base.units.values, idf.weights.size)
    return View(base, postings, np.ones(len(base.ids), np.bool_), empty)
