"""Texts and documents to rows, compiled: the twin of ``matching.extraction``, which says in plain Python what is made.

Words are cut, looked up, read and counted by kernels, without the interpreter's lock; Python works out a word the
first time it is seen, and numbers a feature the first time a vocabulary meets it.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np

from matching.analysis.batches import BATCH_CHARACTERS, Batch, PlainTexts
from matching.analysis.characters import character_classes
from matching.analysis.frozen import freeze
from matching.analysis.gathering import hint_of, put_passages, put_startup, put_tender, put_told
from matching.analysis.known import Known
from matching.analysis.numbering import Numbering, decoded
from matching.analysis.places import Places, Sources, Tellings
from matching.analysis.surfaces import Surfaces
from matching.analysis.symbols import Symbols
from matching.cpv import CpvLabels, CpvTable
from matching.documents import Passage, startup_passages, tender_passages
from matching.extraction import CUE_WEIGHT
from matching.kernels.counting import CHANNEL_SHIFT, CONCEPT, PLAIN, STARTUP, WIN
from matching.kernels.rows import Words, count_in, find_in, rows_in, scan_to_rows
from matching.kernels.scanning import scan
from matching.kernels.telling import tell
from matching.lexicon import Lexicon, default_lexicon
from matching.modes import SERVICE, default_modes
from matching.text import MAX_WORD
from matching.trades import Trades, default_trades
from matching.types import LotDoc, StartupDoc, TenderDoc
from matching.vectorizer import F64, I32, I64, U8, Bag, Rows, Vocabulary

Doc = TypeVar("Doc")
Gathered: TypeAlias = Batch | PlainTexts
Putter: TypeAlias = Callable[[Batch, Doc, Known], None]
"""Makes the units of a document in a batch."""

Findings: TypeAlias = tuple[I64, I32, F64]
"""By unit: of unit ``n`` the findings ``ptr[n]:ptr[n + 1]`` and their weights (see ``kernels.phrases.read``)."""


class _Learnt:
    """What is learnt from texts; begun anew when full."""

    def __init__(self, surfaces: Surfaces, lexicon: Lexicon, labels: CpvLabels) -> None:
        self.surfaces = surfaces
        self.known = Known(surfaces.symbols, lexicon, labels)
        self._numberings: weakref.WeakKeyDictionary[Vocabulary, Numbering] = weakref.WeakKeyDictionary()
        self._lock = threading.Lock()

    @property
    def is_full(self) -> bool:
        return self.surfaces.is_full or self.known.is_full

    def numbering(self, vocabulary: Vocabulary) -> Numbering:
        """The numbers of a vocabulary, kept while it lives."""
        with self._lock:
            found = self._numberings.get(vocabulary)
            if found is None:
                found = self._numberings[vocabulary] = Numbering(self.surfaces.symbols)
            return found


class Analyser:
    """Makes rows. Safe to share between threads."""

    def __init__(self, lexicon: Lexicon, trades: Trades, cpv: CpvTable | None = None) -> None:
        self._lexicon = lexicon
        self._labels = CpvLabels(cpv, lexicon)
        self._frozen = freeze(lexicon, trades)
        self._service = default_modes().ids.index(SERVICE)
        self._startup_sources = Sources(lexicon, trades, lexicon.ancestors)
        self._tender_sources = Sources(lexicon, trades, lexicon.neighbours)
        self._classes = character_classes()
        self._learnt = self._begun()

    @property
    def surfaces(self) -> int:
        """How many words have been worked out since the table was begun."""
        return len(self._learnt.surfaces)

    def startups(self, docs: Iterable[StartupDoc], vocabulary: Vocabulary, *, grow: bool) -> tuple[Rows, Rows]:
        """The profiles of startups, and their past wins in the order of ``reference_order``, end to end.

        Without ``grow``, features that the vocabulary doesn't have are left out.
        """
        rows, kinds = self._rows(docs, put_startup, vocabulary, grow=grow)
        return rows.take(np.flatnonzero(kinds == STARTUP)), rows.take(np.flatnonzero(kinds == WIN))

    def tenders(self, docs: Iterable[TenderDoc], vocabulary: Vocabulary, *, grow: bool) -> Rows:
        """Tenders as rows, end to end: each as a whole, then its lots."""
        return self._rows(docs, put_tender, vocabulary, grow=grow)[0]

    def texts(self, texts: Iterable[str], vocabulary: Vocabulary, *, grow: bool) -> Rows:
        """Plain texts as rows of words and of the concepts that stand in them, each counted as often as it stands."""
        parts, batch = list[Rows](), PlainTexts()
        for text in texts:
            batch.put(text)
            if batch.characters >= BATCH_CHARACTERS:
                parts.append(self._counted(batch, self._current(), vocabulary, grow=grow)[0])
                batch = PlainTexts()
        parts.append(self._counted(batch, self._current(), vocabulary, grow=grow)[0])
        return Rows.end_to_end(parts)

    def terms(self, text: str) -> list[str]:
        """The features of ``texts`` one by one, as often as they count: an ``analyzer`` for scikit-learn."""
        batch, learnt = PlainTexts(), self._current()
        batch.put(text)
        _, events, _ = self._found(batch, self._cut(batch, learnt)[1])
        found = events[events[:, 0] <= CONCEPT]
        return decoded((found[:, 0] << CHANNEL_SHIFT) + found[:, 1], learnt.surfaces.symbols)

    def startup(self, startup: StartupDoc) -> Bag:
        """The features of a profile by name."""
        return self._bags(put_startup, startup)[0]

    def tender(self, tender: TenderDoc) -> list[Bag]:
        """The features of the whole tender, then of each lot, by name."""
        return self._bags(put_tender, tender)

    def startup_places(self, startups: Iterable[StartupDoc]) -> list[Places]:
        """Where the features of startups stand, and their modes."""
        units = [(startup_passages(startup), hint_of(startup), 0.0) for startup in startups]
        return self._places(units, self._startup_sources)

    def tender_places(self, asked: Iterable[tuple[TenderDoc, LotDoc | None]]) -> list[Places]:
        """Where the features of tenders, or of one lot of each, stand."""
        units = [(tender_passages(tender, lot), tender.language, CUE_WEIGHT) for tender, lot in asked]
        return self._places(units, self._tender_sources)

    def _places(self, units: Sequence[tuple[Sequence[Passage], str | None, float]], sources: Sources) -> list[Places]:
        batch, learnt = Batch(), self._current()
        told = [[passage for passage in passages if passage.text] for passages, _, _ in units]
        for passages, (_, hint, cue_weight) in zip(told, units, strict=True):
            put_passages(batch, passages, hint)
            batch.close(PLAIN, cue_weight=cue_weight)
        text_ptr, words = self._cut(batch, learnt)
        texts, (ptr, events, _) = batch.text_of(), self._found(batch, words)
        events[:, 3:] -= text_ptr[texts[events[:, 2]]][:, None].astype(np.int32)
        telling = Tellings(*tell(*words, self._frozen.telling))
        found, first, text_of = list[Places](), 0, texts.tolist()
        for n, passages in enumerate(told):
            last = first + len(passages)
            part = events[ptr[n] : ptr[n + 1]].copy()  # not a view of the whole batch: places may be kept
            part[:, 2] -= first
            modes = telling.of(passages, text_of[first:last], text_ptr)
            found.append(Places(passages, part, modes, sources, learnt.surfaces.symbols))
            first = last
        return found

    def service_shares(self, startups: Iterable[StartupDoc]) -> F64:
        """How far each startup works to order, as ``matching.modes.service_share`` says."""
        parts = [np.empty(0)]
        for batch, learnt in self._batches(startups, put_told):
            words = self._cut(batch, learnt)[1]
            ptr, told = tell(*words, self._frozen.telling)
            by_text = np.zeros((ptr.size - 1, self._frozen.telling.modes))
            np.add.at(by_text, (np.repeat(np.arange(ptr.size - 1), np.diff(ptr)), told[:, 0]), 1)
            by_unit = np.zeros((len(batch), by_text.shape[1]))
            units = np.repeat(np.arange(len(batch)), np.diff(batch.told()[1]))
            np.add.at(by_unit, units, by_text[batch.text_of()])
            service = by_unit[:, self._service]
            parts.append((service + 1) / (by_unit.sum(axis=1) + 2))
        return np.concatenate(parts)

    def _begun(self) -> _Learnt:
        return _Learnt(Surfaces(Symbols(self._frozen.names), self._frozen.lists), self._lexicon, self._labels)

    def _current(self) -> _Learnt:
        if self._learnt.is_full:
            self._learnt = self._begun()
        return self._learnt

    def _rows(self, docs: Iterable[Doc], put: Putter[Doc], vocabulary: Vocabulary, *, grow: bool) -> tuple[Rows, U8]:
        """Rows of all units that ``put`` makes of documents, and the kind of each."""
        parts = [self._counted(batch, learnt, vocabulary, grow=grow) for batch, learnt in self._batches(docs, put)]
        return Rows.end_to_end([rows for rows, _ in parts]), np.concatenate([kinds for _, kinds in parts])

    def _batches(self, docs: Iterable[Doc], put: Putter[Doc]) -> Iterator[tuple[Batch, _Learnt]]:
        """All documents, in batches of which there is at least one."""
        batch, learnt = Batch(), self._current()
        for doc in docs:
            put(batch, doc, learnt.known)
            if batch.characters >= BATCH_CHARACTERS:
                yield batch, learnt
                batch, learnt = Batch(), self._current()
        yield batch, learnt

    def _counted(self, batch: Gathered, learnt: _Learnt, vocabulary: Vocabulary, *, grow: bool) -> tuple[Rows, U8]:
        told, made, known = batch.told(), batch.made(), self._frozen.known
        surfaces, numbering = learnt.surfaces, learnt.numbering(vocabulary)
        characters, text_ptr = batch.text()
        scanned, numbers = (characters, text_ptr, self._classes, MAX_WORD), numbering.table(vocabulary)
        words, counted, found = scan_to_rows(scanned, surfaces.table[:], told, made, known, numbers, grow)
        if words[2]:
            surfaces.resolve(characters, words[0])
            resolved = (*words[:2], surfaces.table.rows)
            counted, found = rows_in(resolved, told, made, known, numbering.table(vocabulary), grow)
        return numbering.completed(counted, found, vocabulary), made[0]

    def _bags(self, put: Putter[Doc], doc: Doc) -> list[Bag]:
        """The bags of the units of a document, in its order."""
        batch, learnt = Batch(), self._current()
        put(batch, doc, learnt.known)
        words = self._cut(batch, learnt)[1]
        ptr, codes, counts = count_in(words, batch.told(), batch.made(), self._frozen.known)
        keys, numbers = decoded(codes, learnt.surfaces.symbols), counts.tolist()
        return [Bag(dict(zip(keys[first:last], numbers[first:last], strict=True))) for first, last in pairwise(ptr)]

    def _found(self, batch: Gathered, words: Words) -> Findings:
        """What the units say."""
        return find_in(words, batch.told(), self._frozen.known)

    def _cut(self, batch: Gathered, learnt: _Learnt) -> tuple[I64, Words]:
        """Where each text of a batch begins, and its words, all of them known."""
        characters, text_ptr = batch.text()
        records, record_ptr, unknown = scan(characters, text_ptr, self._classes, learnt.surfaces.table, MAX_WORD)
        if unknown:
            learnt.surfaces.resolve(characters, records)
        return text_ptr, (records, record_ptr, learnt.surfaces.table.rows)


@lru_cache(maxsize=2)
def analyser_of(lexicon: Lexicon, trades: Trades, cpv: CpvTable | None = None) -> Analyser:
    """The analyser of a lexicon with its trades: what one matcher has learnt of words, the next need not."""
    return Analyser(lexicon, trades, cpv)


def default_analyser() -> Analyser:
    """The analyser of the lexicon and the trades that ship."""
    return analyser_of(default_lexicon(), default_trades())
