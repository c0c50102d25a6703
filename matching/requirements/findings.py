"""What a tender asks for, as it was found: kinds, typed values, and the passage that says so.

An amount carries its currency and, where the passage tells, whether tax is in it; ``None`` is unknown everywhere.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeAlias


class Kind(StrEnum):
    """The closed list of what can be found (docs/requirements.md)."""

    BOND = "bond"
    ESTIMATE = "estimate"
    TURNOVER = "turnover"
    REFERENCES = "references"
    CERTIFICATE = "certificate"
    TEAM = "team"
    EQUIPMENT = "equipment"
    LOCAL_PRESENCE = "local_presence"
    RESERVED = "reserved"
    PREFERENCE = "preference"
    CONSORTIUM = "consortium"
    SUBCONTRACTING = "subcontracting"
    SITE_VISIT = "site_visit"
    SAMPLES = "samples"
    ELECTRONIC_FILING = "electronic_filing"
    LANGUAGE = "language"
    DEADLINE = "deadline"
    QUESTIONS_DEADLINE = "questions_deadline"
    LOTS = "lots"
    AWARD_PER_LOT = "award_per_lot"
    WEIGHTS = "weights"
    PAYMENT = "payment"
    VALIDITY = "validity"


class ReservedGroup(StrEnum):
    """Whom a call may be reserved for (Moroccan decree 2-22-431 and EU practice)."""

    SME = "sme"
    INNOVATIVE = "innovative"
    COOPERATIVE = "cooperative"
    AUTO_ENTREPRENEUR = "auto_entrepreneur"
    SOCIAL = "social"


class Scheme(StrEnum):
    """What sort of certificate is asked for."""

    QUALIFICATION = "qualification"
    """Qualification and classification of works firms: sector, qualifications, class."""
    APPROVAL = "approval"
    """Agrément of a domain (study offices: D13 and the like)."""
    ISO = "iso"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Money:
    """A sum asked or told (bond, estimate). ``amount`` 0: the passage says that none is asked."""

    amount: Decimal
    currency: str
    tax_included: bool | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Turnover:
    """Turnover asked: a year's amount, over how many past years (``None``: not said)."""

    amount: Decimal
    currency: str
    years: int | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class References:
    """Reference attestations. ``required`` false: the passage says that none are asked.

    ``count`` how many, ``similar`` of the same kind of work, ``years`` not older than, ``amount`` each at least.
    """

    required: bool = True
    count: int | None = None
    similar: bool | None = None
    years: int | None = None
    amount: Money | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate asked. ``name`` as it is usually written ("ISO 9001", "D13"); ``grade`` the class asked ("4")."""

    name: str
    scheme: Scheme
    sector: str | None = None
    qualifications: tuple[str, ...] = ()
    grade: str | None = None
    lot: str | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Team:
    """Staff asked: ``role`` as written, how many, with how many years; ``cv`` whether CVs must be handed in."""

    role: str | None = None
    count: int | None = None
    years: int | None = None
    cv: bool | None = None


@dataclass(frozen=True, slots=True)
class Equipment:
    """Equipment to be had or hired, as written; ``required`` false where the passage says that none is asked."""

    what: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Presence:
    """An office, shop or service point asked near ``place`` (``None``: not named)."""

    place: str | None = None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Reservation:
    """Whom the call is reserved for; no groups: the passage says that it is not reserved."""

    groups: tuple[ReservedGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a consortium or subcontracting is allowed; the consortium's ``form``, the share that may be passed on."""

    allowed: bool | None
    form: Literal["joint", "several", "either"] | None = None
    """``joint``: solidaire, each answers for all; ``several``: conjoint, each for its part."""
    max_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A visit or the handing in of samples: whether it is asked, mandatory, when and where."""

    required: bool | None = None
    at: When | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that is demanded, allowed or refused: electronic filing, award per lot."""

    stance: Literal["required", "allowed", "refused"]


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages of the bids (ISO 639-1)."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many: lots."""

    number: int


@dataclass(frozen=True, slots=True)
class Percent:
    """A share in percent: the national preference."""

    percent: Decimal


@dataclass(frozen=True, slots=True)
class Weights:
    """How offers are weighed, in percent or points of the sum; lowest price alone is ``price=100, quality=0``."""

    price: Decimal | None = None
    quality: Decimal | None = None
    criteria: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """How and when is paid: delay in days, advance, retention and definitive bond in percent."""

    days: int | None = None
    advance_percent: Decimal | None = None
    retention_percent: Decimal | None = None
    definitive_bond_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days: how long offers stay valid."""

    days: int


When: TypeAlias = dt.datetime | dt.date
"""An aware instant where the zone is known, a naive one where it is not, a date where no hour is told."""

Value: TypeAlias = (
    Money | Turnover | References | Certificate | Team | Equipment | Presence | Reservation | Permission | Event
    | Demand | Languages | Count | Percent | Weights | Payment | Days | dt.datetime | dt.date
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement with its evidence.

    ``quote`` is ``text[start:end]`` of the text that was read; for a structured field it is the field's own text, and
    ``field`` names it. ``confidence`` in [0, 1] (docs/requirements.md says what the numbers mean).
    """

    kind: Kind
    value: Value
    quote: str
    start: int
    end: int
    confidence: float
    field: str | None = None
