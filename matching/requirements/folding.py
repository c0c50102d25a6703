"""A text as the rules see it: plain letters, plain digits, and the way back to where each stood.

Accents, letter case, the forms of alef, ya, ta marbuta and hamza, Arabic-Indic digits, typographic dashes, quotes and
blanks all fold; marks that carry nothing (harakat, tatweel, direction marks, soft hyphens) vanish. Offsets into the
folded text lead back to offsets into the text as it was given.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_FIXED = {
    **dict.fromkeys("أإآٱ", "ا"), "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ـ": "",
    "٫": ",", "٬": "'", "،": ",", "؛": ";", "؟": "?", "٪": "%", "œ": "oe", "æ": "ae", "ß": "ss", "ø": "o",
    **dict.fromkeys("’‘‛`´ʼ′", "'"), **dict.fromkeys("‐‑‒–—―−", "-"), **dict.fromkeys("«»“”„", '"'),
    **dict.fromkeys("\r\t\v\f\x1c\x1d\x1e\x1f*_", " "), "\n": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n",
    "°": "°", "º": "°", "≥": "≥", "≤": "≤", "ء": "ء", "½": "½", "☒": "☒", "☐": "☐", "…": "…",
}  # fmt: skip
_VANISHING = frozenset({"Mn", "Me", "Cf"})
_LONGEST = 4
"""Letters that one sign may fold to: pious formulas in one sign would make a text eighteen times as long."""
_ASKED = re.compile(r"(?<=[a-z])\?(?=[a-z])")


class _Letters(dict[str, str]):
    """Character to folded characters, worked out once for each that is met."""

    def __missing__(self, char: str) -> str:
        folded = self[char] = _folded(char)
        return folded


def _folded(char: str) -> str:
    if (fixed := _FIXED.get(char.lower())) is not None:
        return fixed
    category = unicodedata.category(char)
    if category in _VANISHING:
        return ""
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(char))
    plain = unicodedata.normalize("NFKD", char)
    if plain == char:
        return char.lower() if len(char.lower()) == 1 else char
    kept = [each for each in plain if not unicodedata.combining(each)]
    return "".join(_FIXED.get(each, each).lower() for each in kept)[:_LONGEST]


_LETTERS = _Letters()


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. ``text[i:j]`` stood at ``source(i, j)`` of the original."""

    text: str
    _at: tuple[int, ...]
    _from: tuple[int, ...]
    """Where stretches of one character for one begin, in the folded text and in the original."""
    _length: int

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of a folded stretch; the marks that hang on its last letter belong to it."""
        return self._origin(start), (self._origin(end - 1) + 1 if end > start else self._origin(start))

    def _origin(self, position: int) -> int:
        stretch = bisect_right(self._at, position) - 1
        return min(self._from[stretch] + position - self._at[stretch], self._length)


def fold(text: str) -> Folded:
    """Fold a text, in time and memory linear in its length."""
    pieces = [_LETTERS[char] for char in text]
    folded = "".join(pieces)
    at, origin = [0], [0]
    if len(folded) != len(text) or any(len(piece) != 1 for piece in pieces):
        at, origin = _stretches(pieces)
    # Scanned apostrophes come out as question marks: "l?appel d?offres".
    return Folded(_ASKED.sub("'", folded), tuple(at), tuple(origin), len(text))


def _stretches(pieces: list[str]) -> tuple[list[int], list[int]]:
    at, origin = [0], [0]
    position = 0
    for source, piece in enumerate(pieces):
        if len(piece) == 1:
            if source - position != origin[-1] - at[-1]:
                _begin(at, origin, position, source)
            position += 1
            continue
        for _ in piece:
            # Each character of a ligature stands where the ligature stood.
            _begin(at, origin, position, source)
            position += 1
    return at, origin


def _begin(at: list[int], origin: list[int], position: int, source: int) -> None:
    if at[-1] == position:
        origin[-1] = source
    else:
        at.append(position)
        origin.append(source)


def folded_pattern(pattern: str) -> str:
    """A regular expression as it must be written for folded text: its letters beyond ASCII folded, the rest kept."""
    return "".join(char if char.isascii() else _LETTERS[char] for char in pattern)
