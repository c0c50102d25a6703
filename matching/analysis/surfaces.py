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
from matching.kernels.folding import IS_ODD, fold_words
from matching.kernels.readings import Lists, New
from matching.kernels.scanning import U32, Table
from matching.stemming import Lang, light, stems
from matching.text import Word, is_arabic
from matching.vectorizer import I32, I64, U8

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
        self._lists = lists
        self._lock = threading.Lock()
        self._used = np.zeros(4, np.int64)
        self._strings = Strings(tokens.ROW_COLUMNS, self._used[: readings.SYMBOLS])

    def __len__(self) -> int:
        return len(self._strings)

    @property
    def table(self) -> Table:
        """The rows by surface."""
        return self._strings.table

    @property
    def is_full(self) -> bool:
        """Whether a new table should be begun."""
        return bool(self._used[readings.SURFACES] >= MAX_SURFACES or self._used[readings.SURFACE_LETTERS] >= MAX_POOL)

    def resolve(self, characters: U32, records: I32) -> None:
        """Work out the surfaces that a scan of ``characters`` did not know, and put their numbers into its records."""
        places = newness.distinct(characters, records, self.table)
        if not places.size:
            return
        letters = foldable_letters()
        folded, ptr, traits = fold_words(characters, places, letters)
        with self._lock, self.symbols.lock:
            rows, fresh, wanted, count = newness.unfolded(folded, ptr, traits, self.table)
            stemmed = _stemmed(wanted, count)
            self._make_room(places, folded, stemmed)
            new = New(places, folded, ptr, traits, rows, fresh)
            symbols = self.symbols.strings
            self._used[readings.SYMBOLS :] = symbols.used
            found = readings.settle(
                characters, new, stemmed, self._lists, letters.traits, self.table, symbols.table, self._used
            )
            symbols.used[:] = self._used[readings.SYMBOLS :]
        self._settle_odd(characters, places, traits, found)
        newness.note(records, found)

    def _settle_odd(self, characters: U32, places: I64, traits: U8, found: I64) -> None:
        """Put in the words that fold otherwise than letter by letter."""
        odd = np.flatnonzero(traits & IS_ODD)
        if odd.size:
            words = [text_of(characters[start:end]) for start, end in places[odd].tolist()]
            rows = np.array([row_of(word, self.symbols) for word in words], np.int32)
            with self._lock:
                found[odd] = self._strings.put(words, rows)

    def _make_room(self, places: I64, folded: U32, stemmed: tuple[U32, U32]) -> None:
        written = int((places[:, 1] - places[:, 0]).sum())
        self._strings.make_room(2 * places.shape[0], written + folded.size)
        letters = written + _SYMBOLS_A_WORD * folded.size + stemmed[0].size + stemmed[1].size
        self.symbols.strings.make_room(_SYMBOLS_A_WORD * places.shape[0], letters)


def _stemmed(lines: U32, count: int) -> tuple[U32, U32]:
    """The French and the English stems of so many words, as lines."""
    if not count:
        return lines, lines
    words = text_of(lines).split("\n")[:count]
    return lines_of(stems(words, "fr")), lines_of(stems(words, "en"))


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
