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
from typing import Final, TypeAlias, TypeVar

import numpy as np

from matching.analysis.batches import BATCH_CHARACTERS, Batch
from matching.analysis.characters import character_classes
from matching.analysis.frozen import freeze
from matching.analysis.gathering import hint_of, put_passages, put_startup, put_tender, put_text, put_told
from matching.analysis.known import Known
from matching.analysis.numbering import Numbering, decoded
from matching.analysis.places import Places, Sources
from matching.analysis.surfaces import Surfaces
from matching.documents import Passage, startup_passages, tender_passages
from matching.extraction import ASIDE_WEIGHT, CUE_WEIGHT, DETAIL_WEIGHT, LOOSE_WEIGHT
from matching.kernels.counting import CONCEPT, PLAIN, STARTUP, WIN, count
from matching.kernels.loosely import find_loose
from matching.kernels.phrases import Rates, read
from matching.kernels.scanning import scan
from matching.kernels.telling import tell
from matching.kernels.tokens import tokenise
from matching.lexicon import Lexicon, default_lexicon
from matching.modes import SERVICE, default_modes
from matching.text import MAX_TOKENS, MAX_WORD
from matching.trades import Trades, default_trades
from matching.types import LotDoc, Span, StartupDoc, TenderDoc
from matching.vectorizer import F64, I32, I64, U8, Bag, Rows, Vocabulary

Doc = TypeVar("Doc")
_RATES: Final = Rates(ASIDE_WEIGHT, DETAIL_WEIGHT)
Putter: TypeAlias = Callable[[Batch, Doc, Known], None]
"""Makes the units of a document in a batch."""

Findings: TypeAlias = tuple[I64, I32, F64]
"""By unit: of unit ``n`` the findings ``ptr[n]:ptr[n + 1]`` and their weights (see ``kernels.phrases.read``)."""


class _Learnt:
    """What is learnt from texts; begun anew when full."""

    def __init__(self, surfaces: Surfaces, lexicon: Lexicon) -> None:
        self.surfaces = surfaces
        self.known = Known(surfaces.symbols, lexicon)
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

    def __init__(self, lexicon: Lexicon, trades: Trades) -> None:
        self._lexicon = lexicon
        self._frozen = freeze(lexicon, trades)
        self._service = default_modes().ids.index(SERVICE)
        self._sources = Sources(lexicon, trades)
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
        return self._rows(texts, put_text, vocabulary, grow=grow)[0]

    def terms(self, text: str) -> list[str]:
        """The features of ``texts`` one by one, as often as they count: an ``analyzer`` for scikit-learn."""
        batch, learnt = Batch(), self._current()
        put_text(batch, text, learnt.known)
        names = learnt.surfaces.symbols.names
        (_, events, _), _ = self._found(batch, learnt)
        return [f"{'wc'[channel]}:{names[symbol]}" for channel, symbol in events[:, :2].tolist() if channel <= CONCEPT]

    def startup(self, startup: StartupDoc) -> Bag:
        """The features of a profile by name."""
        return self._bags(put_startup, startup)[0]

    def tender(self, tender: TenderDoc) -> list[Bag]:
        """The features of the whole tender, then of each lot, by name."""
        return self._bags(put_tender, tender)

    def startup_places(self, startup: StartupDoc) -> Places:
        """Where the features of a startup stand."""
        return self._places(startup_passages(startup), hint_of(startup), 0.0)

    def tender_places(self, tender: TenderDoc, lot: LotDoc | None) -> Places:
        """Where the features of a tender or of one of its lots stand."""
        return self._places(tender_passages(tender, lot), tender.language, CUE_WEIGHT)

    def _places(self, passages: Sequence[Passage], hint: str | None, cue_weight: float) -> Places:
        batch, learnt = Batch(), self._current()
        told = [passage for passage in passages if passage.text]
        put_passages(batch, told, hint)
        batch.close(PLAIN, cue_weight=cue_weight)
        (_, events, _), starts = self._found(batch, learnt)
        events[:, 3:] -= starts[events[:, 2]][:, None].astype(np.int32)
        return Places(told, events, self._sources, learnt.surfaces.symbols)

    def service_shares(self, startups: Iterable[StartupDoc]) -> F64:
        """How far each startup works to order, as ``matching.modes.service_share`` says."""
        parts = [np.empty(0)]
        for batch, learnt in self._batches(startups, put_told):
            _, (records, record_ptr) = self._cut(batch, learnt)
            ptr, told = tell(records, record_ptr, learnt.surfaces.table.rows, self._frozen.telling)
            by_text = np.zeros((ptr.size - 1, self._frozen.telling.modes))
            np.add.at(by_text, (np.repeat(np.arange(ptr.size - 1), np.diff(ptr)), told[:, 0]), 1)
            by_unit = np.zeros((len(batch), by_text.shape[1]))
            units = np.repeat(np.arange(len(batch)), np.diff(batch.passages().ptr))
            np.add.at(by_unit, units, by_text[batch.text_of()])
            service = by_unit[:, self._service]
            parts.append((service + 1) / (by_unit.sum(axis=1) + 2))
        return np.concatenate(parts)

    def mode_places(self, startup: StartupDoc, mode: str) -> tuple[Span, ...]:
        """Where a startup's name and description tell a mode, as ``matching.modes.places`` says."""
        found: list[Span] = []
        for field, text in (("name", startup.name), ("description", startup.description)):
            batch, learnt = Batch(), self._current()
            put_text(batch, text, learnt.known)
            _, (records, record_ptr) = self._cut(batch, learnt)
            told = tell(records, record_ptr, learnt.surfaces.table.rows, self._frozen.telling)[1].tolist()
            places = [(start, end) for number, start, end in told if default_modes().ids[number] == mode]
            found += [Span(field, start, end, text=text[start:end]) for start, end in places]
        return tuple(found)

    def _begun(self) -> _Learnt:
        return _Learnt(Surfaces(self._frozen.symbols.copy()), self._lexicon)

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

    def _counted(self, batch: Batch, learnt: _Learnt, vocabulary: Vocabulary, *, grow: bool) -> tuple[Rows, U8]:
        counted, kinds = self._features(batch, learnt)
        return learnt.numbering(vocabulary).rows(counted, vocabulary, grow=grow), kinds

    def _bags(self, put: Putter[Doc], doc: Doc) -> list[Bag]:
        """The bags of the units of a document, in its order."""
        batch, learnt = Batch(), self._current()
        put(batch, doc, learnt.known)
        (ptr, codes, counts), _ = self._features(batch, learnt)
        keys, numbers = decoded(codes.tolist(), learnt.surfaces.symbols), counts.tolist()
        return [Bag(dict(zip(keys[first:last], numbers[first:last], strict=True))) for first, last in pairwise(ptr)]

    def _features(self, batch: Batch, learnt: _Learnt) -> tuple[tuple[I64, I32, F64], U8]:
        """The coded features of each unit with their counts, and the kind of each unit."""
        (found, _), units = self._found(batch, learnt), batch.units()
        return count(*found, units, self._frozen.broader, self._frozen.supply), units.kind

    def _found(self, batch: Batch, learnt: _Learnt) -> tuple[Findings, I64]:
        """What the units say, and where the text of each passage begins, from which places count."""
        texts, passages, frozen = batch.text_of(), batch.passages(), self._frozen
        text_ptr, (records, record_ptr) = self._cut(batch, learnt)
        rows = learnt.surfaces.table.rows
        token_ptr, tokens = tokenise(records, record_ptr, rows, texts, passages.marks, frozen.markers, MAX_TOKENS)
        found = read(tokens, token_ptr, passages, frozen.forest, frozen.pointing, _RATES)
        if passages.cue_weight.any():
            loose = find_loose(tokens, token_ptr, passages, frozen.loose, found, LOOSE_WEIGHT)
            found = _by_unit(found, loose)
        return found, text_ptr[texts]

    def _cut(self, batch: Batch, learnt: _Learnt) -> tuple[I64, tuple[I32, I64]]:
        """Where each text begins, and its words, all of them known."""
        text, characters, text_ptr = batch.text()
        records, record_ptr = scan(characters, text_ptr, self._classes, learnt.surfaces.table, MAX_WORD)
        learnt.surfaces.resolve(characters, text, records)
        return text_ptr, (records, record_ptr)


def _by_unit(one: Findings, other: Findings) -> Findings:
    """Both findings of each unit, one after the other."""
    ptr = one[0] + other[0]
    events, weights = np.empty((ptr[-1], one[1].shape[1]), np.int32), np.empty(ptr[-1])
    for (begins, found, weight), before in ((one, other[0][:-1]), (other, one[0][1:])):
        places = np.arange(weight.size) + np.repeat(before, np.diff(begins))
        events[places] = found
        weights[places] = weight
    return ptr, events, weights


@lru_cache(maxsize=2)
def analyser_of(lexicon: Lexicon, trades: Trades) -> Analyser:
    """The analyser of a lexicon with its trades: what one matcher has learnt of words, the next need not."""
    return Analyser(lexicon, trades)


def default_analyser() -> Analyser:
    """The analyser of the lexicon and the trades that ship."""
    return analyser_of(default_lexicon(), default_trades())
