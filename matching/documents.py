"""Documents to bags of features: which words, concepts, codes and places a tender or a startup stands for.

A feature is a text key whose first letter tells its channel: ``w:`` a stem, ``c:`` a concept, ``p:`` a CPV prefix,
``l:`` a word of a place, ``b:`` a word of a buyer, ``i:`` an intent. One feature space serves both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from matching.lexicon import Lexicon
from matching.text import Token, analyse, fold
from matching.types import LotDoc, ReferenceDoc, StartupDoc, TenderDoc

CHANNELS: Final = ("word", "concept", "cpv", "place", "buyer", "intent")
PREFIX: Final = MappingProxyType({"w": 0, "c": 1, "p": 2, "l": 3, "b": 4, "i": 5})

CPV_LEVELS: Final = (2, 3, 4, 5, 8)
CPV_CONCEPT_WEIGHT: Final = 0.7
"""What a concept known only through a CPV code counts, against 1 for one written in the text."""

LOT_PARENT_WEIGHT: Final = 0.5
"""What the words of the tender's own title count in the document of one of its lots."""

MAX_REFERENCES: Final = 500
"""Past wins of one startup that are compared one by one; all of them count in its profile."""

MAX_LOTS: Final = 200
"""Lots of one tender that are matched as documents of their own."""

TENDER_FIELDS: Final[Mapping[str, float]] = MappingProxyType({"title": 1.0, "description": 0.5, "activities": 0.7})
STARTUP_FIELDS: Final[Mapping[str, float]] = MappingProxyType(
    {"name": 0.5, "description": 1.0, "sectors": 1.0, "technologies": 1.0, "certifications": 0.5, "references": 1.0},
)


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a document: its field, its position in a list field, its weight."""

    field: str
    text: str
    weight: float
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Bag:
    """Features with their field-weighted counts."""

    features: Mapping[str, float] = field(default_factory=dict)


_PLACE_WORD = re.compile(r"[^\W_]+")
_NUTS = re.compile(r"[a-z]{2}[a-z0-9]?\d[a-z0-9]?")


def tender_passages(tender: TenderDoc, lot: LotDoc | None = None) -> list[Passage]:
    """The texts that stand for a tender, or for one of its lots."""
    if lot is not None:
        return [
            Passage("lot.title", lot.title, TENDER_FIELDS["title"]),
            Passage("lot.description", lot.description, TENDER_FIELDS["description"]),
            Passage("title", tender.title, LOT_PARENT_WEIGHT),
        ]
    return [
        Passage("title", tender.title, TENDER_FIELDS["title"]),
        Passage("description", tender.description, TENDER_FIELDS["description"]),
        *(Passage("activities", text, TENDER_FIELDS["activities"], n) for n, text in enumerate(tender.activities)),
    ]


def startup_passages(startup: StartupDoc) -> list[Passage]:
    """The texts that stand for a startup, its past wins included."""
    weights = STARTUP_FIELDS
    return [
        Passage("name", startup.name, weights["name"]),
        Passage("description", startup.description, weights["description"]),
        *(Passage("sectors", text, weights["sectors"], n) for n, text in enumerate(startup.sectors)),
        *(Passage("technologies", text, weights["technologies"], n) for n, text in enumerate(startup.technologies)),
        *(
            Passage("certifications", text, weights["certifications"], n)
            for n, text in enumerate(startup.certifications)
        ),
        *(Passage("references", ref.title, weights["references"], n) for n, ref in enumerate(startup.references)),
    ]


def place_words(*places: str | None) -> list[str]:
    """Folded words of place names. Codes give every level above them: a French commune or postcode its department
    (69123: 69123, 69), a NUTS code its parents (FRK26: FRK26, FRK2, FRK).
    """
    found: list[str] = []
    for place in places:
        for word in _PLACE_WORD.findall(fold(place or "")):
            if len(word) == 5 and word.isdecimal():
                found += [word, word[:2]]
            elif _NUTS.fullmatch(word):
                found += [word[:length] for length in range(len(word), 2, -1)]
            elif len(word) > 1:
                found.append(word)
    return found


class Extractor:
    """Makes bags. Holds the lexicon only; safe to share between threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def tender(self, tender: TenderDoc) -> list[Bag]:
        """The bag of the whole tender, then one for each lot."""
        lots = tender.lots[:MAX_LOTS]
        return [self._tender_unit(tender, None), *(self._tender_unit(tender, lot) for lot in lots)]

    def _tender_unit(self, tender: TenderDoc, lot: LotDoc | None) -> Bag:
        features: dict[str, float] = {}
        self._add_texts(features, tender_passages(tender, lot), tender.language)
        self._add_cpv(features, (lot.cpv if lot is not None and lot.cpv else tender.cpv), 1.0)
        _add_words(features, "l:", place_words(tender.place))
        _add_words(features, "b:", _buyer_words(tender.buyer))
        return Bag(features)

    def startup(self, startup: StartupDoc) -> Bag:
        """The profile of a startup: its own words and those of its past wins."""
        features: dict[str, float] = {}
        hint = startup.languages[0] if startup.languages else None
        self._add_texts(features, startup_passages(startup), hint)
        self._add_cpv(features, startup.cpv, 1.0)
        places = [startup.city, *startup.regions]
        for reference in startup.references:
            self._add_cpv(features, reference.cpv, 1.0)
            places.append(reference.place)
            _add_words(features, "b:", _buyer_words(reference.buyer))
        _add_words(features, "l:", place_words(*places))
        return Bag(features)

    def references(self, startup: StartupDoc) -> list[Bag]:
        """One bag for each past win, newest first where dated, at most ``MAX_REFERENCES``."""
        return [self._reference(startup.references[n]) for n in reference_order(startup)]

    def _reference(self, reference: ReferenceDoc) -> Bag:
        features: dict[str, float] = {}
        self._add_texts(features, [Passage("references", reference.title, 1.0)], None)
        self._add_cpv(features, reference.cpv, 1.0)
        _add_words(features, "l:", place_words(reference.place))
        _add_words(features, "b:", _buyer_words(reference.buyer))
        return Bag(features)

    def _add_texts(self, features: dict[str, float], passages: list[Passage], hint: str | None) -> None:
        analysed = [(passage, analyse(passage.text, hint)) for passage in passages if passage.text]
        lexicon = self.lexicon
        contexts: set[int] = set()
        for _, tokens in analysed:
            contexts |= lexicon.contexts(tokens)
        for passage, tokens in analysed:
            _add_tokens(features, tokens, passage.weight)
            for mention in lexicon.mentions(tokens, contexts):
                self._add_concept(features, mention.concept, passage.weight)
            for mention in lexicon.intents_of(tokens):
                key = "i:" + lexicon.intents[mention.concept].id
                features[key] = features.get(key, 0.0) + passage.weight

    def _add_concept(self, features: dict[str, float], number: int, weight: float) -> None:
        for concept, factor in ((number, 1.0), *self.lexicon.ancestors[number]):
            key = "c:" + self.lexicon.concepts[concept].id
            features[key] = features.get(key, 0.0) + weight * factor

    def _add_cpv(self, features: dict[str, float], codes: tuple[str, ...], weight: float) -> None:
        for code in codes:
            for key in cpv_keys(code):
                features[key] = features.get(key, 0.0) + weight
            for number in self.lexicon.of_cpv(cpv_digits(code)):
                self._add_concept(features, number, weight * CPV_CONCEPT_WEIGHT)


def reference_order(startup: StartupDoc) -> list[int]:
    """Positions of the past wins that are compared one by one, newest first where dated."""
    dated = sorted(
        range(len(startup.references)),
        key=lambda n: (startup.references[n].date is None, -_ordinal(startup.references[n]), n),
    )
    return dated[:MAX_REFERENCES]


def _ordinal(reference: ReferenceDoc) -> int:
    return reference.date.toordinal() if reference.date is not None else 0


def cpv_digits(code: str) -> str:
    """The eight digits of a CPV code without its check digit, or fewer where fewer are written."""
    digits = code.split("-", 1)[0].strip()
    return digits[:8] if digits.isascii() and digits.isdecimal() else ""


def cpv_keys(code: str) -> Iterator[str]:
    """Division, group, class, category and, where it says more, the full code."""
    digits = cpv_digits(code)
    stem = digits.rstrip("0")
    for level in CPV_LEVELS:
        if len(stem) >= level or (level == 2 and len(digits) >= 2):
            yield "p:" + digits[:level]
    if len(stem) in {6, 7}:
        yield "p:" + digits[:8].ljust(8, "0")


def _buyer_words(buyer: str | None) -> list[str]:
    return [token.key for token in analyse(buyer)] if buyer else []


def _add_tokens(features: dict[str, float], tokens: list[Token], weight: float) -> None:
    for token in tokens:
        if token.weak:
            continue
        key = "w:" + token.key
        features[key] = features.get(key, 0.0) + weight


def _add_words(features: dict[str, float], prefix: str, words: list[str]) -> None:
    for word in words:
        key = prefix + word
        features[key] = features.get(key, 0.0) + 1.0
