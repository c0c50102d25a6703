"""The words of the synthetic corpus: made of letters, by chance, in three languages, the same at each run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from matching.lexicon import LANGS, Lexicon
from matching.stemming import Lang
from matching.stopwords import FUNCTION_WORDS

SIZES: dict[Lang, int] = {"fr": 90_000, "ar": 50_000, "en": 60_000}
"""Distinct words of each language, besides function words and inflected forms."""

_ONSETS = {
    "fr": ("b", "c", "ch", "d", "f", "g", "gr", "j", "l", "m", "n", "p", "pr", "qu", "r", "s", "t", "tr", "v", "bl"),
    "en": ("b", "c", "ch", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "sh", "t", "th", "tr", "w", "st"),
}
_NUCLEI = {
    "fr": ("a", "e", "i", "o", "u", "ai", "ou", "an", "on", "in", "eu", "oi", "é"),
    "en": ("a", "e", "i", "o", "u", "ea", "oo", "ou", "ai", "er"),
}
_ENDINGS = {
    "fr": ("tion", "ment", "age", "eur", "ique", "ité", "elle", "isme", "ure", "ance", "el", "ois", "ard", "ette"),
    "en": ("ing", "er", "ness", "ment", "able", "ity", "ful", "ward", "ship", "ly", "et", "ock", "id"),
}
_ENDED = 0.7
_ARABIC = "بتثجحخدذرزسشصضطظعغفقكلمنهوي"


@dataclass(frozen=True)
class Words:
    """All surfaces end to end: for each language its words, their inflected forms and their capitalised ones, then its
    function words; then the forms of the lexicon. ``base[lang]`` is where a language begins.
    """

    surfaces: npt.NDArray[np.object_]
    base: dict[Lang, int]
    functions: dict[Lang, tuple[int, int]]
    phrases: dict[Lang, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]
    """For each language, where the forms of each concept begin, and how many there are (0: none)."""


def make_words(chance: np.random.Generator, lexicon: Lexicon) -> Words:
    """Invent the words."""
    surfaces: list[str] = []
    base: dict[Lang, int] = {}
    functions: dict[Lang, tuple[int, int]] = {}
    phrases: dict[Lang, tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = {}
    for lang in LANGS:
        words = _distinct(_arabic(chance) if lang == "ar" else _latin(chance, lang), SIZES[lang])
        words = _shorter_first(chance, words)
        base[lang] = len(surfaces)
        surfaces += words
        surfaces += ["ال" + word if lang == "ar" else word + "s" for word in words]
        surfaces += [word.capitalize() for word in words]
        own = sorted(FUNCTION_WORDS[lang])
        functions[lang] = (len(surfaces), len(own))
        surfaces += own
    for lang in LANGS:
        starts, counts = [], []
        for concept in lexicon.concepts:
            forms = concept.forms.get(lang) or concept.acronyms
            starts.append(len(surfaces))
            counts.append(len(forms))
            surfaces += forms
        phrases[lang] = (np.array(starts), np.array(counts))
    return Words(np.array(surfaces, dtype=object), base, functions, phrases)


def _distinct(words: Iterator[str], count: int) -> list[str]:
    found: dict[str, None] = {}
    for word in words:
        found[word] = None
        if len(found) == count:
            return list(found)
    raise AssertionError("the supply of words never ends")


def _shorter_first(chance: np.random.Generator, words: list[str]) -> list[str]:
    """Common words are short ones, on the whole: the rank of a word is its place in this order."""
    lengths = np.array([len(word) for word in words]) + chance.normal(0.0, 2.0, len(words))
    return [words[n] for n in np.argsort(lengths, kind="stable")]


def _latin(chance: np.random.Generator, lang: Lang) -> Iterator[str]:
    onsets, nuclei, endings = _ONSETS[lang], _NUCLEI[lang], _ENDINGS[lang]
    while True:
        syllables = chance.integers(1, 4, 10_000)
        picks = chance.random((10_000, 8))
        for count, pick in zip(syllables, picks, strict=True):
            parts = [
                onsets[int(pick[2 * n] * len(onsets))] + nuclei[int(pick[2 * n + 1] * len(nuclei))]
                for n in range(int(count))
            ]
            ending = endings[int(pick[6] * len(endings))] if pick[7] < _ENDED else ""
            yield "".join(parts) + ending


def _arabic(chance: np.random.Generator) -> Iterator[str]:
    while True:
        lengths = chance.integers(3, 7, 10_000)
        letters = chance.integers(0, len(_ARABIC), (10_000, 6))
        for length, row in zip(lengths, letters, strict=True):
            yield "".join(_ARABIC[letter] for letter in row[:length])
