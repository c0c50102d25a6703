"""What a matcher holds and how it changes: documents become rows, writes make snapshots, growth rebuilds the base."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Protocol, TypeVar

import numpy as np

from matching import artifacts
from matching.documents import reference_order
from matching.extraction import Extractor
from matching.facts import facts, tender_facts
from matching.gates import Codes, startup_columns, tender_columns
from matching.index import Segment, View, end_to_end, sealed
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import CHANNEL_COUNT, I64, Basis, Idf, Lengths, Rows, Vocabulary, smooth_idf

Progress = Callable[[str, int], None]
PROGRESS_EVERY: Final = 500

STALE_SHARE: Final = 0.25
STALE_START: Final = 8
NOTHING: Final = np.empty(0, np.int64)
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
    vocabulary: Vocabulary


class Store:
    """The two collections and their feature space. Writes take turns; ``snapshot`` is replaced whole, never edited."""

    def __init__(self, extractor: Extractor, basis: Basis | None = None) -> None:
        self.extractor = extractor
        self.codes = Codes()
        self._given = basis
        self._write = threading.Lock()
        empty = self._vocabulary()
        self.snapshot = self._seal(empty, self.startup_segment([], empty), self.tender_segment([], empty))

    def _vocabulary(self) -> Vocabulary:
        vocabulary = Vocabulary(self._given.terms if self._given else ())
        vocabulary.add(self.extractor.closed_keys())
        return vocabulary

    # ---- documents to segments

    def startup_segment(
        self, docs: Sequence[StartupDoc], vocabulary: Vocabulary, *, grow: bool = False
    ) -> Segment[StartupDoc]:
        """Startups as rows. Without ``grow``, features the vocabulary doesn't have are left out (a query)."""
        row = vocabulary.grow if grow else vocabulary.row
        units = Rows.of([row(self.extractor.startup(doc)) for doc in docs])
        chosen = [doc.references[n] for doc in docs for n in reference_order(doc)]
        wins = [[row(bag) for bag in self.extractor.references(doc)] for doc in docs]
        return Segment(
            Side.STARTUP, tuple(doc.id for doc in docs),
            tuple(docs), np.arange(len(docs) + 1, dtype=np.int64), units,
            _pointers([len(each) for each in wins]), Rows.of(
                [win for each in wins for win in each], [facts(win.value, win.date) for win in chosen]
            ),
            startup_columns(docs, self._codes(grow)),
        )  # fmt: skip

    def tender_segment(
        self, docs: Sequence[TenderDoc], vocabulary: Vocabulary, *, grow: bool = False
    ) -> Segment[TenderDoc]:
        """Tenders as rows, one for the whole and one for each lot."""
        row = vocabulary.grow if grow else vocabulary.row
        units = [[row(bag) for bag in self.extractor.tender(doc)] for doc in docs]
        known = [fact for doc in docs for fact in tender_facts(doc)]
        return Segment(
            Side.TENDER, tuple(doc.id for doc in docs),
            tuple(docs), _pointers([len(each) for each in units]),
            Rows.of([unit for each in units for unit in each], known),
            np.zeros(len(docs) + 1, np.int64), Rows.of([]), tender_columns(docs, self._codes(grow)),
        )  # fmt: skip

    def _codes(self, grow: bool) -> Codes:
        """The codes of facets; of a query, which is gated by its own words, none are kept."""
        return self.codes if grow else Codes()

    # ---- writes

    def load(self, tenders: Iterable[TenderDoc], startups: Iterable[StartupDoc], progress: Progress | None) -> None:
        """Replace everything; the idf is fitted on what is loaded. Of two documents with one id the last counts."""
        with self._write:
            fresh = self._vocabulary()
            startup_part = _bulk("startups", startups, partial(self.startup_segment, vocabulary=fresh), progress)
            tender_part = _bulk("tenders", tenders, partial(self.tender_segment, vocabulary=fresh), progress)
            self.snapshot = self._seal(fresh, startup_part.by_id(), tender_part.by_id())

    def change_startups(self, docs: Iterable[StartupDoc], removed: Iterable[str] = ()) -> None:
        """Put startups in and take others out; the next query sees it."""
        latest = list({doc.id: doc for doc in docs}.values())
        with self._write:
            old = self.snapshot
            part = self.startup_segment(latest, old.vocabulary, grow=True)
            idf = self._grown(old)
            view = old.startups.changed(part.weighted(idf), list(removed))
            self._publish(Snapshot(view, old.tenders, idf, old.vocabulary), len(latest))

    def change_tenders(self, docs: Iterable[TenderDoc], removed: Iterable[str] = ()) -> None:
        """Put tenders in and take others out; the next query sees it."""
        latest = list({doc.id: doc for doc in docs}.values())
        with self._write:
            old = self.snapshot
            part = self.tender_segment(latest, old.vocabulary, grow=True)
            idf = self._grown(old)
            view = old.tenders.changed(part.weighted(idf), list(removed))
            self._publish(Snapshot(old.startups, view, idf, old.vocabulary), len(latest))

    def _publish(self, new: Snapshot, changes: int) -> None:
        """Make a snapshot the current one, after folding in a tail that has outgrown its base.

        The idf, and with it both bases, is refreshed only once ``STALE_SHARE`` of the documents has changed: a few
        new tenders must not rebuild a hundred thousand startups.
        """
        self._changes += changes
        if self._changes > max(STALE_START, int(STALE_SHARE * self._documents)):
            new = self._seal(new.vocabulary, new.startups.merged(), new.tenders.merged())
        elif new.startups.wants_compaction:
            new = replace(new, startups=sealed(new.startups.merged(), new.startups.tail.take(NOTHING), new.idf))
        elif new.tenders.wants_compaction:
            new = replace(new, tenders=sealed(new.tenders.merged(), new.tenders.tail.take(NOTHING), new.idf))
        self.snapshot = new

    def _grown(self, old: Snapshot) -> Idf:
        """The same idf with the features that are new since, each taken as held by one document."""
        known, size = old.idf.weights.size, len(old.vocabulary)
        if size == known:
            return old.idf
        fresh = smooth_idf(np.ones(size - known, np.int64), self._documents)
        channels = np.concatenate([old.idf.channels, old.vocabulary.channels(known)])
        return Idf(np.concatenate([old.idf.weights, fresh]), channels, old.idf.lengths)

    def _seal(self, vocabulary: Vocabulary, startups: Segment[StartupDoc], tenders: Segment[TenderDoc]) -> Snapshot:
        """Refresh the idf from the documents and rebuild both bases with it."""
        self._changes = 0
        size = len(vocabulary)
        frequency = np.bincount(startups.units.ids, minlength=size) + np.bincount(tenders.units.ids, minlength=size)
        self._documents = len(startups.units) + len(tenders.units)
        if self._given is not None:  # a given basis stands as it is, whatever is loaded
            frequency[: len(self._given.terms)] = self._given.document_frequency
            self._documents = self._given.documents
        self._frequency: I64 = frequency.astype(np.int64)
        plain = Idf(smooth_idf(self._frequency, self._documents), vocabulary.channels(), np.zeros(CHANNEL_COUNT))
        given = self._given.lengths if self._given is not None else ()
        idf = replace(plain, lengths=np.array(given, np.float64) if given else startups.units.lengths(plain).mean)
        no_startups, no_tenders = self.startup_segment([], vocabulary), self.tender_segment([], vocabulary)
        return Snapshot(sealed(startups, no_startups, idf), sealed(tenders, no_tenders, idf), idf, vocabulary)

    def compact(self) -> Snapshot:
        """Refresh the idf, fold both tails into their bases, and return what is then there."""
        with self._write:
            old = self.snapshot
            self.snapshot = self._seal(old.vocabulary, old.startups.merged(), old.tenders.merged())
            return self.snapshot

    def save(self, folder: Path, versions: Mapping[str, str]) -> None:
        """Compact, then write everything into a folder."""
        state = self.compact()
        with self._write:
            frequency, documents = self._frequency, self._documents
        terms = state.vocabulary.terms()[: state.idf.weights.size]
        artifacts.save(
            folder,
            artifacts.Saved(state.startups, state.tenders, state.idf, terms, self.codes, frequency, documents),
            versions,
        )

    def open(self, folder: Path, versions: Mapping[str, str]) -> None:
        """Take the contents of a folder, mapped into memory. Raises ``ArtifactMismatch``."""
        saved = artifacts.load(folder, versions)
        with self._write:
            self.codes, self._frequency, self._documents = saved.codes, saved.frequency, saved.documents
            self._changes = 0
            self.snapshot = Snapshot(saved.startups, saved.tenders, saved.idf, Vocabulary(saved.terms))

    @property
    def basis(self) -> Basis:
        """The feature space as data: pass it to another matcher to have the same scores."""
        with self._write:
            terms = self.snapshot.vocabulary.terms()[: self._frequency.size]
            frequency, lengths = self._frequency.tolist(), self.snapshot.idf.lengths.tolist()
            return Basis(terms, tuple(frequency), self._documents, tuple(lengths))

    def profile_lengths(self) -> Lengths:
        """How long the startups' profiles are under the present idf."""
        state = self.snapshot
        return state.startups.merged().units.known(state.idf).lengths(state.idf)


def _pointers(lengths: Sequence[int]) -> I64:
    ptr = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ptr[1:])
    return ptr


def _bulk(what: str, docs: Iterable[Doc], make: SegmentMaker[Doc], progress: Progress | None) -> Segment[Doc]:
    latest = {doc.id: doc for doc in docs}
    chosen = list(latest.values())
    parts = [make([], grow=True)]
    for start in range(0, len(chosen), PROGRESS_EVERY):
        parts.append(make(chosen[start : start + PROGRESS_EVERY], grow=True))
        if progress is not None:
            progress(what, min(start + PROGRESS_EVERY, len(chosen)))
    return end_to_end(parts)
