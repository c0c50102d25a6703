"""The synthetic corpus of the suite ``engine``: profiles and tenders as plain text, the same at each run.

Words are invented (``bench.engine_words``): 90,000 French, 50,000 Arabic and 60,000 English ones. A document has one of
300 sectors and a main language (55, 20 and 25 %); each sentence of twelve words is in that one, or in another (10 %).
Words come by the law of Zipf and Mandelbrot (exponent 1.07, shift 2.7, the 20 commonest cut off as stop words), 40 % of
them from the 1,500 words of the document's sector, a tenth of them inflected. A profile has 80 to 150 of them, a
tender 45 to 75; beside them, four function words for ten, and for one word in twenty a form of the lexicon, mostly of
the sector's twelve concepts. The vocabulary is closed: nothing like the endless tail of names and typing errors of real
texts, which the real sets are there for.

Documents come in chunks of 10,000, each with a seed of its own: a smaller corpus is the beginning of a larger one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.engine_words import SIZES, Words, make_words
from bench.figures import BUILD
from matching.lexicon import LANGS, default_lexicon

SEED = 20_261_122
CHUNK = 10_000
SECTORS = 300
VERSION = 1
"""Raised when the same call makes other texts: files of another version are not read."""

_EXPONENT, _SHIFT, _CUT = 1.07, 2.7, 20
_SECTOR_WORDS = 1_500
_SECTOR_CONCEPTS = 12
_OF_SECTOR, _INFLECTED, _FUNCTION, _PHRASE, _OTHER_LANGUAGE = 0.4, 0.1, 0.4, 0.05, 0.1
_PHRASE_OF_SECTOR = 0.7
_MAIN_LANGUAGE = (0.55, 0.2, 0.25)
_SENTENCE = 12

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is made: profiles or tenders, of how many words, from which branch of the seed."""

    name: str
    least: int
    most: int
    branch: int


PROFILES = Kind("profiles", 80, 150, 0)
TENDERS = Kind("tenders", 45, 75, 1)


def texts(kind: Kind, count: int, folder: Path = BUILD / "bench-data") -> list[str]:
    """The first ``count`` texts of a kind, one line each; chunks are made once and kept as files."""
    found: list[str] = []
    for chunk in range(-(-count // CHUNK)):
        path = folder / f"engine-{kind.name}-v{VERSION}-{chunk:03}.txt"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            unfinished.write_text("\n".join(make_chunk(kind, chunk)) + "\n", encoding="utf-8")
            unfinished.rename(path)
        found += path.read_text(encoding="utf-8").splitlines()
    return found[:count]


def make_chunk(kind: Kind, chunk: int, count: int = CHUNK) -> list[str]:
    """The texts of a chunk, made anew."""
    return _World.known().write(np.random.default_rng((SEED, 1 + kind.branch, chunk)), kind, count)


class _World:
    """What all chunks share: words, and what each sector talks about."""

    def __init__(self) -> None:
        chance = np.random.default_rng((SEED, 0))
        lexicon = default_lexicon()
        self.words: Words = make_words(chance, lexicon)
        self._common = [_cumulated(SIZES[lang]) for lang in LANGS]
        self._of_sector = _cumulated(_SECTOR_WORDS)
        self._sector_words = [
            np.stack([chance.choice(SIZES[lang], _SECTOR_WORDS, replace=False) for _ in range(SECTORS)])
            for lang in LANGS
        ]
        self._concepts = len(lexicon.concepts)
        self._sector_concepts = np.stack(
            [chance.choice(self._concepts, _SECTOR_CONCEPTS, replace=False) for _ in range(SECTORS)]
        )

    @staticmethod
    @lru_cache(maxsize=1)
    def known() -> _World:
        return _World()

    def write(self, chance: np.random.Generator, kind: Kind, count: int) -> list[str]:
        lengths = chance.integers(kind.least, kind.most + 1, count)
        ends = np.cumsum(lengths)
        document = np.repeat(np.arange(count), lengths)
        position = np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
        opens = position % _SENTENCE == 0
        main = chance.choice(len(LANGS), count, p=_MAIN_LANGUAGE)
        spoken = main[document[opens]]
        other = chance.random(spoken.size) < _OTHER_LANGUAGE
        spoken[other] = chance.integers(0, len(LANGS), int(other.sum()))
        language = spoken[np.cumsum(opens) - 1]
        sector = chance.integers(0, SECTORS, count)[document]

        content = self._content(chance, language, sector, opens)
        before = self._function_words(chance, language)
        return self._joined(content, before, opens, ends)

    def _content(self, chance: np.random.Generator, language: Ints, sector: Ints, opens: npt.NDArray[np.bool_]) -> Ints:
        """The surface of every word."""
        size = language.size
        surface = np.empty(size, np.int64)
        form = np.where(chance.random(size) < _INFLECTED, 1, 0)
        form[opens] = 2
        themed = chance.random(size) < _OF_SECTOR
        draw, phrased = chance.random(size), chance.random(size) < _PHRASE
        concept = np.where(
            chance.random(size) < _PHRASE_OF_SECTOR,
            self._sector_concepts[sector, chance.integers(0, _SECTOR_CONCEPTS, size)],
            chance.integers(0, self._concepts, size),
        )
        choice = chance.random(size)
        for number, lang in enumerate(LANGS):
            mine = language == number
            word = np.searchsorted(self._common[number], draw)
            inside = np.searchsorted(self._of_sector, draw)
            word = np.where(themed, self._sector_words[number][sector, np.minimum(inside, _SECTOR_WORDS - 1)], word)
            said = self.words.base[lang] + form * SIZES[lang] + np.minimum(word, SIZES[lang] - 1)
            starts, counts = (table[concept] for table in self.words.phrases[lang])
            said = np.where(phrased & (counts > 0), starts + (choice * counts).astype(np.int64), said)
            surface[mine] = said[mine]
        return surface

    def _function_words(self, chance: np.random.Generator, language: Ints) -> Ints:
        """The function word before every word, -1 for none."""
        starts = np.array([self.words.functions[lang][0] for lang in LANGS])[language]
        counts = np.array([self.words.functions[lang][1] for lang in LANGS])[language]
        which = starts + (chance.random(language.size) * counts).astype(np.int64)
        return np.where(chance.random(language.size) < _FUNCTION, which, -1)

    def _joined(self, content: Ints, before: Ints, opens: npt.NDArray[np.bool_], ends: Ints) -> list[str]:
        stop = len(self.words.surfaces)  # one number past the words stands for the full stop
        stream = np.stack([np.where(opens, stop, -1), before, content], axis=1)
        surfaces = np.append(self.words.surfaces, ".")
        kept = stream >= 0
        last = np.cumsum(kept.sum(axis=1))[ends - 1]
        said = surfaces[stream[kept]].tolist()
        begins = [0, *last[:-1].tolist()]
        # The full stop before the first sentence is left out, as the one after the last is.
        return [
            " ".join(said[begin + 1 : end]).replace(" .", ".") + "."
            for begin, end in zip(begins, last.tolist(), strict=True)
        ]


def _cumulated(size: int) -> npt.NDArray[np.float64]:
    """Cumulated probabilities of words by rank."""
    weights = (np.arange(_CUT, _CUT + size) + 1 + _SHIFT) ** -_EXPONENT
    return np.asarray(np.cumsum(weights) / weights.sum(), np.float64)
