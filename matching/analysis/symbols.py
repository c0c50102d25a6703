"""Names of features and of words to numbers."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

from matching.analysis.strings import SPAN_COLUMNS, Strings
from matching.vectorizer import I32

_MOST_FOUND: Final = 20_000


class Names:
    """Names in the order of their numbers, while they are gathered; the ``reserved`` ones are never found."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.reserved = list(reserved)
        self.numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.reserved) + len(self.numbers)

    def add(self, name: str) -> int:
        """The number of a name, a new one if it has none."""
        return self.numbers.setdefault(name, len(self))


class Symbols:
    """Names to numbers, in arrays that kernels read and add to; append-only."""

    def __init__(self, names: Names) -> None:
        self.lock = threading.Lock()
        self.strings = Strings(SPAN_COLUMNS)
        self.strings.reserve(names.reserved)
        self.strings.put(list(names.numbers))
        self.reserved: dict[str, list[int]] = {}
        """The numbers of each reserved name, which are of one channel each."""
        for number, name in enumerate(names.reserved):
            self.reserved.setdefault(name, []).append(number)
        self._found: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.strings)

    def add(self, name: str) -> int:
        """The number of a name, a new one if it has none."""
        with self.lock:
            return int(self.strings.put([name])[0])

    def find(self, name: str) -> int:
        """The number of a name, -1 if it has none. Those asked for last are kept: reasons ask for the same ones."""
        number = self._found.get(name)
        if number is None:
            number = self.strings.find(name)
            if number >= 0:
                if len(self._found) >= _MOST_FOUND:
                    self._found.clear()
                self._found[name] = number
        return number

    def names(self, numbers: I32) -> list[str]:
        """The names of numbers."""
        return self.strings.texts(numbers)
