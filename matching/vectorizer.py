"""Counts to weights: scikit-learn's TF-IDF (sublinear tf, smooth idf, L2), one norm for each channel.

The basis (vocabulary and document frequencies) is plain data with a version. The vocabulary only grows; the idf of a
moment is fixed in an ``Idf`` so that every query of one snapshot sees the same numbers.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from matching.documents import CHANNELS, PREFIX
from matching.kernels.weighing import norm_totals, weigh

F64: TypeAlias = npt.NDArray[np.float64]
F32: TypeAlias = npt.NDArray[np.float32]
I64: TypeAlias = npt.NDArray[np.int64]
I32: TypeAlias = npt.NDArray[np.int32]
U8: TypeAlias = npt.NDArray[np.uint8]
U16: TypeAlias = npt.NDArray[np.uint16]
U32: TypeAlias = npt.NDArray[np.uint32]

CHANNEL_COUNT: Final = len(CHANNELS)


@dataclass(frozen=True, slots=True)
class Bag:
    """Features with their field-weighted counts."""

    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Basis:
    """A fitted feature space: terms in the order of their numbers, with the documents that hold each.

    ``lengths`` is the mean length of profiles in each channel; empty where it is still to be fitted.
    """

    terms: tuple[str, ...]
    document_frequency: tuple[int, ...]
    documents: int
    lengths: tuple[float, ...] = ()

    @property
    def version(self) -> str:
        """A digest of the content: equal bases have equal versions."""
        digest = hashlib.sha256(f"{self.documents} {self.lengths}".encode())
        for term, frequency in zip(self.terms, self.document_frequency, strict=True):
            digest.update(f"{term}\x00{frequency}\n".encode())
        return digest.hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Row:
    """A bag as numbers: feature ids ascending, sublinear counts beside them."""

    ids: I32
    tf: F32


EMPTY_ROW: Final = Row(np.empty(0, np.int32), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Idf:
    """The idf of one moment. Features numbered beyond it are unknown to its snapshot.

    ``lengths`` is the mean length of profiles in each channel, which tempers their norms.
    """

    weights: F64
    channels: U8
    lengths: F64


@dataclass(frozen=True, slots=True)
class Lengths:
    """The norms of rows before weighting: their sum in each channel, and how many rows have any of it."""

    totals: F64
    rows: I64

    @property
    def mean(self) -> F64:
        """The mean norm of each channel over the rows that have any of it."""
        return np.asarray(self.totals / np.maximum(self.rows, 1), np.float64)


class Vocabulary:
    """Feature keys to numbers; append-only, so that numbers never change under a running query."""

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._numbers: dict[str, int] = {}
        self._terms: list[str] = []
        self._lock = threading.Lock()
        for term in terms:
            self._add(term)

    def __len__(self) -> int:
        return len(self._terms)

    def term(self, number: int) -> str:
        """The key of a number."""
        return self._terms[number]

    def terms(self, start: int = 0) -> tuple[str, ...]:
        """The keys in the order of their numbers, from ``start`` on."""
        return tuple(self._terms[start:])

    def add(self, terms: Iterable[str]) -> None:
        """Number keys that have no number yet, in their order."""
        with self._lock:
            for term in terms:
                self._add(term)

    def _add(self, term: str) -> int:
        number = self._numbers.get(term)
        if number is None:
            number = len(self._terms)
            self._terms.append(term)
            self._numbers[term] = number
        return number

    def grow(self, bag: Bag) -> Row:
        """The row of a bag, numbering what is new."""
        with self._lock:
            return _row({self._add(key): count for key, count in bag.features.items()})

    def row(self, bag: Bag) -> Row:
        """The row of a bag; what is not numbered is left out."""
        numbers = self._numbers
        return _row({numbers[key]: count for key, count in bag.features.items() if key in numbers})

    def channels(self, start: int = 0) -> U8:
        """The channel of every feature numbered from ``start`` on."""
        terms = self._terms[start:]
        return np.fromiter((PREFIX[term[0]] for term in terms), np.uint8, len(terms))


def _row(counts: dict[int, float]) -> Row:
    if not counts:
        return EMPTY_ROW
    ids = np.fromiter(counts, np.int32, len(counts))
    raw = np.fromiter(counts.values(), np.float64, len(counts))
    order = np.argsort(ids)
    return Row(ids[order], sublinear(raw[order]).astype(np.float32))


def sublinear(counts: F64) -> F64:
    """``1 + ln(tf)`` from one on; below one (a word of a light field) the count itself, which meets it at one."""
    return np.where(counts >= 1.0, 1.0 + np.log(np.maximum(counts, 1.0)), counts)


def smooth_idf(document_frequency: I64, documents: int) -> F64:
    """``ln((1 + n) / (1 + df)) + 1``, as ``TfidfTransformer(smooth_idf=True)``."""
    return np.asarray(np.log((1.0 + documents) / (1.0 + document_frequency)) + 1.0, np.float64)


@dataclass(frozen=True, slots=True)
class Rows:
    """Many rows end to end: row ``n`` is ``ptr[n]:ptr[n + 1]`` of ``ids``, ``tf`` and (once weighted) ``values``.

    ``facts[n]`` is its (scaled logarithm of the amount, day), NaN where unknown.
    """

    ptr: I64
    ids: I32
    tf: F32
    values: F32
    facts: F64

    @classmethod
    def of(cls, rows: Sequence[Row], facts: Sequence[tuple[float, float]] | None = None) -> Rows:
        """Rows without values yet."""
        table = np.full((len(rows), 2), np.nan) if facts is None else np.array(facts, np.float64).reshape(-1, 2)
        ptr = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([row.ids.size for row in rows], out=ptr[1:])
        ids = np.concatenate([row.ids for row in rows]) if rows else EMPTY_ROW.ids
        tf = np.concatenate([row.tf for row in rows]) if rows else EMPTY_ROW.tf
        return cls(ptr, ids, tf, np.zeros(ids.size, np.float32), table)

    def __len__(self) -> int:
        return self.ptr.size - 1

    def row(self, n: int) -> tuple[I32, F32]:
        """Feature ids and values of one row."""
        part = slice(self.ptr[n], self.ptr[n + 1])
        return self.ids[part], self.values[part]

    def known(self, idf: Idf) -> Rows:
        """Without features unknown to ``idf``: they are dropped before the norm, as scikit-learn does."""
        keep = self.ids < idf.weights.size
        if bool(keep.all()):
            return self
        kept = np.concatenate([[0], np.cumsum(keep)])
        return Rows(kept[self.ptr].astype(np.int64), self.ids[keep], self.tf[keep], self.values[keep], self.facts)

    def weighted(self, idf: Idf, slope: float = 1.0) -> Rows:
        """TF-IDF values, each channel of each row of unit length. Every feature must be known to ``idf``.

        ``slope`` below 1 tempers the norm of short rows with the mean length of profiles (one side of the pivoted
        normalisation of Singhal, Buckley and Mitra 1996): a line gains less from being short; a long list of
        everything is not forgiven its length.
        """
        values = weigh(self.ptr, self.ids, self.tf, idf.weights, idf.channels, idf.lengths, slope)
        return Rows(self.ptr, self.ids, self.tf, values, self.facts)

    def lengths(self, idf: Idf) -> Lengths:
        """How long the rows are in each channel."""
        return Lengths(*norm_totals(self.ptr, self.ids, self.tf, idf.weights, idf.channels, CHANNEL_COUNT))

    def take(self, wanted: I64) -> Rows:
        """The rows at these positions, in their order."""
        lengths = np.diff(self.ptr)[wanted]
        ptr = np.zeros(wanted.size + 1, np.int64)
        np.cumsum(lengths, out=ptr[1:])
        places = np.repeat(self.ptr[wanted] - ptr[:-1], lengths) + np.arange(ptr[-1])
        return Rows(ptr, self.ids[places], self.tf[places], self.values[places], self.facts[wanted])

    def joined(self, other: Rows) -> Rows:
        """These rows, then the others."""
        return Rows(
            np.concatenate([self.ptr, other.ptr[1:] + self.ptr[-1]]),
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.tf, other.tf]),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.facts, other.facts]),
        )

    @classmethod
    def end_to_end(cls, parts: Sequence[Rows]) -> Rows:
        """The rows of all parts, of which there is at least one."""
        if len(parts) == 1:
            return parts[0]
        offsets = np.cumsum([0, *(part.ptr[-1] for part in parts)])
        ptr = [parts[0].ptr[:1], *(part.ptr[1:] + offset for part, offset in zip(parts, offsets, strict=False))]
        return cls(
            np.concatenate(ptr),
            np.concatenate([part.ids for part in parts]),
            np.concatenate([part.tf for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([part.facts for part in parts]),
        )

    def flat(self) -> tuple[I64, I32, F32]:
        """What the kernels read."""
        return self.ptr, self.ids, self.values
