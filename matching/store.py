"""What a matcher holds and how it changes: documents become rows, writes make snapshots, maintenance replaces parts.

A write costs what it brings: it never waits for the collection to be rebuilt. Folding parts together and fitting the
idf anew are ``maintain``'s, which works on a snapshot beside queries and writes and then swaps its result in.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from matching import artifacts
from matching.extraction import Extractor
from matching.gates import Codes
from matching.retrieval import Part, sealed, tail_of
from matching.scoring import Algorithm
from matching.segmenting import Progress, Segmenter, in_bulk
from matching.segments import Segment
from matching.snapshots import Snapshot, fit, grown
from matching.types import StartupDoc, TenderDoc
from matching.vectorizer import Basis, Idf, Lengths, Vocabulary
from matching.views import TAIL_LIMIT, Replacement, View, followed, merged

Doc = TypeVar("Doc", TenderDoc, StartupDoc)

SMALL: Final = 1_024
"""Documents of a collection whose idf a write fits anew by itself: a few milliseconds."""


class Store:
    """The two collections and their feature space. Writes take turns; ``snapshot`` is replaced whole, never edited."""

    def __init__(self, extractor: Extractor, algorithm: Algorithm, basis: Basis | None = None) -> None:
        self.segmenter = Segmenter(extractor)
        self._algorithm = algorithm
        self._given = basis
        self._write = threading.Lock()
        self._maintenance = threading.Lock()
        self._writes = 0
        self._epochs = 0
        self.snapshot = self._loaded((), (), None)

    # ---- writes

    def load(self, tenders: Iterable[TenderDoc], startups: Iterable[StartupDoc], progress: Progress | None) -> None:
        """Replace everything; the idf is fitted on what is loaded. Of two documents with one id the last counts."""
        with self._write:
            self.snapshot = self._loaded(tenders, startups, progress)

    def _loaded(
        self, tenders: Iterable[TenderDoc], startups: Iterable[StartupDoc], progress: Progress | None
    ) -> Snapshot:
        vocabulary, codes = Vocabulary(self._given.terms if self._given else ()), Codes()
        vocabulary.add(self.segmenter.extractor.closed_keys())
        tell = progress or _untold
        for_startups = partial(self.segmenter.startups, vocabulary=vocabulary, codes=codes)
        for_tenders = partial(self.segmenter.tenders, vocabulary=vocabulary, codes=codes)
        startup_part = in_bulk(startups, for_startups, partial(tell, "startups"))
        tender_part = in_bulk(tenders, for_tenders, partial(tell, "tenders"))
        idf, fitted = fit(vocabulary, len(vocabulary), startup_part.units, tender_part.units, self._given)
        self._epochs += 1
        return Snapshot(
            self._view(startup_part, idf), self._view(tender_part, idf), idf, fitted, vocabulary, codes, 0, self._epochs
        )

    def _view(self, segment: Segment[Doc], idf: Idf) -> View[Doc]:
        """Documents as one sealed part, with an empty tail."""
        nothing = np.empty(0, np.int64)
        parts = (self._sealed(segment, idf),) if segment.ids else ()
        return View(parts, tail_of(segment.take(nothing), self._algorithm, nothing))

    def _sealed(self, segment: Segment[Doc], idf: Idf) -> Part[Doc]:
        return sealed(segment.weighted(idf), idf, self._algorithm)

    def change_startups(self, docs: Iterable[StartupDoc], removed: Iterable[str] = ()) -> None:
        """Put startups in and take others out; the next query sees it."""
        latest = list({doc.id: doc for doc in docs}.values())
        with self._write:
            old = self.snapshot
            segment = self.segmenter.startups(latest, old.vocabulary, old.codes)
            idf = grown(old.idf, old.fitted, old.vocabulary)
            view = self._changed(old.startups, segment, removed, idf)
            self._publish(replace(old, startups=view, idf=idf, changes=old.changes + len(latest)))

    def change_tenders(self, docs: Iterable[TenderDoc], removed: Iterable[str] = ()) -> None:
        """Put tenders in and take others out; the next query sees it."""
        latest = list({doc.id: doc for doc in docs}.values())
        with self._write:
            old = self.snapshot
            segment = self.segmenter.tenders(latest, old.vocabulary, old.codes)
            idf = grown(old.idf, old.fitted, old.vocabulary)
            view = self._changed(old.tenders, segment, removed, idf)
            self._publish(replace(old, tenders=view, idf=idf, changes=old.changes + len(latest)))

    def _changed(self, view: View[Doc], segment: Segment[Doc], removed: Iterable[str], idf: Idf) -> View[Doc]:
        self._writes += 1
        new = view.changed(segment.weighted(idf), list(removed), self._algorithm, self._writes)
        overgrown = len(new.tail.segment.ids) >= TAIL_LIMIT
        return new.with_tail_sealed(idf, self._algorithm) if overgrown else new

    def _publish(self, new: Snapshot) -> None:
        """Make a snapshot the current one; a small collection has its idf fitted anew where it is stale."""
        small = len(new.startups) + len(new.tenders) <= SMALL
        self.snapshot = self._refitted(new) if small and new.stale else new

    # ---- maintenance

    def maintain(self) -> bool:
        """Do one thing that is due: fit the idf anew, or fold parts together; whether there was one.

        Nobody waits for it but other calls of it: queries go on, writes are held up only while the result is put in.
        """
        with self._maintenance:
            state = self.snapshot
            if state.stale:
                self._refit(state)
                return True
            startups, tenders = state.startups.overdue(), state.tenders.overdue()
            if any(startups):
                self._replace(state, startups=self._folded(state.startups, *startups, idf=state.idf))
            elif any(tenders):
                self._replace(state, tenders=self._folded(state.tenders, *tenders, idf=state.idf))
            return any(startups) or any(tenders)

    def _folded(self, view: View[Doc], parts: tuple[Part[Doc], ...], with_tail: bool, idf: Idf) -> Replacement[Doc]:
        living = merged(followed(parts, view.tail) if with_tail else parts)
        return view.replacement(parts, sealed(living, idf, self._algorithm), with_tail=with_tail)

    def _replace(
        self,
        state: Snapshot,
        startups: Replacement[StartupDoc] | None = None,
        tenders: Replacement[TenderDoc] | None = None,
    ) -> None:
        with self._write:
            now = self.snapshot
            if now.epoch == state.epoch:
                self.snapshot = replace(
                    now,
                    startups=now.startups.replaced([startups], self._algorithm) if startups else now.startups,
                    tenders=now.tenders.replaced([tenders], self._algorithm) if tenders else now.tenders,
                )

    def _refit(self, state: Snapshot) -> None:
        """Fit the idf to a snapshot and give everything its values, parts that writes sealed meanwhile included."""
        of_startups, of_tenders = merged(state.startups.all_parts()), merged(state.tenders.all_parts())
        idf, fitted = fit(state.vocabulary, state.idf.weights.size, of_startups.units, of_tenders.units, self._given)
        startups = [state.startups.replacement(state.startups.parts, self._sealed(of_startups, idf), with_tail=True)]
        tenders = [state.tenders.replacement(state.tenders.parts, self._sealed(of_tenders, idf), with_tail=True)]
        while True:
            with self._write:
                now = self.snapshot
                if now.epoch != state.epoch:
                    return
                idf = grown(idf, fitted, now.vocabulary)
                late, late_tenders = _late(now.startups, startups), _late(now.tenders, tenders)
                if not late and not late_tenders:
                    self.snapshot = replace(
                        now,
                        startups=now.startups.replaced(startups, self._algorithm).reweighted(idf, self._algorithm),
                        tenders=now.tenders.replaced(tenders, self._algorithm).reweighted(idf, self._algorithm),
                        idf=idf, fitted=fitted, changes=now.changes - state.changes,
                    )  # fmt: skip
                    return
            startups += [self._revalued(now.startups, part, idf) for part in late]
            tenders += [self._revalued(now.tenders, part, idf) for part in late_tenders]

    def _revalued(self, view: View[Doc], part: Part[Doc], idf: Idf) -> Replacement[Doc]:
        made = self._sealed(merged([part]), idf)
        born = dict(zip(part.segment.ids, part.born.tolist(), strict=True))
        numbers = np.array([born[document] for document in made.segment.ids], np.int64)
        return view.replacement((part,), replace(made, born=numbers), with_tail=False)

    def _refitted(self, state: Snapshot) -> Snapshot:
        """A snapshot with its idf fitted anew."""
        startups, tenders = merged(state.startups.all_parts()), merged(state.tenders.all_parts())
        idf, fitted = fit(state.vocabulary, state.idf.weights.size, startups.units, tenders.units, self._given)
        self._epochs += 1
        return replace(
            state, startups=self._view(startups, idf), tenders=self._view(tenders, idf),
            idf=idf, fitted=fitted, changes=0, epoch=self._epochs,
        )  # fmt: skip

    def compact(self) -> None:
        """Fit the idf anew and fold everything together, while writes wait."""
        with self._write:
            self.snapshot = self._refitted(self.snapshot)

    # ---- files and data

    def save(self, folder: Path, versions: Mapping[str, str], note: Mapping[str, str]) -> None:
        """Write the contents as they are now into a folder, with a note for who opens it."""
        artifacts.save(folder, self.snapshot, versions, note)

    def open(self, folder: Path, versions: Mapping[str, str]) -> Mapping[str, str]:
        """Take the contents of a folder, mapped into memory; its note. Raises ``ArtifactMismatch``."""
        with self._write:
            snapshot, note = artifacts.load(folder, versions, self._algorithm, self._epochs + 1)
            self._epochs += 1
            self.snapshot = snapshot
        return note

    def profile_lengths(self) -> Lengths:
        """How long the startups' profiles are under the present idf."""
        state = self.snapshot
        return merged(state.startups.all_parts()).units.lengths(state.idf)


def _late(view: View[Doc], replacements: list[Replacement[Doc]]) -> list[Part[Doc]]:
    """The parts of a view that no replacement was made from."""
    known = {id(part.segment) for each in replacements for part in each.parts}
    return [part for part in view.parts if id(part.segment) not in known]


def _untold(_what: str, _done: int) -> None:
    """The progress of a load that nobody follows."""
