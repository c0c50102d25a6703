"""The one place where a profile and its evidence become the facts that rules look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.files.to_eligibility import startup_facts as profile_facts
from matching.eligibility.facts import (
    HeldCertificate,
    HeldDocument,
    HeldReference,
    LegalForm,
    Member,
    Part,
    StartupFacts,
    YearTurnover,
)
from matching.eligibility.similar import trades_told
from matching.requirements.findings import Scheme
from matching.text import fold
from matching.types import Amount
from scrapers.evidence import CertificateRecord, EvidenceRecord, PaperKind, PaperRecord, ShownReference, Sum
from scrapers.records import StartupRecord


def startup_facts(
    startup_id: str, record: StartupRecord, evidence: EvidenceRecord | None, as_of: dt.datetime
) -> StartupFacts:
    """A startup as rules see it at an instant: its profile, and what it can show beside it.

    What stands in both counts once, as the evidence tells it. Labels that have ended by ``as_of`` are left out;
    certificates and papers carry their own last day.
    """
    told = replace(profile_facts(record, as_of), id=startup_id)
    if evidence is None:
        return told
    return replace(
        told,
        legal_form=LegalForm(evidence.legal_form) if evidence.legal_form else None,
        turnover=tuple(_turnover(told.turnover, evidence)),
        balance_sheet=_sum(evidence.balance_sheet),
        labels=tuple(_labels(told.labels, evidence, as_of.date())),
        certificates=tuple(_certificates(told.certificates, evidence.certificates)),
        references=tuple(_references(told.references, evidence.references)),
        team=tuple(Member(one.role, one.years, one.count) for one in evidence.team),
        equipment=evidence.equipment,
        documents=tuple(map(_document, evidence.documents)),
        cash=_sum(evidence.cash),
        complete=frozenset(map(Part, evidence.complete)),
    )


def _turnover(told: Iterable[YearTurnover], evidence: EvidenceRecord) -> list[YearTurnover]:
    """The years of both, the newest first; the profile's, which tells no year itself, only where there is no other."""
    years = {one.year: one for one in told}
    years |= {one.year: YearTurnover(one.year, _amount(one.turnover)) for one in evidence.turnover}
    return [years[year] for year in sorted(years, reverse=True)]


def _labels(told: Iterable[str], evidence: EvidenceRecord, day: dt.date) -> Iterator[str]:
    """Names of labels, each once; an ended one is left out even where the profile names it too."""
    dated = {_key(label.name): label for label in evidence.labels}
    yield from (name for name in told if _key(name) not in dated)
    yield from (label.name for label in dated.values() if label.expires is None or label.expires >= day)


def _certificates(
    told: Iterable[HeldCertificate], shown: Iterable[CertificateRecord]
) -> Iterator[HeldCertificate]:  # fmt: skip
    named = {_key(one.name): one for one in told}
    for one in shown:
        known = named.pop(_key(one.name), None)
        yield HeldCertificate(
            name=one.name,
            scheme=Scheme(one.scheme) if one.scheme else _scheme(one.name, known),
            sector=one.sector,
            qualifications=one.qualifications,
            grade=one.grade,
            issuer=one.issuer,
            expires=one.expires,
        )
    yield from named.values()


def _scheme(name: str, known: HeldCertificate | None) -> Scheme:
    """What sort of certificate a name alone tells: ISO standards say so themselves."""
    if known is not None:
        return known.scheme
    return Scheme.ISO if _key(name).startswith("iso") else Scheme.OTHER


def _references(told: Iterable[HeldReference], shown: Iterable[ShownReference]) -> Iterator[HeldReference]:
    known: set[tuple[str, dt.date | None]] = set()
    for one in shown:
        known.add((_key(one.title), one.date))
        yield HeldReference(
            title=one.title,
            buyer=one.buyer,
            value=_sum(one.value),
            date=one.date,
            trades=trades_told((one.title,), one.cpv),
            attested=one.attested,
        )
    yield from (one for one in told if (_key(one.title), one.date) not in known)


def _document(paper: PaperRecord) -> HeldDocument:
    kind = paper.name if paper.kind is PaperKind.OTHER and paper.name else paper.kind.value
    return HeldDocument(kind, paper.issuer, paper.issued, paper.expires)


def _sum(money: Sum | None) -> Amount | None:
    return None if money is None else _amount(money)


def _amount(money: Sum) -> Amount:
    return Amount(money.amount, money.currency)


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, fold(name)))
