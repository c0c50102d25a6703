"""Documents to bags of features: which words, concepts, codes and places a tender or a startup stands for.

A feature is a text key whose first letter tells its channel: ``w:`` a stem, ``c:`` a concept, ``p:`` a CPV prefix,
``l:`` a word of a place, ``b:`` a word of a buyer, ``i:`` an intent, ``t:`` a trade. One feature space
serves both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import Final

from matching.text import MAX_CHARS
from matching.types import LotDoc, ReferenceDoc, StartupDoc, TenderDoc

CHANNELS: Final = ("word", "concept", "cpv", "place", "buyer", "intent", "trade")
PREFIX: Final = MappingProxyType({"w": 0, "c": 1, "p": 2, "l": 3, "b": 4, "i": 5, "t": 6})

CPV_LEVELS: Final = (2, 3, 4, 5, 8)
LOT_PARENT_WEIGHT: Final = 0.5
"""What the words of the tender's own title count in the document of one of its lots."""

MAX_REFERENCES: Final = 500
"""Past wins of one startup that are compared one by one; its profile counts all that ``MAX_PASSAGES`` lets in."""

MAX_PASSAGES: Final = 5_000
"""Texts of one document that are read, of ``MAX_CHARS`` characters together: a list field with a hundred thousand
items costs no more than a long description.
"""

MAX_LOTS: Final = 200
"""Lots of one tender that are matched as documents of their own."""

TENDER_FIELDS: Final[Mapping[str, float]] = MappingProxyType({"title": 1.0, "description": 0.5, "activities": 0.7})
STARTUP_FIELDS: Final[Mapping[str, float]] = MappingProxyType(
    {"name": 0.5, "description": 1.0, "sectors": 0.7, "technologies": 0.4, "certifications": 0.5, "references": 1.0},
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


def tender_passages(tender: TenderDoc, lot: LotDoc | None = None) -> list[Passage]:
    """The texts that stand for a tender, or for one of its lots."""
    return list(_bounded(_of_tender(tender) if lot is None else _of_lot(tender, lot)))


def _of_tender(tender: TenderDoc) -> Iterator[Passage]:
    weights = TENDER_FIELDS
    yield Passage("title", tender.title, weights["title"])
    yield Passage("description", tender.description, weights["description"])
    yield from _listed("activities", tender.activities, weights["activities"])


def _of_lot(tender: TenderDoc, lot: LotDoc) -> Iterator[Passage]:
    yield Passage("lot.title", lot.title, TENDER_FIELDS["title"])
    yield Passage("title", tender.title, LOT_PARENT_WEIGHT)
    yield Passage("lot.description", lot.description, TENDER_FIELDS["description"])


def startup_passages(startup: StartupDoc) -> list[Passage]:
    """The texts that stand for a startup, its past wins included."""
    return list(_bounded(_of_startup(startup)))


def _of_startup(startup: StartupDoc) -> Iterator[Passage]:
    weights = STARTUP_FIELDS
    yield Passage("name", startup.name, weights["name"])
    yield Passage("description", startup.description, weights["description"])
    for name, texts in (
        ("sectors", startup.sectors),
        ("technologies", startup.technologies),
        ("certifications", startup.certifications),
        ("references", (reference.title for reference in startup.references)),
    ):
        yield from _listed(name, texts, weights[name])


def _listed(name: str, texts: Iterable[str], weight: float) -> Iterator[Passage]:
    return (Passage(name, text, weight, n) for n, text in enumerate(texts))


def _bounded(passages: Iterable[Passage]) -> Iterator[Passage]:
    left = MAX_CHARS
    for passage in islice(passages, MAX_PASSAGES):
        if left <= 0:
            return
        yield passage if len(passage.text) <= left else replace(passage, text=passage.text[:left])
        left -= len(passage.text)


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
