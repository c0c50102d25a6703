"""What rules look at: a call with what it asks, a startup with what it can show. ``None`` is unknown, never "no".

A startup's lists are what is known of it. Whether something that is *not* in a list is lacking or only untold is said
by ``StartupFacts.complete``: an absence counts as lacking only where the startup itself called the list complete.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from matching.requirements.findings import Kind, Money, ReservedGroup, Scheme, Value
from matching.types import Amount


class Procedure(StrEnum):
    """Procurement methods that rules tell apart."""

    OPEN = "open"
    SIMPLIFIED = "simplified"
    RESTRICTED = "restricted"
    PRESELECTION = "preselection"
    DIALOGUE = "dialogue"
    NEGOTIATED = "negotiated"
    PURCHASE_ORDER = "purchase_order"
    CONTEST = "contest"
    UNSOLICITED = "unsolicited"


class LegalForm(StrEnum):
    """Legal forms that reservations tell apart."""

    COMPANY = "company"
    COOPERATIVE = "cooperative"
    AUTO_ENTREPRENEUR = "auto_entrepreneur"
    ASSOCIATION = "association"


class Part(StrEnum):
    """Lists of a startup's evidence that its owner can call complete."""

    REFERENCES = "references"
    CERTIFICATES = "certificates"
    TEAM = "team"
    EQUIPMENT = "equipment"
    LABELS = "labels"
    TURNOVER = "turnover"
    REGIONS = "regions"
    LANGUAGES = "languages"
    DOCUMENTS = "documents"


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a call asks. ``id`` is stable within a version of the call (``certificate:iso-9001``,
    ``references``, ``turnover@2`` for lot 2); ``quote`` and ``field`` say where it was read.
    """

    id: str
    kind: Kind
    value: Value
    lot: str | None = None
    quote: str = ""
    field: str | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A part that can be bid for alone. ``trades``: see ``TenderFacts``."""

    id: str
    title: str
    trades: frozenset[str] = frozenset()
    value: Money | None = None


@dataclass(frozen=True, slots=True)
class TenderFacts:
    """A call as rules see it.

    ``trades`` are the kinds of work it is about (CPV divisions and trades of ``matching.trades``), by which references
    are similar or not. ``reserved`` empty: said to be open to all; ``None``: nothing is said. ``published`` and
    ``deadline`` are instants in the zone of the call, so that their days are its days. ``international``: the notice
    calls itself so, or is above the thresholds of treaties; ``invited``: the ids of those who were asked to bid, where
    only they may.
    """

    id: str
    country: str | None = None
    sector: Literal["public", "private"] | None = None
    category: Literal["works", "goods", "services"] | None = None
    procedure: Procedure | None = None
    buyer: str | None = None
    region: str | None = None
    value: Money | None = None
    published: dt.datetime | None = None
    deadline: dt.datetime | None = None
    international: bool | None = None
    invited: frozenset[str] | None = None
    reserved: frozenset[ReservedGroup] | None = None
    trades: frozenset[str] = frozenset()
    lots: tuple[LotFacts, ...] = ()
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class YearTurnover:
    """The turnover of a calendar year, before tax."""

    year: int
    turnover: Amount


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate the startup holds; ``expires`` is its last day."""

    name: str
    scheme: Scheme = Scheme.OTHER
    sector: str | None = None
    qualifications: tuple[str, ...] = ()
    grade: str | None = None
    issuer: str | None = None
    expires: dt.date | None = None


@dataclass(frozen=True, slots=True)
class HeldReference:
    """A delivered contract; ``attested``: the startup has the buyer's attestation at hand."""

    title: str
    buyer: str | None = None
    value: Amount | None = None
    date: dt.date | None = None
    trades: frozenset[str] = frozenset()
    attested: bool | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the team by role, without a name."""

    role: str
    years: int | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A paper of the administrative file (tax, social security, register ...); ``expires`` is its last day."""

    kind: str
    issuer: str | None = None
    issued: dt.date | None = None
    expires: dt.date | None = None


@dataclass(frozen=True, slots=True)
class StartupFacts:
    """A startup's evidence as rules see it."""

    id: str
    country: str | None = None
    regions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    founded: int | None = None
    legal_form: LegalForm | None = None
    employees: int | None = None
    turnover: tuple[YearTurnover, ...] = ()
    balance_sheet: Amount | None = None
    labels: tuple[str, ...] = ()
    certificates: tuple[HeldCertificate, ...] = ()
    references: tuple[HeldReference, ...] = ()
    team: tuple[Member, ...] = ()
    equipment: tuple[str, ...] = ()
    documents: tuple[HeldDocument, ...] = ()
    cash: Amount | None = None
    complete: frozenset[Part] = frozenset()


@dataclass(frozen=True, slots=True)
class Moment:
    """When and with which rates of exchange is judged: nothing here reads a clock.

    ``rates``: units of Moroccan dirham for one unit of a currency, as of ``rates_as_of``.
    """

    as_of: dt.datetime
    rates: tuple[tuple[str, Decimal], ...] = ()
    rates_as_of: dt.date | None = None
