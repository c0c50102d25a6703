"""Where each feature stands in a document, from the same reading that its row comes from."""

from __future__ import annotations

from collections.abc import Container, Sequence
from types import MappingProxyType
from typing import Final

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
from matching.types import Span
from matching.vectorizer import I32

MAX_SPANS: Final = 5
"""Places shown for one reason in one text."""

_LETTER: Final = MappingProxyType(
    {
        WORD_FOUND: "w", CONCEPT_FOUND: "c", POINTED_AT: "c", LOOSELY_FOUND: "c", INTENT_FOUND: "i", DETAIL_FOUND: "i",
    }
)  # fmt: skip


class Places:
    """The places of the features of one document; worked out when they are asked for.

    A concept stands where it, or a narrower one that lends it weight, is found.
    """

    def __init__(self, passages: Sequence[Passage], findings: I32, names: Sequence[str], lexicon: Lexicon) -> None:
        """``findings`` are rows of kind, number, passage, start and end; ``names`` are the texts of their symbols."""
        self._passages = passages
        self._names = names
        self._lexicon = lexicon
        self._findings: list[tuple[int, int, int, int, int]] = findings.tolist()
        self._by_key: dict[str, list[int]] | None = None
        self._spans: dict[int, Span] = {}

    def of(self, key: str) -> tuple[Span, ...]:
        """The places of a feature, the first ``MAX_SPANS``."""
        if self._by_key is None:
            self._by_key = self._indexed()
        return tuple(self._span(at) for at in self._by_key.get(key, ()))

    def of_concepts(self, concepts: Container[str]) -> tuple[Span, ...]:
        """The places of any of these concepts, each once, the first ``MAX_SPANS``."""
        found: dict[Span, None] = {}
        for at, (kind, number, *_) in enumerate(self._findings):
            if _LETTER.get(kind) == "c" and any(name in concepts for name in self._told_by(number)):
                found[self._span(at)] = None
                if len(found) == MAX_SPANS:
                    break
        return tuple(found)

    def _told_by(self, concept: int) -> list[str]:
        """The concept and those above it to which it lends weight."""
        return [self._names[number] for number in (concept, *(above for above, _ in self._lexicon.ancestors[concept]))]

    def _indexed(self) -> dict[str, list[int]]:
        """The first findings of each key."""
        found: dict[str, list[int]] = {}
        for at, (kind, number, *_) in enumerate(self._findings):
            letter = _LETTER.get(kind)
            if letter == "c":
                names = self._told_by(number)
            elif letter == "i":
                names = [self._lexicon.intents[number].id]
            elif letter is not None:
                names = [self._names[number]]
            else:
                continue
            for name in names:
                places = found.setdefault(f"{letter}:{name}", [])
                if len(places) < MAX_SPANS:
                    places.append(at)
        return found

    def _span(self, at: int) -> Span:
        span = self._spans.get(at)
        if span is None:
            _, _, number, start, end = self._findings[at]
            passage = self._passages[number]
            span = Span(passage.field, start, end, passage.item, passage.text[start:end])
            self._spans[at] = span
        return span
