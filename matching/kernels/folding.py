"""Words folded letter by letter: the compiled twin of ``matching.text.fold`` for characters that fold alone."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from matching.kernels.compiling import compiled
from matching.kernels.scanning import U32
from matching.vectorizer import I32, I64, U8

LETTERS: Final = 0x700
"""Code points that are looked up: Latin, Greek, Cyrillic, Arabic. Words with others are worked out in Python."""

FOLDABLE: Final = 1
LOWER: Final = 2
UPPER: Final = 4
CASED: Final = 8
"""Traits of a character; one that is cased differs in capitals, not all of them are lower or upper case."""

MAX_SHORT: Final = 6
"""Letters of the longest acronym."""

IS_ODD: Final = 1
"""A word that must be worked out in Python: none of the other traits is told of it."""

IS_CASED: Final = 2
IS_CAPITALS: Final = 4
IS_LONG: Final = 8
IS_ACRONYM: Final = 16
"""In capitals and short; whether it is kept is another question."""

MAX_EXPANSION: Final = 4
"""Characters that one may fold to (a test asks them all)."""


class Letters(NamedTuple):
    """Traits by code point, and what each folds to: ``folded[ptr[code]:ptr[code + 1]]``."""

    traits: U8
    ptr: I32
    folded: U32


@compiled
def fold_words(characters: U32, places: I64, letters: Letters) -> tuple[U32, I64, U8]:
    """What the words from ``places[n, 0]`` to ``places[n, 1]`` fold to, end to end with the pointers; their traits."""
    traits, letter_ptr, folded_letters = letters
    size = 0
    for n in range(places.shape[0]):
        size += places[n, 1] - places[n, 0]
    folded, ptr = np.empty(MAX_EXPANSION * size, np.uint32), np.zeros(places.shape[0] + 1, np.int64)
    found = np.zeros(places.shape[0], np.uint8)
    count = 0
    for n in range(places.shape[0]):
        begin, every, some = count, 1, 0
        any_lower = 0
        for at in range(places[n, 0], places[n, 1]):
            code = characters[at]
            trait = int(traits[code]) if code < LETTERS else 0
            every &= trait & FOLDABLE
            if not every:
                break
            some |= trait
            any_lower |= trait & LOWER
            for each in range(letter_ptr[code], letter_ptr[code + 1]):
                folded[count] = folded_letters[each]
                count += 1
        length = places[n, 1] - places[n, 0]
        if not every:
            count = begin
            found[n] = IS_ODD
        else:
            capitals = (some & UPPER) != 0 and any_lower == 0
            cased = length > 1 and (some & CASED) != 0
            short = characters[places[n, 0]] < 128 and count - begin <= MAX_SHORT and capitals
            found[n] = (
                cased * IS_CASED
                | (cased and capitals) * IS_CAPITALS
                | (length > MAX_SHORT) * IS_LONG
                | short * IS_ACRONYM
            )
        ptr[n + 1] = count
    return folded[:count], ptr, found
