"""Every word as it is written, worked out once: its keys in each language, as numbers that the kernels read."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from matching import scope
from matching.kernels import scanning, tokens
from matching.kernels.scanning import U32, Table
from matching.stemming import Lang, light
from matching.text import Word, is_arabic
from matching.vectorizer import I32

MAX_SURFACES: Final = 500_000
"""Surfaces of one table. Text that invents words without end costs this much memory, then a new table."""

MAX_POOL: Final = 16_000_000
"""Letters of all surfaces of one table."""

_START_SLOTS: Final = 1 << 14
_START_POOL: Final = 1 << 17


class Symbols:
    """Texts to numbers; append-only. The first are names that no word has, see ``reserve``."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.names = list(reserved)
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: str) -> int:
        """The number of a text, a new one if it has none."""
        number = self._numbers.get(name)
        if number is None:
            with self._lock:
                number = self._numbers.get(name, len(self.names))
                if number == len(self.names):
                    self.names.append(name)
                    self._numbers[name] = number
        return number

    def find(self, name: str) -> int:
        """The number of a text, -1 if it has none."""
        return self._numbers.get(name, -1)

    def copy(self) -> Symbols:
        """The same symbols, to be added to apart."""
        twin = Symbols()
        twin.names, twin._numbers = list(self.names), dict(self._numbers)
        return twin


class Surfaces:
    """The table of surfaces. Scans read it while it grows: arrays are replaced whole or written beyond what is read."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self._lock = threading.Lock()
        self._count = self._used = 0
        self.table = Table(
            np.zeros((_START_SLOTS, 2), np.uint64),
            np.empty((_START_SLOTS // 2, tokens.ROW_COLUMNS), np.int32),
            np.empty(_START_POOL, np.uint32),
            # Drawn anew in each process, so that nobody can prepare words that all meet in one slot.
            np.uint64(hash("surfaces") & 0xFFFFFFFFFFFFFFFF),
        )

    def __len__(self) -> int:
        return self._count

    @property
    def is_full(self) -> bool:
        """Whether a new table should be begun."""
        return self._count >= MAX_SURFACES or self._used >= MAX_POOL

    def resolve(self, characters: U32, text: str, records: I32) -> None:
        """Work out the surfaces that a scan of ``text`` did not know, and write their numbers into its records."""
        unknown = np.flatnonzero(records[:, scanning.SURFACE] < 0)
        if not unknown.size:
            return
        spans = records[unknown][:, [scanning.START, scanning.END]]
        places: dict[str, int] = {}
        words = [places.setdefault(text[start:end], n) for n, (start, end) in enumerate(spans.tolist())]
        chosen = list(places.values())
        with self._lock:
            rows = np.array([self._row(word) for word in places], np.int32)
            first = spans[chosen].astype(np.int64)
            self._make_room(len(chosen), int((first[:, 1] - first[:, 0]).sum()))
            found, self._count, self._used = scanning.insert(
                characters, first, rows, self.table, self._count, self._used
            )
        numbers = np.empty(len(words), np.int32)
        numbers[chosen] = found
        records[unknown, scanning.SURFACE] = numbers[words]

    def _row(self, surface: str) -> Sequence[int]:
        word, add = Word(surface), self.symbols.add
        flags = (
            word.arabic * tokens.ARABIC
            | word.french * tokens.FRENCH
            | word.english * tokens.ENGLISH
            | word.cased * tokens.CASED
            | word.upper * tokens.UPPER
            | word.long * tokens.LONG
            | _scope(word.folded)
        )
        keys, forms = [-1, -1], [-1, -1]
        langs: tuple[Lang, ...] = ("ar", "ar") if word.arabic else ("fr", "en")
        for n, lang in enumerate(langs):
            found = word.readings.get(lang)
            if found is not None:
                key, form, weak, stop = found
                keys[n], forms[n] = add(key), add(form)
                flags |= tokens.KEPT | weak * (tokens.WEAK << n) | stop * (tokens.STOP << n)
        acronym = add(word.acronym) if word.acronym is not None else -1
        second = add(word.second) if word.second is not None else -1
        folded = add(word.folded) if acronym >= 0 else self.symbols.find(word.folded)
        plain = self.symbols.find(light(word.folded, "ar" if is_arabic(word.folded) else "fr"))
        return (0, 0, flags, acronym, folded, second, *keys, *forms, plain if word.folded else -2)

    def _make_room(self, words: int, letters: int) -> None:
        """Replace the arrays by larger ones where so many more would not fit; half of the slots stay free."""
        slots, rows, pool, seed = self.table
        if self._count + words > rows.shape[0]:
            size = rows.shape[0]
            while size < self._count + words:
                size *= 2
            more_rows, more_slots = np.empty((size, rows.shape[1]), np.int32), np.zeros((2 * size, 2), np.uint64)
            more_rows[: self._count] = rows[: self._count]
            scanning.rehash(slots, more_slots)
            rows, slots = more_rows, more_slots
        if self._used + letters > pool.size:
            more_pool = np.empty(max(2 * pool.size, self._used + letters), np.uint32)
            more_pool[: self._used] = pool[: self._used]
            pool = more_pool
        self.table = Table(slots, rows, pool, seed)


def _scope(folded: str) -> int:
    """What a word is to ``matching.scope``, which looks at folded words, function words among them."""
    noun = scope.noun(folded)
    return (
        (folded in scope.INDEFINITE) * tokens.INDEFINITE
        | (noun in scope.INSTITUTIONS) * tokens.INSTITUTION
        | (noun in scope.BODIES) * tokens.BODY
        | (noun in scope.RANKS) * tokens.RANK
        | scope.is_any(folded) * tokens.ANY_OF_THEM
        | (folded in scope.MARKERS) * tokens.BEGINS_MARKER
        | (folded in scope.ENDS) * tokens.ENDS_ASIDE
        | scope.continues(folded) * tokens.CONTINUES
    )
