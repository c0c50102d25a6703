"""Documents to bags of features: which words, concepts, codes and places a tender or a startup stands for.

A feature is a text key whose first letter tells its channel: ``w:`` a stem, ``c:`` a concept, ``p:`` a CPV prefix,
``l:`` a word of a place, ``b:`` a word of a buyer, ``i:`` an intent, ``t:`` a trade. One feature space
serves both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from matching.text import fold
from matching.types import LotDoc, ReferenceDoc, StartupDoc, TenderDoc

CHANNELS: Final = ("word", "concept", "cpv", "place", "buyer", "intent", "trade")
PREFIX: Final = MappingProxyType({"w": 0, "c": 1, "p": 2, "l": 3, "b": 4, "i": 5, "t": 6})

CPV_LEVELS: Final = (2, 3, 4, 5, 8)
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


def told_share(startup: StartupDoc) -> float:
    """Which share of a profile's letters tells what it does, against those of the titles of its past wins; 1 for an
    empty profile.
    """
    told = len(startup.description) + sum(len(text) for text in (*startup.sectors, *startup.technologies))
    won = sum(len(reference.title) for reference in startup.references)
    return told / (told + won) if told + won else 1.0


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
