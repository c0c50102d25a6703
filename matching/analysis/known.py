"""Features of a document that need no reading: codes and places, each worked out once."""

from __future__ import annotations

from typing import Final, TypeAlias

from matching.analysis.numbering import coded
from matching.analysis.symbols import Symbols
from matching.cpv import CpvLabels
from matching.documents import PREFIX, cpv_digits, cpv_keys
from matching.extraction import CPV_CONCEPT_WEIGHT
from matching.kernels.counting import CONCEPT
from matching.lexicon import Lexicon
from matching.places import place_words

Coded: TypeAlias = tuple[tuple[int, float], ...]
"""Features as the kernels write them, with their counts."""

MAX_KNOWN: Final = 200_000
"""Codes and places of one table."""


class Known:
    """What has been worked out."""

    def __init__(self, symbols: Symbols, lexicon: Lexicon, labels: CpvLabels) -> None:
        self._symbols = symbols
        self._lexicon = lexicon
        self._labels = labels
        self._cpv: dict[str, Coded] = {}
        self._places: dict[tuple[str | None, str], Coded] = {}

    @property
    def is_full(self) -> bool:
        """Whether a new table should be begun."""
        return len(self._cpv) + len(self._places) >= MAX_KNOWN

    def cpv(self, code: str) -> Coded:
        """A CPV code at every level, the concepts it stands for, and what its label says."""
        found = self._cpv.get(code)
        if found is None:
            keys = [(self._coded(key), 1.0) for key in cpv_keys(code)]
            concepts = self._lexicon.of_cpv(cpv_digits(code))
            said = self._labels.said(code)
            found = (
                *keys,
                *((coded(CONCEPT, number), CPV_CONCEPT_WEIGHT) for number in concepts),
                *((self._coded(word), count) for word, count in said.words),
                *((coded(CONCEPT, number), count) for number, count in said.concepts),
            )
            self._cpv[code] = found
        return found

    def place(self, country: str | None, place: str | None) -> Coded:
        """The words of a place in a country, with those of every level above it."""
        if not place:
            return ()
        found = self._places.get((country, place))
        if found is None:
            found = tuple((self._coded("l:" + word), 1.0) for word in place_words(country, place))
            self._places[country, place] = found
        return found

    def _coded(self, key: str) -> int:
        return coded(PREFIX[key[0]], self._symbols.add(key[2:]))
