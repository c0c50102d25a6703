"""Lists of words as arrays: what they tell of a word, the singulars of broken plurals, Arabic affixes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from matching import scope, stemming, stopwords, whole_words
from matching.analysis.strings import code_points
from matching.analysis.symbols import Names
from matching.kernels import tokens
from matching.kernels.lightening import Affixes
from matching.kernels.readings import Lists
from matching.kernels.scanning import U32
from matching.text import Word
from matching.vectorizer import I32


def lists_of(names: Names) -> Lists:
    """The lists, by symbols. All symbols that are to be told from other words must be there."""
    listed = sorted(_listed())
    numbers = [names.add(word) for word in listed]
    plurals = [names.add(word) for word in stemming.SINGULAR_OF]
    singulars = [names.add(word) for word in stemming.SINGULAR_OF.values()]
    whole = [names.add(word) for word in sorted(whole_words.WHOLE)]
    return Lists(
        _by_symbol(numbers, [flags_of(Word(word)) for word in listed], len(names)),
        _by_symbol(plurals, singulars, len(names)),
        _by_symbol(whole, [1] * len(whole), len(names)),
        Affixes(
            _affixes(stemming.PREFIXES),
            _affixes([suffix for suffix, _ in stemming.SUFFIXES]),
            np.array([least for _, least in stemming.SUFFIXES], np.int32),
            code_points("".join(sorted(stemming.PROCLITICS))),
        ),
    )


def _listed() -> Iterable[str]:
    """Every folded word of which a list tells something that its letters alone don't."""
    words = {
        word for lists in (stopwords.FUNCTION_WORDS, stopwords.BOILERPLATE) for each in lists.values() for word in each
    }
    words |= scope.INDEFINITE | scope.MARKERS.keys() | scope.ENDS | scope.CONTINUES
    for noun in scope.INSTITUTIONS | scope.BODIES | scope.RANKS:
        words.add(noun)
        words |= {prefix + noun for prefix in (*scope.ARTICLES, *scope.PROCLITICS)}
    return words


def _listed_flags(word: Word) -> int:
    """What lists of words and ``matching.scope``, which looks at folded words, tell of a word."""
    folded = word.folded
    noun = scope.noun(folded)
    flags = (
        word.french * tokens.FRENCH
        | word.english * tokens.ENGLISH
        | (folded in scope.INDEFINITE) * tokens.INDEFINITE
        | (noun in scope.INSTITUTIONS) * tokens.INSTITUTION
        | (noun in scope.BODIES) * tokens.BODY
        | (noun in scope.RANKS) * tokens.RANK
        | scope.is_any(folded) * tokens.ANY_OF_THEM
        | (folded in scope.MARKERS) * tokens.BEGINS_MARKER
        | (folded in scope.ENDS) * tokens.ENDS_ASIDE
        | scope.continues(folded) * tokens.CONTINUES
    )
    for n, lang in enumerate(("ar", "ar") if word.arabic else ("fr", "en")):
        if lang in word.readings:
            _, _, weak, stop = word.readings[lang]
            flags |= tokens.KEPT | weak * (tokens.WEAK << n) | stop * (tokens.STOP << n)
    return flags


def flags_of(word: Word) -> int:
    """All flags of a word as it is written."""
    return (
        word.arabic * tokens.ARABIC
        | word.cased * tokens.CASED
        | word.upper * tokens.UPPER
        | word.long * tokens.LONG
        | _listed_flags(word)
    )


def _by_symbol(symbols: Sequence[int], values: Sequence[int], size: int) -> I32:
    table = np.full(size, -1, np.int32)
    table[symbols] = values
    return table


def _affixes(affixes: Sequence[str]) -> U32:
    longest = max(map(len, affixes))
    return code_points("".join(affix.ljust(longest, "\0") for affix in affixes)).reshape(-1, longest)
