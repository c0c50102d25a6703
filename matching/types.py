"""The nouns of matching: frozen, free of any framework, comparable and hashable where it helps.

Every amount is in the currency beside it; every instant is timezone-aware (UTC) or ``None`` for unknown.
Sequences are tuples so that a document can be shared between threads without a copy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

Facts: TypeAlias = Mapping[str, str | int | float | bool | None]
EMPTY_FACTS: Facts = MappingProxyType({})


class Grade(StrEnum):
    """What a score means to a reader; a monotone calibration of the score (see docs/scoring.md)."""

    STRONG = "strong"
    GOOD = "good"
    POSSIBLE = "possible"
    NONE = "none"


class Side(StrEnum):
    """Which collection a document belongs to."""

    TENDER = "tender"
    STARTUP = "startup"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money in an ISO 4217 currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label or status a startup holds, with who gave it."""

    name: str
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class ReferenceDoc:
    """A past win or delivered contract of a startup: its strongest evidence."""

    title: str
    buyer: str | None = None
    cpv: tuple[str, ...] = ()
    place: str | None = None
    value: Amount | None = None
    date: dt.date | None = None
    sector: str | None = None


@dataclass(frozen=True, slots=True)
class StartupDoc:
    """A startup as the ranker sees it."""

    id: str
    name: str
    description: str = ""
    sectors: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    city: str | None = None
    country: str | None = None
    languages: tuple[str, ...] = ()
    founded: int | None = None
    employees: int | None = None
    turnover: Amount | None = None
    labels: tuple[Label, ...] = ()
    certifications: tuple[str, ...] = ()
    references: tuple[ReferenceDoc, ...] = ()
    lessons: tuple[TenderLesson, ...] = ()


@dataclass(frozen=True, slots=True)
class LotDoc:
    """A part of a tender that can be bid for alone; matched as a document of its own."""

    id: str
    title: str
    description: str = ""
    cpv: tuple[str, ...] = ()
    value: Amount | None = None


@dataclass(frozen=True, slots=True)
class TenderDoc:
    """A call for tenders as the ranker sees it."""

    id: str
    title: str
    description: str = ""
    buyer: str | None = None
    sector: Literal["public", "private"] | None = None
    category: Literal["works", "goods", "services"] | None = None
    procedure: str | None = None
    activities: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    place: str | None = None
    country: str | None = None
    value: Amount | None = None
    published: dt.datetime | None = None
    deadline: dt.datetime | None = None
    lots: tuple[LotDoc, ...] = ()
    reserved_sme: bool | None = None
    language: str | None = None
    lessons: tuple[StartupLesson, ...] = ()


@dataclass(frozen=True, slots=True)
class TenderLesson:
    """What a startup made of a tender: ``kept`` if it saved it, won it or called the match right, not if it dismissed
    it or called the match wrong. A document's lessons come newest first (see ``matching.feedback``).
    """

    tender: TenderDoc
    kept: bool


@dataclass(frozen=True, slots=True)
class StartupLesson:
    """What a tender's buyer made of a startup: ``kept`` if it shortlisted or invited it or called the match right."""

    startup: StartupDoc
    kept: bool


class Span(NamedTuple):
    """Where a matched form stands: field name and half-open character offsets into that field's own text.

    For list fields the offset is into the item and ``item`` is its position; for references the field is
    ``references`` and the offset is into the reference's title. A tuple, as an answer has hundreds of them.
    """

    field: str
    start: int
    end: int
    item: int | None = None
    text: str = ""


class Reason(NamedTuple):
    """One additive part of a score.

    ``code`` is stable and translated at the edge (``text.term``, ``text.concept``, ``cpv.shared``, ``place.same``,
    ``reference.similar`` ...); ``contribution`` is in logit units and the contributions of a result, its ``rest``
    included, sum to its score.
    """

    code: str
    contribution: float
    term: str | None = None
    facts: Facts = EMPTY_FACTS
    in_tender: tuple[Span, ...] = ()
    in_startup: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchResult:
    """A pair with its score and the reasons that sum to it.

    ``score`` is an additive, query-independent logit; ``grade`` its calibration. ``lot_id`` names the lot that made
    the score, ``None`` where the tender as a whole did. ``unknown`` lists the gates that could not be decided and
    were therefore passed (``deadline``, ``country`` ...).
    """

    tender_id: str
    startup_id: str
    score: float
    grade: Grade
    lot_id: str | None = None
    reasons: tuple[Reason, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The answer to one query, best first; ties are broken by id so that the order is stable.

    ``gated`` counts what each gate removed (``{"deadline": 12, "country": 3}``), ``considered`` what was left to rank.
    """

    items: tuple[MatchResult, ...]
    considered: int
    gated: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class StartupFilter:
    """A buyer's own filters over startups; ``None`` or empty means "any". A startup whose field is unknown passes
    and is marked unknown, except for labels, certifications and languages, which must be shown to count.
    """

    regions: frozenset[str] = frozenset()
    sectors: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    certifications: frozenset[str] = frozenset()
    min_employees: int | None = None
    max_employees: int | None = None


@dataclass(frozen=True, slots=True)
class TenderFilter:
    """A startup's own filters over tenders; an unknown value passes and is marked unknown."""

    regions: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    sector: Literal["public", "private"] | None = None
    reserved_sme: bool | None = None
    min_value: Decimal | None = None
    max_value: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Gates:
    """What must hold before ranking. Gates are explicit inputs: nothing here reads a clock.

    ``as_of``: tenders whose deadline is before it are removed (``None``: no deadline gate); ``same_country``: remove
    pairs whose two known countries differ; ``only``/``exclude``: ids of the searched side; the filters as above.
    """

    as_of: dt.datetime | None = None
    same_country: bool = True
    startups: StartupFilter = StartupFilter()
    tenders: TenderFilter = TenderFilter()
    only: frozenset[str] | None = None
    exclude: frozenset[str] = frozenset()
    min_grade: Grade = Grade.NONE


@dataclass(frozen=True, slots=True)
class ProfileTerm:
    """One coordinate of a startup's TF-IDF profile, as its owner may see it."""

    term: str
    kind: Literal["term", "concept", "cpv"]
    weight: float
    sources: tuple[Span, ...] = ()
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
