"""Where each feature stands in a document, from the same reading that its row comes from."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from matching.analysis.surfaces import Symbols
from matching.documents import Passage
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
from matching.vectorizer import I32, I64

MAX_SPANS: Final = 5
"""Places shown for one reason in one text."""

_CONCEPTS: Final = (CONCEPT_FOUND, POINTED_AT, LOOSELY_FOUND)
_KINDS: Final = MappingProxyType(
    {"w": (WORD_FOUND,), "c": _CONCEPTS, "t": _CONCEPTS, "i": (INTENT_FOUND, DETAIL_FOUND)},
)


class Sources:
    """Which concepts lend weight to each concept and to each trade, on one side: ``lent`` says what each lends."""

    def __init__(self, lexicon: Lexicon, trades: Trades, lent: Lending) -> None:
        self._lexicon = lexicon
        self._trades = trades
        of_concepts: list[set[int]] = [{number} for number in range(len(lexicon.concepts))]
        for number, others in enumerate(lent):
            for other, _ in others:
                of_concepts[other].add(number)
        of_trades: list[set[int]] = [set() for _ in trades.trades]
        for number, links in enumerate(trades.links):
            for trade, _ in links:
                of_trades[trade] |= of_concepts[number]
        self._of_concepts = [frozenset(each) for each in of_concepts]
        self._of_trades = [frozenset(each) for each in of_trades]
        self._intents = {intent.id: frozenset({number}) for number, intent in enumerate(lexicon.intents)}

    def of(self, key: str, symbols: Symbols) -> frozenset[int]:
        """The numbers of the findings that a feature comes from."""
        letter, name = key[0], key[2:]
        if letter == "w":
            return frozenset({symbols.find(name)})
        if letter == "c":
            number = self._lexicon.number.get(name)
            return self._of_concepts[number] if number is not None else frozenset()
        if letter == "t":
            number = self._trades.number.get(name)
            return self._of_trades[number] if number is not None else frozenset()
        return self._intents.get(name, frozenset())


class Tellings:
    """What the texts of a batch tell of modes: of text ``n`` (mode, start, end) at ``ptr[n]`` and on."""

    def __init__(self, ptr: I64, rows: I32) -> None:
        self._ptr = ptr.tolist()
        self._rows = rows.tolist()

    def of(self, passages: Sequence[Passage], texts: I64, text_ptr: I64) -> list[tuple[int, Span]]:
        """The modes that the prose among passages tells, which are these texts."""
        found: list[tuple[int, Span]] = []
        for passage, text in zip(passages, texts.tolist(), strict=True):
            if passage.field in PROSE:
                for mode, start, end in self._rows[self._ptr[text] : self._ptr[text + 1]]:
                    first, last = start - int(text_ptr[text]), end - int(text_ptr[text])
                    found.append((mode, Span(passage.field, first, last, text=passage.text[first:last])))
        return found


class Places:
    """The places of the features of one document, worked out when they are asked for.

    A concept stands where it, or another that lends it weight, is found; a trade where its concepts stand.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        findings: I32,
        modes: Sequence[tuple[int, Span]],
        sources: Sources,
        symbols: Symbols,
    ) -> None:
        """``findings`` are rows of kind, number, passage, start and end in the passage."""
        self._modes = modes
        self._passages = passages
        self._findings = findings
        self._sources = sources
        self._symbols = symbols
        self._by_letter: dict[str, list[list[int]]] = {}
        self._known: dict[str, tuple[Span, ...]] = {}

    def of(self, key: str) -> tuple[Span, ...]:
        """The places of a feature, the first ``MAX_SPANS``, each once."""
        known = self._known.get(key)
        if known is None:
            self._known[key] = known = self._look(key) if key[0] in _KINDS else ()
        return known

    def of_mode(self, mode: str) -> tuple[Span, ...]:
        """Where the document tells a mode, as ``matching.modes.places`` says; the first ``MAX_SPANS``."""
        return tuple(span for number, span in self._modes if default_modes().ids[number] == mode)[:MAX_SPANS]

    def _look(self, key: str) -> tuple[Span, ...]:
        numbers = self._sources.of(key, self._symbols)
        found: dict[Span, None] = {}
        for _, number, place, start, end in self._of_letter(key[0]):
            if number in numbers:
                passage = self._passages[place]
                found[Span(passage.field, start, end, passage.item, passage.text[start:end])] = None
                if len(found) == MAX_SPANS:
                    break
        return tuple(found)

    def _of_letter(self, letter: str) -> list[list[int]]:
        rows = self._by_letter.get(letter)
        if rows is None:
            kinds = self._findings[:, 0]
            chosen = np.logical_or.reduce([kinds == kind for kind in _KINDS[letter]])
            self._by_letter[letter] = rows = self._findings[chosen].tolist()
        return rows
