"""What a matcher holds and how it changes: documents become rows, writes make snapshots, growth rebuilds the base."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import numpy as np

from matching.documents import Extractor
from matching.gates import Codes, startup_columns, tender_columns
from matching.index import Segment, View, end_to_end, sealed
from matching.lexicon import Lexicon
from matching.types import StartupDoc, TenderDoc
from matching.vectorizer import I64, Basis, Idf, Rows, Vocabulary, smooth_idf

Progress = Callable[[str, int], None]
PROGRESS_EVERY: Final = 500
Doc = TypeVar("Doc", TenderDoc, StartupDoc)


class SegmentMaker(Protocol[Doc]):
    """Documents of one side to a segment."""

    def __call__(self, docs: Sequence[Doc], *, grow: bool) -> Segment[Doc]:
        """The documents as rows; ``grow`` numbers new features."""


@dataclass(frozen=True)
class Snapshot:
    """Everything a query reads, at one moment."""

    startups: View[StartupDoc]
    tenders: View[TenderDoc]
    idf: Idf


class Store:
    """The two collections and their feature space. Writes take turns; ``snapshot`` is replaced whole, never edited."""

    def __init__(self, lexicon: Lexicon, basis: Basis | None = None) -> None:
        self.extractor = Extractor(lexicon)
        self.codes = Codes()
        self._given = basis
        self._write = threading.Lock()
        self.vocabulary = Vocabulary(basis.terms if basis else ())
        self.snapshot = self._seal(self.startup_segment([]), self.tender_segment([]))

    # ---- documents to segments

    def startup_segment(self, docs: Sequence[StartupDoc], *, grow: bool = False) -> Segment[StartupDoc]:
        """Startups as rows. Without ``grow``, features the vocabulary doesn't have are left out (a query)."""
        row = self.vocabulary.grow if grow else self.vocabulary.row
        units = Rows.of([row(self.extractor.startup(doc)) for doc in docs])
        wins = [[row(bag) for bag in self.extractor.references(doc)] for doc in docs]
        return Segment(
            tuple(docs), np.arange(len(docs) + 1, dtype=np.int64), units,
            _pointers([len(each) for each in wins]), Rows.of([win for each in wins for win in each]),
            startup_columns(docs, self.codes),
        )  # fmt: skip

    def tender_segment(self, docs: Sequence[TenderDoc], *, grow: bool = False) -> Segment[TenderDoc]:
        """Tenders as rows, one for the whole and one for each lot."""
        row = self.vocabulary.grow if grow else self.vocabulary.row
        units = [[row(bag) for bag in self.extractor.tender(doc)] for doc in docs]
        return Segment(
            tuple(docs), _pointers([len(each) for each in units]), Rows.of([unit for each in units for unit in each]),
            np.zeros(len(docs) + 1, np.int64), Rows.of([]), tender_columns(docs, self.codes),
        )  # fmt: skip

    # ---- writes

    def load(self, tenders: Iterable[TenderDoc], startups: Iterable[StartupDoc], progress: Progress | None) -> None:
        """Replace everything; the idf is fitted on what is loaded. Of two documents with one id the last counts."""
        with self._write:
            self.vocabulary = Vocabulary(self._given.terms if self._given else ())
            startup_part = self._bulk("startups", startups, self.startup_segment, progress)
            tender_part = self._bulk("tenders", tenders, self.tender_segment, progress)
            self.snapshot = self._seal(startup_part.by_id(), tender_part.by_id())

    def _bulk(self, what: str, docs: Iterable[Doc], make: SegmentMaker[Doc], progress: Progress | None) -> Segment[Doc]:
        latest = {doc.id: doc for doc in docs}
        chosen = list(latest.values())
        parts = [make([], grow=True)]
        for start in range(0, len(chosen), PROGRESS_EVERY):
            parts.append(make(chosen[start : start + PROGRESS_EVERY], grow=True))
            if progress is not None:
                progress(what, min(start + PROGRESS_EVERY, len(chosen)))
        return end_to_end(parts)

    def change_startups(self, docs: Iterable[StartupDoc], removed: Iterable[str] = ()) -> None:
        """Put startups in and take others out; the next query sees it."""
        latest = list({doc.id: doc for doc in docs}.values())
        with self._write:
            part = self.startup_segment(latest, grow=True)
            old = self.snapshot
            idf = self._grown(old.idf)
            view = old.startups.changed(part.weighted(idf), list(removed))
            self._publish(Snapshot(view, old.tenders, idf))

    def change_tenders(self, docs: Iterable[TenderDoc], removed: Iterable[str] = ()) -> None:
        """Put tenders in and take others out; the next query sees it."""
        latest = list({doc.id: doc for doc in docs}.values())
        with self._write:
            part = self.tender_segment(latest, grow=True)
            old = self.snapshot
            idf = self._grown(old.idf)
            view = old.tenders.changed(part.weighted(idf), list(removed))
            self._publish(Snapshot(old.startups, view, idf))

    def _publish(self, new: Snapshot) -> None:
        if new.startups.wants_compaction or new.tenders.wants_compaction:
            new = self._seal(new.startups.merged(), new.tenders.merged())
        self.snapshot = new

    def _grown(self, idf: Idf) -> Idf:
        """The same idf with the features that are new since, each taken as held by one document."""
        known, size = idf.weights.size, len(self.vocabulary)
        if size == known:
            return idf
        fresh = smooth_idf(np.ones(size - known, np.int64), self._documents)
        return Idf(np.concatenate([idf.weights, fresh]), self.vocabulary.channels())

    def _seal(self, startups: Segment[StartupDoc], tenders: Segment[TenderDoc]) -> Snapshot:
        """Refresh the idf from the documents and rebuild both bases with it."""
        size = len(self.vocabulary)
        frequency = np.bincount(startups.units.ids, minlength=size) + np.bincount(tenders.units.ids, minlength=size)
        self._documents = len(startups.units) + len(tenders.units)
        if self._given is not None:
            frequency[: len(self._given.terms)] += np.array(self._given.document_frequency, np.int64)
            self._documents += self._given.documents
        self._frequency: I64 = frequency.astype(np.int64)
        idf = Idf(smooth_idf(self._frequency, self._documents), self.vocabulary.channels())
        return Snapshot(
            sealed(startups, self.startup_segment([]), idf), sealed(tenders, self.tender_segment([]), idf), idf
        )

    @property
    def basis(self) -> Basis:
        """The feature space as data: pass it to another matcher to have the same scores."""
        with self._write:
            terms = self.vocabulary.terms()[: self._frequency.size]
            return Basis(terms, tuple(int(n) for n in self._frequency), self._documents)


def _pointers(lengths: Sequence[int]) -> I64:
    ptr = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ptr[1:])
    return ptr
