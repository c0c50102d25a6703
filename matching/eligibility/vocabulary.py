"""The closed list of facts that rules may name, each with its type and with what settles it where it is unknown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from matching.eligibility.case import Case, lot_of
from matching.eligibility.facts import LegalForm, Part, Procedure
from matching.eligibility.sums import Range, Sum, asked_sum, held_sum
from matching.eligibility.verdicts import Settlement, Settler
from matching.requirements.findings import Count as Number
from matching.requirements.findings import Days as Period
from matching.requirements.findings import (
    Demand,
    Kind,
    Languages,
    Money,
    Payment,
    Percent,
    Permission,
    References,
    Reservation,
    ReservedGroup,
    Turnover,
)
from matching.text import fold

FactType: TypeAlias = Literal["text", "number", "money", "words", "flag", "instant"]
FactValue: TypeAlias = str | Range | Sum | frozenset[str] | bool

_INNOVATIVE: Final = ("innov", "مبتكر", "ابتكار")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact by its name in rules. ``values``: the closed list of what a text or a set of words may hold."""

    name: str
    type: FactType
    settle: Settlement
    read: Callable[[Case], FactValue | None]
    values: frozenset[str] | None = None

    @property
    def short(self) -> str:
        """Its name in the sentences of a rule."""
        return self.name.partition(".")[2]


def _buyer(what: str) -> Settlement:
    return Settlement(Settler.BUYER, what)


def _document(what: str) -> Settlement:
    return Settlement(Settler.DOCUMENT, what)


def _profile(what: str, part: Part | None = None) -> Settlement:
    return Settlement(Settler.PROFILE, what, part)


def whole(number: int | Decimal) -> Range:
    """A number that is known exactly."""
    return Range(Decimal(number), Decimal(number))


def _seconds(when: dt.datetime | None) -> Range | None:
    return None if when is None else whole(Decimal(str(when.timestamp())))


def _estimate(case: Case) -> Sum | None:
    if case.tender.value is not None:
        return asked_sum(case.tender.value)
    told = {c.value for c in case.clauses(Kind.ESTIMATE) if isinstance(c.value, Money) and lot_of(c) is None}
    return asked_sum(told.pop()) if len(told) == 1 else None


def _publicity(case: Case) -> Range | None:
    published, deadline = case.tender.published, case.tender.deadline
    return None if published is None or deadline is None else whole((deadline.date() - published.date()).days)


def _reserved(case: Case) -> frozenset[str] | None:
    """What the text says and, where it is silent, the field of the notice."""
    told = [c.value.groups for c in case.clauses(Kind.RESERVED) if isinstance(c.value, Reservation) and not lot_of(c)]
    if told:
        return frozenset(group.value for groups in told for group in groups)
    return None if case.tender.reserved is None else frozenset(group.value for group in case.tender.reserved)


def _references_asked(case: Case) -> bool | None:
    """Asked of everybody who bids, whatever the lot."""
    clauses = [(c, c.value) for c in case.clauses(Kind.REFERENCES) if isinstance(c.value, References)]
    asked = {lot_of(c) for c, value in clauses if value.required}
    refused = {lot_of(c) for c, value in clauses if not value.required}
    lots = {lot.id for lot in case.tender.lots}
    if asked and refused:
        return None
    if None in asked or (lots and lots <= asked):
        return True
    return False if None in refused or (lots and lots <= refused) else None


def _turnover_asked(case: Case) -> Sum | None:
    sums = [c.value for c in case.clauses(Kind.TURNOVER) if isinstance(c.value, Turnover) and lot_of(c) is None]
    if not sums or len({each.currency for each in sums}) > 1:
        return None
    most = max(sums, key=lambda each: each.amount)
    return Sum(most.amount, most.currency, "before")


def _lot_count(case: Case) -> Range | None:
    if case.tender.lots:
        return whole(len(case.tender.lots))
    told = {c.value.number for c in case.clauses(Kind.LOTS) if isinstance(c.value, Number)}
    return whole(told.pop()) if len(told) == 1 else None


def _validity(case: Case) -> Range | None:
    told = {c.value.days for c in case.clauses(Kind.VALIDITY) if isinstance(c.value, Period)}
    return whole(told.pop()) if len(told) == 1 else None


def _preference(case: Case) -> Range | None:
    told = {c.value.percent for c in case.clauses(Kind.PREFERENCE) if isinstance(c.value, Percent)}
    return whole(told.pop()) if len(told) == 1 else None


def _payment(name: Literal["retention_percent", "definitive_bond_percent"]) -> Callable[[Case], FactValue | None]:
    def read(case: Case) -> FactValue | None:
        told = {getattr(c.value, name) for c in case.clauses(Kind.PAYMENT) if isinstance(c.value, Payment)} - {None}
        return whole(told.pop()) if len(told) == 1 else None

    return read


def _filing(case: Case) -> str | None:
    told = {c.value.stance for c in case.clauses(Kind.ELECTRONIC_FILING) if isinstance(c.value, Demand)}
    return told.pop() if len(told) == 1 else None


def _consortium(case: Case) -> bool | None:
    told = {c.value.allowed for c in case.clauses(Kind.CONSORTIUM) if isinstance(c.value, Permission)}
    return told.pop() if len(told) == 1 else None


def _bid_languages(case: Case) -> frozenset[str] | None:
    codes = [code for c in case.clauses(Kind.LANGUAGE) if isinstance(c.value, Languages) for code in c.value.codes]
    return frozenset(codes) or None


def _bond(case: Case) -> Sum | None:
    told = [c.value for c in case.clauses(Kind.BOND) if isinstance(c.value, Money) and lot_of(c) is None]
    return asked_sum(told[0]) if len(told) == 1 else None


def _invited(case: Case) -> bool | None:
    if case.startup is None or case.tender.invited is None:
        return None
    return case.startup.id in case.tender.invited


def _turnover(case: Case) -> Sum | None:
    """That of the latest year told, before tax."""
    if case.startup is None or not case.startup.turnover:
        return None
    latest = max(case.startup.turnover, key=lambda each: (each.year, each.turnover.amount))
    return held_sum(latest.turnover, "before")


def _innovative(case: Case) -> bool | None:
    """A label that says so. No law defines such a firm, so that nobody is known not to be one."""
    labels = case.startup.labels if case.startup else ()
    return True if any(word in fold(label) for label in labels for word in _INNOVATIVE) else None


def _labels(case: Case) -> frozenset[str] | None:
    if case.startup is None or not (case.startup.labels or Part.LABELS in case.startup.complete):
        return None
    return frozenset(fold(label) for label in case.startup.labels)


def _age(case: Case) -> Range | None:
    """Founded within a year: one of two numbers of years."""
    if case.startup is None or case.startup.founded is None:
        return None
    years = case.moment.as_of.year - case.startup.founded
    return Range(Decimal(years - 1), Decimal(years))


_FACTS: Final = (
    Fact("moment.as_of", "instant", _buyer("deadline"), lambda c: _seconds(c.moment.as_of)),
    Fact("tender.country", "text", _buyer("country"), lambda c: c.tender.country),
    Fact("tender.sector", "text", _buyer("sector"), lambda c: c.tender.sector, frozenset({"public", "private"})),
    Fact(
        "tender.category",
        "text",
        _buyer("category"),
        lambda c: c.tender.category,
        frozenset({"works", "goods", "services"}),
    ),
    Fact("tender.procedure", "text", _buyer("procedure"), lambda c: c.tender.procedure, frozenset(Procedure)),
    Fact("tender.value", "money", _buyer("estimate"), _estimate),
    Fact("tender.currency", "text", _buyer("currency"), lambda c: c.tender.value.currency if c.tender.value else None),
    Fact("tender.deadline", "instant", _buyer("deadline"), lambda c: _seconds(c.tender.deadline)),
    Fact("tender.publicity_days", "number", _buyer("published"), _publicity),
    Fact("tender.international", "flag", _buyer("international"), lambda c: c.tender.international),
    Fact("tender.reserved", "words", _document("reserved"), _reserved, frozenset(ReservedGroup)),
    Fact("tender.references_asked", "flag", _document("references"), _references_asked),
    Fact("tender.turnover_asked", "money", _document("turnover"), _turnover_asked),
    Fact("tender.bond", "money", _document("bond"), _bond),
    Fact("tender.lot_count", "number", _document("lots"), _lot_count),
    Fact("tender.validity_days", "number", _document("validity"), _validity),
    Fact("tender.preference_percent", "number", _document("preference"), _preference),
    Fact("tender.retention_percent", "number", _document("payment"), _payment("retention_percent")),
    Fact("tender.definitive_bond_percent", "number", _document("payment"), _payment("definitive_bond_percent")),
    Fact(
        "tender.electronic_filing",
        "text",
        _document("electronic_filing"),
        _filing,
        frozenset({"required", "allowed", "refused"}),
    ),
    Fact("tender.consortium_allowed", "flag", _document("consortium"), _consortium),
    Fact("tender.languages", "words", _document("language"), _bid_languages),
    Fact(
        "tender.invited_count",
        "number",
        _buyer("invited"),
        lambda c: None if c.tender.invited is None else whole(len(c.tender.invited)),
    ),
    Fact("startup.invited", "flag", _buyer("invited"), _invited),
    Fact("startup.country", "text", _profile("country"), lambda c: c.startup.country if c.startup else None),
    Fact(
        "startup.legal_form",
        "text",
        _profile("legal_form"),
        lambda c: c.startup.legal_form if c.startup else None,
        frozenset(LegalForm),
    ),
    Fact(
        "startup.employees",
        "number",
        _profile("employees"),
        lambda c: whole(c.startup.employees) if c.startup and c.startup.employees is not None else None,
    ),
    Fact("startup.turnover", "money", _profile("turnover", Part.TURNOVER), _turnover),
    Fact(
        "startup.balance_sheet",
        "money",
        _profile("balance_sheet"),
        lambda c: held_sum(c.startup.balance_sheet, "before") if c.startup and c.startup.balance_sheet else None,
    ),
    Fact("startup.labels", "words", _profile("labels", Part.LABELS), _labels),
    Fact("startup.innovation_label", "flag", _profile("labels", Part.LABELS), _innovative),
    Fact("startup.age_years", "number", _profile("founded"), _age),
)

FACTS: Final = {fact.name: fact for fact in _FACTS}
