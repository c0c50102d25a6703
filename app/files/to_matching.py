"""The one place where a record becomes a document of ``matching``."""

from __future__ import annotations

import datetime as dt

from matching.types import Amount, Label, LotDoc, ReferenceDoc, StartupDoc, TenderDoc
from scrapers.fields import Money
from scrapers.normalise import HOME_ZONE, Edge, to_instant, zone_of_country
from scrapers.records import LotRecord, ReferenceRecord, StartupRecord, TenderRecord


def tender_doc(record: TenderRecord) -> TenderDoc:
    """A tender as the ranker sees it; instants are in UTC, a day alone is its start or end where the tender is."""
    return TenderDoc(
        id=record.id,
        title=record.title,
        description=record.description,
        buyer=record.buyer.name if record.buyer else None,
        sector=record.sector,
        category=record.category,
        procedure=record.procedure,
        activities=record.activities,
        cpv=record.cpv,
        place=record.place,
        country=record.country,
        value=_amount(record.value),
        published=_instant(record.published, record.country, "start"),
        deadline=_instant(record.deadline, record.country, "end"),
        lots=tuple(map(_lot, record.lots)),
        reserved_sme=record.reserved_sme,
        language=record.language,
    )


def startup_doc(record: StartupRecord) -> StartupDoc:
    """A startup as the ranker sees it."""
    return StartupDoc(
        id=record.id,
        name=record.name,
        description=record.description,
        sectors=record.sectors,
        technologies=record.technologies,
        cpv=record.cpv,
        regions=record.regions,
        city=record.city,
        country=record.country,
        languages=record.languages,
        founded=record.founded,
        employees=record.employees,
        turnover=_amount(record.turnover),
        labels=tuple(Label(label.name, label.issuer) for label in record.labels),
        certifications=record.certifications,
        references=tuple(map(_reference, record.references)),
    )


def _amount(money: Money | None) -> Amount | None:
    return None if money is None else Amount(money.amount, money.currency)


def _instant(when: dt.datetime | dt.date | None, country: str | None, edge: Edge) -> dt.datetime | None:
    if when is None:
        return None
    instant, _ = to_instant(when, zone_of_country(country) or HOME_ZONE, edge)
    return instant.astimezone(dt.UTC)


def _lot(lot: LotRecord) -> LotDoc:
    return LotDoc(lot.id, lot.title, lot.description, lot.cpv, _amount(lot.value))


def _reference(reference: ReferenceRecord) -> ReferenceDoc:
    return ReferenceDoc(
        title=reference.title,
        buyer=reference.buyer,
        cpv=reference.cpv,
        place=reference.place,
        value=_amount(reference.value),
        date=reference.date,
        sector=reference.sector,
    )
