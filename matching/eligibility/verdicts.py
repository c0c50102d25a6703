"""The answers of eligibility: pass, fail, or unknown with what would settle it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeAlias

from matching.eligibility.facts import Part
from matching.requirements.findings import Kind
from matching.types import EMPTY_FACTS, Facts


class Outcome(StrEnum):
    """Of one check, and of all of a pair: fail if one fails, else unknown if one is unknown, else pass."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What a check is for. Only those that bind decide the outcome of a pair."""

    BINDS = "binds"
    """The startup may not bid, or loses, where it fails."""
    HINT = "hint"
    """Something to see to or to ask the buyer about (a period that is too short, a bond above the cash at hand)."""
    NOTE = "note"
    """What the law says of such calls; never fails."""


class Settler(StrEnum):
    """Who or what can turn an unknown into an answer."""

    PROFILE = "profile"
    """A field of the startup's profile of evidence."""
    DOCUMENT = "document"
    """A document of the call that was not read, or could not be."""
    BUYER = "buyer"
    """A question to the buyer."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What would settle an unknown: ``what`` names the field (``turnover``, ``employees`` ...) or the piece."""

    by: Settler
    what: str
    part: Part | None = None


Confidence: TypeAlias = Literal["primary", "secondary", "unverified", "estimate"]
"""Read in the law itself; in a synthesis that cites it; told without an article; an estimate of practice, no law."""


@dataclass(frozen=True, slots=True)
class Citation:
    """What a statement about law rests on. Never legal advice."""

    jurisdiction: str
    article: str | None
    source: str
    as_of: dt.date
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict of one rule or clause on one pair.

    ``message`` is a key of the catalogues, told with ``facts``. ``rule`` is the rule's id, ``clause`` the id of the
    clause of the call where it judged one, ``lot`` the lot it is about (``None``: the whole call). ``waivable``: a
    consortium partner may bring what is missing. In ``facts`` a sum is "1000000 MAD", a day or an
    instant as in ISO 8601.
    """

    rule: str
    outcome: Outcome
    message: str
    facts: Facts = field(default_factory=lambda: EMPTY_FACTS)
    kind: Kind | None = None
    clause: str | None = None
    lot: str | None = None
    settle: tuple[Settlement, ...] = ()
    citation: Citation | None = None
    waivable: bool = False
    effect: Effect = Effect.BINDS


@dataclass(frozen=True, slots=True)
class Eligibility:
    """All checks of one pair. ``by_lot``: the outcome for each lot alone, where the call has lots; ``outcome`` is then
    that of the best lot, as any of them can be bid for.
    """

    tender_id: str
    startup_id: str
    outcome: Outcome
    checks: tuple[Check, ...]
    by_lot: MappingProxyType[str, Outcome] = field(default_factory=lambda: MappingProxyType({}))


def joined(outcomes: tuple[Outcome, ...]) -> Outcome:
    """Kleene's strong conjunction: one fail fails all, else one unknown leaves all unknown."""
    if Outcome.FAIL in outcomes:
        return Outcome.FAIL
    return Outcome.UNKNOWN if Outcome.UNKNOWN in outcomes else Outcome.PASS
