"""Documents to segments: their features as rows, their facets as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, TypeVar

import numpy as np

from matching.analysis.analyser import analyser_of
from matching.documents import MAX_LOTS, reference_order
from matching.extraction import Extractor
from matching.facts import Fact, facts, tender_facts
from matching.feedback import TaughtExtractor
from matching.gates import Codes, startup_columns, tender_columns
from matching.segments import Segment, end_to_end
from matching.specialities import default_specialities
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import F64, I64, Row, Rows, Vocabulary

Progress = Callable[[str, int], None]
PROGRESS_EVERY: Final = 500
Doc = TypeVar("Doc", TenderDoc, StartupDoc)


class Segmenter:
    """Makes segments. Safe to share between threads."""

    def __init__(self, extractor: Extractor) -> None:
        self.extractor = extractor
        self._analyser = analyser_of(extractor.lexicon, extractor.trades, extractor.cpv)
        self.taught = TaughtExtractor(self._analyser)

    def startups(
        self, docs: Sequence[StartupDoc], vocabulary: Vocabulary, codes: Codes | None = None
    ) -> Segment[StartupDoc]:
        """Startups as rows without values, one each, and a reference row for each past win. With ``codes``, new
        features and facet values are numbered; without, those that the vocabulary doesn't have are left out (a query).
        """
        row = vocabulary.row if codes is None else vocabulary.grow
        units, wins = self._analyser.startups(docs, vocabulary, grow=codes is not None)
        taught = {n: [row(self.taught.startup(doc))] for n, doc in enumerate(docs) if doc.lessons}
        ptr = np.arange(len(docs) + 1, dtype=np.int64)
        orders = [reference_order(doc) for doc in docs]
        chosen = [doc.references[n] for doc, order in zip(docs, orders, strict=True) for n in order]
        return Segment(
            Side.STARTUP, tuple(doc.id for doc in docs), tuple(docs), ptr, _with(taught, units, ptr),
            _pointers([len(order) for order in orders]),
            replace(wins, facts=_table([facts(win.value, win.date) for win in chosen])),
            startup_columns(docs, codes or Codes()),
        )  # fmt: skip

    def tenders(
        self, docs: Sequence[TenderDoc], vocabulary: Vocabulary, codes: Codes | None = None
    ) -> Segment[TenderDoc]:
        """Tenders as rows, one for the whole and one for each lot."""
        row = vocabulary.row if codes is None else vocabulary.grow
        units = self._analyser.tenders(docs, vocabulary, grow=codes is not None)
        taught = {n: [row(bag) for bag in self.taught.tender(doc)] for n, doc in enumerate(docs) if doc.lessons}
        ptr = _pointers([1 + min(len(doc.lots), MAX_LOTS) for doc in docs])
        known = _table([fact for doc in docs for fact in tender_facts(doc)])
        rows = _with(taught, units, ptr)
        return Segment(
            Side.TENDER, tuple(doc.id for doc in docs), tuple(docs), ptr,
            replace(rows, facts=known), np.zeros(len(docs) + 1, np.int64), Rows.of([]),
            tender_columns(docs, codes or Codes(), _known_regions(rows, ptr[:-1], vocabulary)),
        )  # fmt: skip


def in_bulk(
    docs: Iterable[Doc], make: Callable[[Sequence[Doc]], Segment[Doc]], progress: Callable[[int], None]
) -> Segment[Doc]:
    """Many documents as one segment, made in batches; of two with one id the last counts."""
    chosen = list({doc.id: doc for doc in docs}.values())
    parts = [make([])]
    for start in range(0, len(chosen), PROGRESS_EVERY):
        parts.append(make(chosen[start : start + PROGRESS_EVERY]))
        progress(min(start + PROGRESS_EVERY, len(chosen)))
    return end_to_end(parts)


def _known_regions(rows: Rows, numbers: I64, vocabulary: Vocabulary) -> F64:
    """For each of these rows the regions that are known for what it is about, as bits of a number."""
    specialities = default_specialities()
    found = np.zeros(numbers.size)
    for n, number in enumerate(numbers):
        row = slice(rows.ptr[number], rows.ptr[number + 1])
        keys = zip(map(vocabulary.term, rows.ids[row].tolist()), rows.tf[row].tolist(), strict=True)
        found[n] = specialities.regions_for({key[2:]: tf for key, tf in keys if key.startswith("c:")})
    return found


def _pointers(lengths: Sequence[int]) -> I64:
    ptr = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ptr[1:])
    return ptr


def _table(known: Sequence[Fact]) -> F64:
    return np.array(known, np.float64).reshape(-1, 2)


def _with(taught: Mapping[int, Sequence[Row]], units: Rows, ptr: I64) -> Rows:
    """The rows, those of some documents as lessons left them; ``ptr`` points at each document's."""
    if not taught:
        return units
    rows: list[Row] = []
    for n, (first, last) in enumerate(pairwise(ptr)):
        parts = [slice(units.ptr[unit], units.ptr[unit + 1]) for unit in range(first, last)]
        rows.extend(taught.get(n) or [Row(units.ids[part], units.tf[part]) for part in parts])
    return Rows.of(rows)
