"""Light keys of folded words and what is told by their letters: the compiled twin of ``matching.stemming.light``.

Folded words are letters and digits; ``letters[start:end]`` is one of them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from matching.kernels.compiling import compiled
from matching.kernels.scanning import U32
from matching.vectorizer import I32

MAX_KEY: Final = 40
SHORT: Final = 3
"""Words of up to so many letters stay as they are."""

_WAW: Final = 0x648
_A, _E, _I, _S, _U, _X, _Y, _C, _H, _Z, _L, _N, _T = 97, 101, 105, 115, 117, 120, 121, 99, 104, 122, 108, 110, 116
_FEMININE: Final = 5


class Affixes(NamedTuple):
    """Arabic affixes as rows of code points, 0 after the last: articles with their proclitics, suffixes, proclitics of
    one letter; in the order in which they are tried. ``least`` is how many letters each suffix leaves.
    """

    prefixes: U32
    suffixes: U32
    least: I32
    proclitics: U32


@compiled
def are_same(one: U32, start: int, end: int, other: U32, first: int, last: int) -> bool:
    """Whether two texts have the same letters."""
    if end - start != last - first:
        return False
    for offset in range(end - start):  # noqa: SIM110 - numba compiles no all() over a generator
        if one[start + offset] != other[first + offset]:
            return False
    return True


@compiled
def is_alpha(letters: U32, start: int, end: int) -> bool:
    """Whether there is no digit among folded letters, which are letters and digits."""
    for at in range(start, end):  # noqa: SIM110
        if 48 <= letters[at] <= 57:
            return False
    return True


@compiled
def is_kept(letters: U32, start: int, end: int) -> bool:
    """Whether a folded word may score: neither too short nor too long, nor a number."""
    if not 2 <= end - start <= MAX_KEY:
        return False
    for at in range(start, end):  # noqa: SIM110
        if not 48 <= letters[at] <= 57:
            return True
    return False


@compiled
def is_arabic(letters: U32, start: int, end: int) -> bool:
    """Whether the first letter is of the Arabic script."""
    return start < end and 0x600 <= letters[start] <= 0x6FF


@compiled
def _ends_with(word: U32, length: int, one: int, two: int, three: int) -> bool:
    return length >= 3 and word[length - 3] == one and word[length - 2] == two and word[length - 1] == three


@compiled
def light_french(word: U32, length: int) -> int:
    """Shorten a word as ``stemming.light`` does in French, in its place; returns its length."""
    if _ends_with(word, length, _A, _U, _X) and not (length >= 4 and word[length - 4] == _E):
        length -= 1
        word[length - 1] = _L
    elif word[length - 1] == _S or (length > 1 and word[length - 1] == _X and word[length - 2] == _U):
        length -= 1
    if _ends_with(word, length, _E, _E, _E) or (
        length > _FEMININE and word[length - 1] == _E and word[length - 2] == _E
    ):
        length -= 1
    if length > _FEMININE and word[length - 1] == _E:
        length -= 1
        last = word[length - 1]
        if last == word[length - 2] and last in {_L, _N, _S, _T}:
            length -= 1
    return length


@compiled
def light_english(word: U32, length: int) -> int:
    """The same in English."""
    if _ends_with(word, length, _I, _E, _S) and length > SHORT + 1:
        word[length - 3] = _Y
        return length - 2
    if (
        _ends_with(word, length, _X, _E, _S)
        or _ends_with(word, length, _Z, _E, _S)
        or (length >= 4 and word[length - 4] == _S and _ends_with(word, length, _S, _E, _S))
        or (length >= 4 and (word[length - 4] == _C or word[length - 4] == _S) and _ends_with(word, length, _H, _E, _S))
    ):
        # "zes" and "xes" by themselves; "sses", "ches" and "shes" with the letter before.
        return length - 2
    if word[length - 1] == _S and not (
        length >= 2 and (word[length - 2] == _S or word[length - 2] == _U or word[length - 2] == _I)
    ):
        return length - 1
    return length


@compiled
def without_article(letters: U32, start: int, end: int, affixes: Affixes) -> int:
    """Where an Arabic word begins without its article (see ``stemming._strip_arabic``)."""
    if end - start <= SHORT or not is_alpha(letters, start, end):
        return start
    for n in range(affixes.prefixes.shape[0]):
        length = _length(affixes.prefixes[n])
        if end - start - length >= SHORT - 1 and _begins(letters, start, end, affixes.prefixes[n]):
            return start + length
    return start


@compiled
def without_and(letters: U32, start: int, end: int) -> int:
    """Where an Arabic word begins without the و before it."""
    return start + 1 if letters[start] == _WAW and end - start > SHORT + 1 else start


@compiled
def without_suffixes(letters: U32, start: int, end: int, affixes: Affixes) -> int:
    """Where an Arabic word ends without its suffixes."""
    for n in range(affixes.suffixes.shape[0]):
        length = _length(affixes.suffixes[n])
        if end - start - length >= affixes.least[n] and _begins(letters, end - length, end, affixes.suffixes[n]):
            end -= length
    return end


@compiled
def _length(affix: U32) -> int:
    length = 0
    while length < affix.size and affix[length] != 0:
        length += 1
    return length


@compiled
def _begins(letters: U32, start: int, end: int, affix: U32) -> bool:
    length = _length(affix)
    return end - start >= length and are_same(letters, start, start + length, affix, 0, length)


@compiled
def is_bare(letters: U32, start: int, end: int, affixes: Affixes) -> bool:
    """Whether the first letter may be a proclitic (see ``stemming.bare``)."""
    if end - start <= SHORT + 1:
        return False
    for n in range(affixes.prefixes.shape[0]):
        if _begins(letters, start, end, affixes.prefixes[n]):
            return False
    for each in affixes.proclitics:  # noqa: SIM110 - numba compiles no any() over a generator
        if letters[start] == each:
            return True
    return False
