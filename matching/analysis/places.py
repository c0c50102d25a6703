"""Where each feature stands in a document, from the same reading that its row comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np

from matching.analysis.symbols import Symbols
from matching.documents import Passage
from matching.kernels.explaining import places_found
from matching.kernels.phrases import (
    CONCEPT_FOUND,
    DETAIL_FOUND,
    INTENT_FOUND,
    LOOSELY_FOUND,
    POINTED_AT,
    WORD_FOUND,
)  # fmt: skip
from matching.lexicon import Lexicon
from matching.modes import PROSE, default_modes
from matching.related import Lending
from matching.trades import Trades
from matching.types import Span
from matching.vectorizer import I32, I64, U8

MAX_SPANS: Final = 5
"""Places shown for one reason in one text."""


def _bits(*kinds: int) -> int:
    return sum(1 << kind for kind in kinds)


_WORDS: Final = _bits(WORD_FOUND)
_CONCEPTS: Final = _bits(CONCEPT_FOUND, POINTED_AT, LOOSELY_FOUND)
_INTENTS: Final = _bits(INTENT_FOUND, DETAIL_FOUND)
_span: Final[Callable[[tuple[object, ...]], Span]] = partial(tuple.__new__, Span)
"""A span of its five values, in half the time that ``Span`` takes to look at its arguments."""

_NOWHERE: Final = (0, -1, -1)
"""Asks for nothing: no finding is of a kind without a bit."""


class Sources:
    """Which concepts lend weight to each concept and to each trade, on one side: ``lent`` says what each lends."""

    def __init__(self, lexicon: Lexicon, trades: Trades, lent: Lending) -> None:
        count = len(lexicon.concepts)
        table = np.zeros((count + len(trades.trades), count), np.uint8)
        for number, others in enumerate(lent):
            table[number, number] = 1
            for other, _ in others:
                table[other, number] = 1
        for number, links in enumerate(trades.links):
            for trade, _ in links:
                table[count + trade] |= table[number]
        self.table: U8 = table
        """Concepts, then trades; 1 where a finding of a concept speaks for them."""
        self._asks = {
            **{"c:" + name: (_CONCEPTS, number, -1) for name, number in lexicon.number.items()},
            **{"t:" + name: (_CONCEPTS, count + number, -1) for name, number in trades.number.items()},
            **{"i:" + each.id: (_INTENTS, -1, number) for number, each in enumerate(lexicon.intents)},
        }

    def ask(self, key: str, symbols: Symbols) -> tuple[int, int, int]:
        """A feature as ``kernels.explaining.places_found`` is asked for it: kinds, source and number."""
        if key[0] == "w":
            return _WORDS, -1, symbols.find(key[2:])
        return self._asks.get(key, _NOWHERE)


class Tellings:
    """What the texts of a batch tell of modes: of text ``n`` (mode, start, end) at ``ptr[n]`` and on."""

    def __init__(self, ptr: I64, rows: I32) -> None:
        self._ptr = ptr.tolist()
        self._rows = rows

    def of(self, passages: Sequence[Passage], texts: Sequence[int], text_ptr: I64) -> Mapping[int, I32]:
        """By passage that is prose and tells any: the modes, and where they start and end in it. ``texts`` are the
        passages'.
        """
        found: dict[int, I32] = {}
        for place, text in enumerate(texts):
            if self._ptr[text] < self._ptr[text + 1] and passages[place].field in PROSE:
                found[place] = rows = self._rows[self._ptr[text] : self._ptr[text + 1]].copy()
                rows[:, 1:] -= int(text_ptr[text])
        return found


class Places:
    """The places of the features of one document, worked out when they are asked for.

    A concept stands where it, or another that lends it weight, is found; a trade where its concepts stand.
    """

    def __init__(
        self, passages: Sequence[Passage], findings: I32, modes: Mapping[int, I32], sources: Sources, symbols: Symbols
    ) -> None:
        """``findings`` are rows of kind, number, passage, start and end in the passage; ``modes`` of some passages rows
        of mode, start and end.
        """
        self.findings = findings
        self.passages = passages
        self._modes = modes
        self._sources = sources
        self._symbols = symbols

    def of(self, key: str) -> tuple[Span, ...]:
        """The places of a feature, the first ``MAX_SPANS``, each once."""
        return spans_of([self], [(0, key)])[0]

    def of_mode(self, mode: str) -> tuple[Span, ...]:
        """Where the document tells a mode, as ``matching.modes.places`` says; the first ``MAX_SPANS``."""
        wanted = default_modes().ids.index(mode)
        found = (
            (passage, start, end)
            for passage, rows in self._modes.items()
            for number, start, end in rows.tolist()
            if number == wanted
        )
        return tuple(_spans(self.passages, list(found)[:MAX_SPANS]))

    def ask(self, key: str) -> tuple[int, int, int]:
        """What to look for among the findings, see ``Sources.ask``."""
        return self._sources.ask(key, self._symbols)

    @property
    def table(self) -> U8:
        """Of the sources."""
        return self._sources.table


def spans_of(documents: Sequence[Places], asked: Sequence[tuple[int, str]]) -> list[tuple[Span, ...]]:
    """The places of features, each of one of the documents, which are of one side."""
    if not asked:
        return []
    ptr, first_passage = np.zeros(len(documents) + 1, np.int64), np.zeros(len(documents) + 1, np.int64)
    np.cumsum([document.findings.shape[0] for document in documents], out=ptr[1:])
    np.cumsum([len(document.passages) for document in documents], out=first_passage[1:])
    asks = np.array([(n, *documents[n].ask(key)) for n, key in asked], np.int64)
    findings = np.concatenate([document.findings for document in documents])
    found_ptr, found = places_found(findings, ptr, asks, documents[0].table, MAX_SPANS)
    found[:, 0] += np.repeat(first_passage[asks[:, 0]], np.diff(found_ptr))
    spans = _spans([passage for document in documents for passage in document.passages], found.tolist())
    return [tuple(spans[first:last]) for first, last in pairwise(found_ptr.tolist())]


def _spans(passages: Sequence[Passage], found: Iterable[Sequence[int]]) -> list[Span]:
    """Places (passage, start, end) as they are shown."""
    fields = [(passage.field, passage.item, passage.text) for passage in passages]
    return [
        _span((field, start, end, item, text[start:end]))
        for n, start, end in found
        for field, item, text in (fields[n],)
    ]
