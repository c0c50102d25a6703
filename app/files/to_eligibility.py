"""The one place where a record becomes facts that rules look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from matching.eligibility.asked import clauses_of
from matching.eligibility.facts import (
    HeldCertificate,
    HeldReference,
    LotFacts,
    StartupFacts,
    TenderFacts,
    YearTurnover,
)
from matching.eligibility.procedures import procedure_of, says_international
from matching.eligibility.similar import trades_told
from matching.requirements.findings import Finding, Kind, ReservedGroup, Scheme
from matching.requirements.findings import Money as Asked
from matching.text import fold
from matching.types import Amount
from scrapers.fields import Money
from scrapers.normalise import HOME_ZONE, Edge, to_instant, zone_of_country
from scrapers.records import ReferenceRecord, StartupRecord, TenderRecord

_SCHEMES = ((Scheme.ISO, "iso"), (Scheme.APPROVAL, "agrement"), (Scheme.QUALIFICATION, "qualification"))


def tender_facts(record: TenderRecord, findings: Iterable[Finding] = (), *, trades: bool = True) -> TenderFacts:
    """A call with what was found in its texts. ``trades`` off: without what only tells references apart, which is the
    costly part.
    """
    reserved = record.reserved_sme
    return TenderFacts(
        id=record.id,
        country=record.country,
        sector=record.sector,
        category=record.category,
        procedure=procedure_of(record.procedure),
        buyer=record.buyer.name if record.buyer else None,
        region=record.place,
        value=_asked(record.value),
        published=_instant(record.published, record.country, "start"),
        deadline=_instant(record.deadline, record.country, "end"),
        international=says_international(record.procedure),
        reserved=None if reserved is None else frozenset({ReservedGroup.SME} if reserved else ()),
        trades=trades_told((record.title, *record.activities), record.cpv) if trades else frozenset(),
        lots=tuple(
            LotFacts(
                lot.id, lot.title, trades_told((lot.title,), lot.cpv) if trades else frozenset(), _asked(lot.value)
            )
            for lot in record.lots
        ),
        clauses=clauses_of(tuple(findings) or _fields(record)),
    )


def startup_facts(record: StartupRecord, as_of: dt.datetime) -> StartupFacts:
    """A startup as its flat record tells it on the day of the question: nothing in it is said to be complete.

    Its turnover bears no year and is taken as that of the last one that is over.
    """
    turnover = record.turnover
    return StartupFacts(
        id=record.id,
        country=record.country,
        regions=tuple(dict.fromkeys((*record.regions, *([record.city] if record.city else [])))),
        languages=record.languages,
        founded=record.founded,
        employees=record.employees,
        turnover=(YearTurnover(as_of.year - 1, Amount(turnover.amount, turnover.currency)),) if turnover else (),
        labels=tuple(label.name for label in record.labels),
        certificates=tuple(HeldCertificate(name, _scheme(name)) for name in record.certifications),
        references=tuple(map(_reference, record.references)),
    )


def _fields(record: TenderRecord) -> Iterable[Finding]:
    """What the flat contract itself says, where nothing was read out of the call, which finds that too."""
    bond = _asked(record.bond)
    if bond is not None:
        yield Finding(Kind.BOND, bond, "", 0, 0, 1.0, "bond")


def _asked(money: Money | None) -> Asked | None:
    if money is None:
        return None
    told = (money.model_extra or {}).get("tax_included")
    return Asked(Decimal(money.amount), money.currency, told if isinstance(told, bool) else None)


def _instant(when: dt.datetime | dt.date | None, country: str | None, edge: Edge) -> dt.datetime | None:
    """In the zone of the call, so that its day is the day that the notice names."""
    if when is None:
        return None
    zone = zone_of_country(country) or HOME_ZONE
    return to_instant(when, zone, edge)[0].astimezone(zone)


def _scheme(name: str) -> Scheme:
    folded = " ".join(fold(word) for word in name.split())
    return next((scheme for scheme, word in _SCHEMES if word in folded), Scheme.OTHER)


def _reference(reference: ReferenceRecord) -> HeldReference:
    attested = (reference.model_extra or {}).get("attested")
    return HeldReference(
        title=reference.title,
        buyer=reference.buyer,
        value=None if reference.value is None else Amount(reference.value.amount, reference.value.currency),
        date=reference.date,
        trades=trades_told((reference.title,), reference.cpv),
        attested=attested if isinstance(attested, bool) else None,
    )
