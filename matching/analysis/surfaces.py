"""Every word as it is written, worked out once: its keys in each language, as numbers that the kernels read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np

from matching.analysis.letters import foldable_letters
from matching.analysis.strings import Strings, lines_of, text_of
from matching.analysis.symbols import Symbols
from matching.analysis.wordlists import flags_of
from matching.kernels import newness, readings, tokens
from matching.kernels.folding import IS_ODD
from matching.kernels.newness import New
from matching.kernels.readings import Lists
from matching.kernels.scanning import U32, Table
from matching.stemming import Lang, light, stems
from matching.text import Word, is_arabic
from matching.vectorizer import I32, I64

MAX_SURFACES: Final = 1_000_000
"""Surfaces of one table. Text that invents words without end costs this much memory, then a new table."""

MAX_POOL: Final = 16_000_000
"""Letters of all surfaces of one table."""

_SYMBOLS_A_WORD: Final = 8
"""Names that a new word may bring: what it folds to, as written, two stems, two light keys, its second reading."""


class Surfaces:
    """The table of surfaces, with the symbols that its rows speak of."""

    def __init__(self, symbols: Symbols, lists: Lists) -> None:
        self.symbols = symbols
        self._lists = lists.flags, lists.singular, lists.whole, *lists.affixes
        self._lock = threading.Lock()
        self._strings = Strings(tokens.ROW_COLUMNS)

    def __len__(self) -> int:
        return len(self._strings)

    @property
    def table(self) -> Table:
        """The rows by surface."""
        return self._strings.table

    @property
    def is_full(self) -> bool:
        """Whether a new table should be begun."""
        surfaces, letters = self._strings.used.tolist()
        return bool(surfaces >= MAX_SURFACES or letters >= MAX_POOL)

    def resolve(self, characters: U32, records: I32) -> None:
        """Work out the surfaces that a scan of ``characters`` did not know, and put their numbers into its records."""
        letters = foldable_letters()
        with self._lock, self.symbols.lock:
            new, lines, wanted, written = newness.gathered(characters, records, self.table[:], letters[:])
            stemmed = _stemmed(lines, wanted)
            self._make_room(new, written, stemmed.size)
            surfaces, symbols = self.table, self.symbols.strings
            tables = (*surfaces[:3], *symbols.table)
            found, odd = readings.settle(
                characters, records, new, stemmed, wanted, self._lists, letters.traits, tables, self._strings.used,
                symbols.used,
            )  # fmt: skip
        if odd:
            self._settle_odd(characters, new, found)
            newness.note(records, found)

    def _settle_odd(self, characters: U32, new: New, found: I64) -> None:
        """Put in the words that fold otherwise than letter by letter."""
        places, traits = new[0], new[3]
        odd = np.flatnonzero(traits & IS_ODD)
        words = [text_of(characters[start:end]) for start, end in places[odd].tolist()]
        rows = np.array([row_of(word, self.symbols) for word in words], np.int32)
        with self._lock:
            found[odd] = self._strings.put(words, rows)

    def _make_room(self, new: New, written: int, stemmed: int) -> None:
        """For so many letters of words as they are written, and so many of stems."""
        words, folded = new[0].shape[0], new[1].size
        self._strings.make_room(2 * words, written + folded)
        self.symbols.strings.make_room(_SYMBOLS_A_WORD * words, written + _SYMBOLS_A_WORD * folded + stemmed)


def _stemmed(lines: U32, wanted: int) -> U32:
    """The French stems of so many words, then the English ones, as lines."""
    if not wanted:
        return lines
    words = text_of(lines).split("\n")[:wanted]
    return lines_of([*stems(words, "fr"), *stems(words, "en")])


def row_of(surface: str, symbols: Symbols) -> Sequence[int]:
    """The row of a surface, worked out by the specification."""
    word, add = Word(surface), symbols.add
    keys, forms = [-1, -1], [-1, -1]
    langs: tuple[Lang, ...] = ("ar", "ar") if word.arabic else ("fr", "en")
    for n, lang in enumerate(langs):
        found = word.readings.get(lang)
        if found is not None:
            keys[n], forms[n] = add(found[0]), add(found[1])
    acronym = add(word.acronym) if word.acronym is not None else -1
    second = add(word.second) if word.second is not None else -1
    folded = add(word.folded) if acronym >= 0 else symbols.find(word.folded)
    plain = symbols.find(light(word.folded, "ar" if is_arabic(word.folded) else "fr"))
    return (0, 0, flags_of(word), acronym, folded, second, *keys, *forms, plain if word.folded else -2)
