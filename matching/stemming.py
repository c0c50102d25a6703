"""Two depths of stemming. Words are compared by their Snowball stems; lexicon forms by light keys (number and gender
only), because Snowball lets "lotissement" meet "lot" and "communication" meet "commune".

All functions take folded words (see ``matching.text.fold``).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import Stemmer

from matching.broken_plurals import SINGULARS
from matching.whole_words import WHOLE

Lang: TypeAlias = Literal["fr", "ar", "en"]

_SHORT: Final = 3
PREFIXES: Final = ("وبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال")
SUFFIXES: Final = (("ها", 3), ("ان", 4), ("ات", 3), ("ون", 4), ("ين", 4), ("يه", 4), ("ه", 3), ("ي", 4))
"""Suffixes, each with how many letters it leaves at least: shorter words end in the same letters by themselves (قانون,
تكوين, زيتون, خزان), and adjectives of three letters are other words than the nouns (عربي "Arab", عربة "cart").
"""

PROCLITICS: Final = frozenset("بلفكو")
_FEMININE: Final = 5
"""A French word keeps its final e where fewer letters would be left: porte and port, benne and Ben, base and bas are
two words."""

_DOUBLED: Final = ("ll", "nn", "ss", "tt")
_SIBILANT_PLURALS: Final = ("sses", "ches", "shes", "xes", "zes")


class _Stemmers(threading.local):
    """PyStemmer objects keep state between calls: each thread has its own."""

    def __init__(self) -> None:
        # Without its own cache, which takes longer than stemming.
        self.french = Stemmer.Stemmer("french", 0)
        self.english = Stemmer.Stemmer("english", 0)


_stemmers = _Stemmers()


def stem(folded: str, lang: Lang) -> str:
    """The stem of a word; words of up to three letters and words with digits stay as they are."""
    if lang == "ar":
        return _light_arabic(folded)
    if len(folded) <= _SHORT or not folded.isalpha():
        return folded
    return stems([folded], lang)[0]


def stems(words: Sequence[str], lang: Lang) -> list[str]:
    """The French or English Snowball stems of words of over three letters and nothing else."""
    found: list[str] = (_stemmers.french if lang == "fr" else _stemmers.english).stemWords(words)
    return found


@lru_cache(maxsize=1 << 16)
def light(folded: str, lang: Lang) -> str:
    """The word without its marks of number and gender; articles and their proclitics go in Arabic."""
    if lang == "ar":
        return _light_arabic(folded)
    if len(folded) <= _SHORT or not folded.isalpha():
        return folded
    return _light_french(folded) if lang == "fr" else _light_english(folded)


def bare(folded: str) -> str | None:
    """An Arabic word without a one-letter proclitic (ب ل ف ك و), which may as well be its first letter: a second
    reading for a lexicon to confirm, never a key of its own.
    """
    if len(folded) > _SHORT + 1 and folded[0] in PROCLITICS and not folded.startswith(PREFIXES):
        return _light_arabic(folded[1:])
    return None


def _light_french(word: str) -> str:
    if word in WHOLE:
        return word
    if word.endswith("aux") and not word.endswith("eaux"):
        word = word[:-3] + "al"
    elif word.endswith(("s", "ux")):
        word = word[:-1]
    if word.endswith("ee") and (len(word) > _FEMININE or word.endswith("eee")):  # organisée, organisé; créée, créé
        word = word[:-1]
    if word.endswith("e") and len(word) > _FEMININE:
        word = word[:-1]
        if word.endswith(_DOUBLED):  # professionnelle, professionnel
            word = word[:-1]
    return word


def _light_english(word: str) -> str:
    if word.endswith("ies") and len(word) > _SHORT + 1:
        return word[:-3] + "y"
    if word.endswith(_SIBILANT_PLURALS):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _light_arabic(word: str) -> str:
    """The word without its affixes; a broken plural then gives way to its singular."""
    stripped = _strip_arabic(word)
    return SINGULAR_OF.get(stripped, stripped)


def _strip_arabic(word: str) -> str:
    """light10 (Larkey, Ballesteros, Connell 2007) on folded letters: an article with its proclitics, then suffixes,
    which leave more letters than there (see ``SUFFIXES``) and nothing of a name (see ``matching.whole_words``).

    A lone و goes only where four letters remain: shorter words begin with it by themselves. Longer ones may as well,
    so it goes after an article too: وثائق and الوثائق are one word.
    """
    if len(word) <= _SHORT or not word.isalpha():
        return word
    for prefix in PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORT - 1:
            word = word[len(prefix) :]
            break
    if word in WHOLE:
        return word
    if word.startswith("و") and len(word) > _SHORT + 1:
        word = word[1:]
    if word in WHOLE:
        return word
    for suffix, least in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= least:
            word = word[: -len(suffix)]
    return word


SINGULAR_OF: Final = {_strip_arabic(plural): _strip_arabic(noun) for plural, noun in SINGULARS.items()}
