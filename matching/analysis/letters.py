"""What folding makes of single characters, for the words whose folding is that of their characters one by one."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import numpy as np

from matching.kernels.folding import CASED, FOLDABLE, LETTERS, LOWER, UPPER, Letters
from matching.text import fold

_LEFT_OUT: Final = frozenset("\u00ad\u0640\u0670" + "".join(map(chr, range(0x64B, 0x656))))
"""Marks that folding drops, whatever letter they stand on: what a letter is composed to with one of them folds to the
letter's own."""


@lru_cache(maxsize=1)
def foldable_letters() -> Letters:
    """The characters below ``LETTERS`` whose folding doesn't depend on what stands beside them."""
    traits, ptr, folded = [], [0], list[int]()
    for char in map(chr, range(LETTERS)):
        made = fold(char)
        foldable = _folds_alone(char, made)
        if foldable:
            folded += map(ord, made)
        ptr.append(len(folded))
        cased = char.upper() != char.lower()
        traits.append(foldable * FOLDABLE | char.islower() * LOWER | char.isupper() * UPPER | cased * CASED)
    return Letters(np.array(traits, np.uint8), np.array(ptr, np.int32), np.array(folded, np.uint32))


def _folds_alone(char: str, made: str) -> bool:
    """Whether a character is of a word, stands for nothing but letters and digits that stay as they are, and composes
    with nothing that may stand beside it.
    """
    if not char.isalnum() and char not in _LEFT_OUT:
        return False
    return unicodedata.category(char) != "Lt" and all(
        ord(each) < LETTERS and fold(each) == each and (each.isalpha() or each in "0123456789") for each in made
    )
