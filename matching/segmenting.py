"""Documents to segments: their features as rows, their facets as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

import numpy as np

from matching.documents import reference_order
from matching.extraction import Extractor
from matching.facts import facts, tender_facts
from matching.feedback import TaughtExtractor
from matching.gates import Codes, startup_columns, tender_columns
from matching.segments import Segment, end_to_end
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import I64, Rows, Vocabulary

Progress = Callable[[str, int], None]
PROGRESS_EVERY: Final = 500
Doc = TypeVar("Doc", TenderDoc, StartupDoc)


class SegmentMaker(Protocol[Doc]):
    """Documents of one side to a segment."""

    def __call__(self, docs: Sequence[Doc], vocabulary: Vocabulary, codes: Codes | None = None) -> Segment[Doc]:
        """The documents as rows without values. With ``codes``, new features and facet values are numbered; without,
        those that the vocabulary doesn't have are left out (a query).
        """


class Segmenter:
    """Makes segments. Holds lexicon data only; safe to share between threads."""

    def __init__(self, extractor: Extractor) -> None:
        self.extractor = extractor
        self.taught = TaughtExtractor(extractor)

    def startups(
        self, docs: Sequence[StartupDoc], vocabulary: Vocabulary, codes: Codes | None = None
    ) -> Segment[StartupDoc]:
        """Startups as rows, one each, and a reference row for each past win."""
        row = vocabulary.row if codes is None else vocabulary.grow
        units = Rows.of([row(self.taught.startup(doc)) for doc in docs])
        chosen = [doc.references[n] for doc in docs for n in reference_order(doc)]
        wins = [[row(bag) for bag in self.extractor.references(doc)] for doc in docs]
        return Segment(
            Side.STARTUP, tuple(doc.id for doc in docs),
            tuple(docs), np.arange(len(docs) + 1, dtype=np.int64), units,
            _pointers([len(each) for each in wins]), Rows.of(
                [win for each in wins for win in each], [facts(win.value, win.date) for win in chosen]
            ),
            startup_columns(docs, codes or Codes()),
        )  # fmt: skip

    def tenders(
        self, docs: Sequence[TenderDoc], vocabulary: Vocabulary, codes: Codes | None = None
    ) -> Segment[TenderDoc]:
        """Tenders as rows, one for the whole and one for each lot."""
        row = vocabulary.row if codes is None else vocabulary.grow
        units = [[row(bag) for bag in self.taught.tender(doc)] for doc in docs]
        known = [fact for doc in docs for fact in tender_facts(doc)]
        return Segment(
            Side.TENDER, tuple(doc.id for doc in docs),
            tuple(docs), _pointers([len(each) for each in units]),
            Rows.of([unit for each in units for unit in each], known),
            np.zeros(len(docs) + 1, np.int64), Rows.of([]), tender_columns(docs, codes or Codes()),
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


def _pointers(lengths: Sequence[int]) -> I64:
    ptr = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=ptr[1:])
    return ptr
