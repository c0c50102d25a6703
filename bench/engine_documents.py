"""The synthetic corpus as startups and tenders with all their fields, for the measures of the whole ranking."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bench.engine_corpus import SEED
from matching.lexicon import Concept, default_lexicon
from matching.types import Amount, ReferenceDoc, StartupDoc, TenderDoc

_PLACES = ("Rabat", "Casablanca", "Tanger", "Agadir", "Fès", "Oujda", "Marrakech", "Laâyoune")
_BUYERS = ("Commune de {}", "Université de {}", "Agence urbaine de {}", "Conseil régional de {}")
_FIRST_DAY = dt.date(2016, 1, 1)
_DAYS = 3_600
_TITLE_WORDS = 12
_MOST_WINS = 3


def startups(texts: Sequence[str]) -> Iterator[StartupDoc]:
    """A startup for each text, with a place, a sector, and up to three past wins whose titles are of another text."""
    concepts = [concept for concept in default_lexicon().concepts if concept.cpv]
    for number, text in enumerate(texts):
        chance = random.Random(SEED * 4 + number)
        other = texts[chance.randrange(len(texts))].split()
        wins = tuple(
            _win(chance, other[start : start + _TITLE_WORDS], concepts)
            for start in range(0, chance.randrange(_MOST_WINS + 1) * _TITLE_WORDS, _TITLE_WORDS)
        )
        yield StartupDoc(
            id=f"s{number:07}", name=" ".join(text.split(maxsplit=2)[:2]), description=text,
            sectors=(chance.choice(concepts).label("fr"),), city=chance.choice(_PLACES), country="MA",
            languages=("fr",), references=wins,
        )  # fmt: skip


def tenders(texts: Sequence[str]) -> Iterator[TenderDoc]:
    """A tender for each text: its first words are the title."""
    concepts = [concept for concept in default_lexicon().concepts if concept.cpv]
    for number, text in enumerate(texts):
        chance = random.Random(SEED * 4 + 1 + number)
        words = text.split()
        yield TenderDoc(
            id=f"t{number:07}", title=" ".join(words[:_TITLE_WORDS]), description=" ".join(words[_TITLE_WORDS:]),
            buyer=_buyer(chance), cpv=(_cpv(chance, concepts),), place=chance.choice(_PLACES), country="MA",
        )  # fmt: skip


def _win(chance: random.Random, words: Sequence[str], concepts: Sequence[Concept]) -> ReferenceDoc:
    return ReferenceDoc(
        title=" ".join(words), buyer=_buyer(chance), cpv=(_cpv(chance, concepts),), place=chance.choice(_PLACES),
        value=Amount(Decimal(chance.randrange(1, 400) * 10_000), "MAD"),
        date=_FIRST_DAY + dt.timedelta(days=chance.randrange(_DAYS)),
    )  # fmt: skip


def _buyer(chance: random.Random) -> str:
    return chance.choice(_BUYERS).format(chance.choice(_PLACES))


def _cpv(chance: random.Random, concepts: Sequence[Concept]) -> str:
    return chance.choice(chance.choice(concepts).cpv).ljust(8, "0")
