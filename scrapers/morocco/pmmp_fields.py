"""PMMP's pages to the fields of a tender or an award: what is written becomes values, or is named as unreadable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from scrapers.errors import RecordRejected
from scrapers.morocco.notation import Amount, amount_of, category_of, language_of, yes_or_no
from scrapers.morocco.pmmp_detail import Appointment, Detail
from scrapers.morocco.pmmp_kinds import Kind, kind_of_label
from scrapers.morocco.pmmp_list import ListedCall
from scrapers.morocco.pmmp_lots import Lot
from scrapers.normalise import Edge

SITE = "https://www.marchespublics.gov.ma"
_NOTICE = "/index.php?page=entreprise.EntrepriseDetailsConsultation&refConsultation={ref}&orgAcronyme={org}"
_DOCUMENTS = "/index.php?page=entreprise.EntrepriseDemandeTelechargementDce&refConsultation={ref}&orgAcronyme={org}"
_FILE = "/index.php?page=entreprise.EntrepriseDownloadAvisJAL&refConsultation={ref}&orgAcronyme={org}&idAvis="
_WORD = 500
_TITLE = 10_000
_COUNTRY = "MAROC"
_CLOSED_TO_ELECTRONIC = "reponse-elec-non"
LocalTime = Callable[[str, str, Edge], dict[str, str]]
"""``Source.local_time``."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is known of one consultation or announcement: its row, its page, its lots; each may be missing."""

    row: ListedCall | None = None
    detail: Detail | None = None
    lots: Sequence[Lot] = ()
    ref: str = ""
    org: str = ""

    @property
    def kind(self) -> Kind | None:
        """The page says it, otherwise the row; None where neither does."""
        said = kind_of_label(self.detail.announcement) if self.detail else None
        return said or (self.row.kind if self.row else None)

    @property
    def id(self) -> str:
        """Both of its numbers, or the first where the second is not known."""
        return "-".join(part for part in (self.ref, self.org) if part)


@dataclass(slots=True)
class _Reading:
    """Values being read: what cannot be is named, and left unknown."""

    local_time: LocalTime
    unreadable: list[str] = field(default_factory=list)

    def amount(self, name: str, written: str, label: str = "") -> Amount | None:
        try:
            return amount_of(written, label) if written else None
        except ValueError as error:
            self.unreadable.append(f"{name}: {written[:40]!r} {error}")
            return None

    def time(self, name: str, written: str, edge: Edge) -> dict[str, str]:
        try:
            return self.local_time(name, written, edge) if written else {}
        except RecordRejected as refusal:
            self.unreadable.append(refusal.reason)
            return {}


def tender_fields(notice: Notice, local_time: LocalTime) -> dict[str, object]:
    """The fields of a tender (``scrapers.records.TenderRecord``). Raises RecordRejected where it has no text."""
    row, detail = notice.row or ListedCall(), notice.detail or Detail()
    reading = _Reading(local_time)
    lots = [_lot(lot, reading) for lot in notice.lots]
    own = reading.amount("estimate", detail.estimate, detail.estimate_label)
    summed = None if own else _sum(notice.lots)
    reserved = yes_or_no(detail.reserved)
    fields: dict[str, object] = {
        **_shared(notice),
        "procedure": (row.procedure or detail.procedure)[:_WORD],
        "procedure_code": row.procedure_code,
        "activities": [activity[:_WORD] for activity in detail.activities],
        "value": own or summed,
        "value_from_lots": bool(summed) or None,
        "bond": reading.amount("bond", detail.bond),
        **reading.time("published", row.published, "start"),
        **reading.time("deadline", detail.deadline or row.deadline, "end"),
        "lots": lots,
        "has_lots": bool(lots) or row.has_lots or (detail.lots or 0) > 1,
        "number_of_lots": detail.lots,
        "reserved_sme": reserved if reserved is not None else _together(lots),
        "status": _status(notice),
        "documents_url": _address(_DOCUMENTS, notice),
        "environment_clause": notice.row.environment_clause if notice.row else None,
        "e_response": row.e_response,
        "e_submission": _electronic(row.e_response),
        "award_mode": detail.award_mode,
        "documents_price": reading.amount("documents price", detail.documents_price),
        "variants": yes_or_no(detail.variants),
        "qualifications": detail.qualifications,
        "approvals": detail.approvals,
        "appointments": list(_appointments(detail.appointments)),
        "unreadable": reading.unreadable,
    }
    return _filled(fields)


def award_fields(notice: Notice, local_time: LocalTime) -> dict[str, object]:
    """The fields of an award (``scrapers.records.AwardRecord``). Raises RecordRejected where it has no text.

    The portal names neither winners nor amounts, and not the call: they stand in the files, which are mostly scanned.
    Who reads the record knows that there is a result, at which buyer, under which reference, and since when.
    """
    published = _Reading(local_time).time("date", notice.row.published if notice.row else "", "start")
    return _filled(
        {
            **_shared(notice),
            "date": published.get("date", "")[:10],
            "outcome": "unknown",
            "files": _files(notice),
        }
    )


def _shared(notice: Notice) -> dict[str, object]:
    row, detail = notice.row or ListedCall(), notice.detail or Detail()
    title = detail.title or row.title or "; ".join(lot.title for lot in notice.lots)
    if not title:
        raise RecordRejected("pmmp.no_title", f"consultation {notice.id} has no object")
    places = list(row.places or detail.places)
    written = row.category or detail.category or _one_category(notice.lots)
    return {
        "id": notice.id,
        "ref": notice.ref,
        "org": notice.org,
        "title": title[:_TITLE],
        "reference": (row.reference or detail.reference)[:_WORD],
        "buyer": _filled({"id": notice.org, "name": (row.buyer or _body(detail.entity))[:_WORD]}) or None,
        "buyer_entity": detail.entity,
        "sector": "public",
        "category": category_of(written),
        "category_text": written,
        "place": _cut_list([place for place in places if place != _COUNTRY] or places),
        "places": places,
        "language": language_of(title),
        "announcement": notice.kind,
        "announcement_text": detail.announcement,
        "url": _address(_NOTICE, notice),
    }


def _lot(lot: Lot, reading: _Reading) -> dict[str, object]:
    return _filled(
        {
            "id": lot.number,
            "title": (lot.title or lot.description or f"Lot {lot.number}")[:_TITLE],
            "description": lot.description,
            "category": category_of(lot.category),
            "value": reading.amount(f"lot {lot.number}: estimate", lot.estimate, lot.estimate_label),
            "bond": reading.amount(f"lot {lot.number}: bond", lot.bond),
            "reserved_sme": yes_or_no(lot.reserved),
            "variants": yes_or_no(lot.variants),
            "environment_clause": yes_or_no(lot.environment_clause),
            "qualifications": lot.qualifications,
            "approvals": lot.approvals,
            "appointments": list(_appointments(lot.appointments)),
        }
    )


def _appointments(found: Sequence[Appointment]) -> Iterator[dict[str, object]]:
    return (_filled({"what": one.what, "when": one.when, "where": one.where}) for one in found)


def _status(notice: Notice) -> str | None:
    """In the words of OCDS; None where nothing tells whether the call is still open."""
    if notice.detail and notice.detail.cancelled:
        return "cancelled"
    return "planned" if notice.kind == "information" else None


def _sum(lots: Sequence[Lot]) -> Amount | None:
    """The lots together, where every one of them has an estimate, and all are of one kind.

    That the lots make up the whole is an inference: a record whose value was found so says ``value_from_lots``.
    """
    found: list[Amount] = []
    for lot in lots:
        try:
            amount = amount_of(lot.estimate, lot.estimate_label)
        except ValueError:
            return None
        if amount is None:
            return None
        found.append(amount)
    kinds = {(amount["currency"], amount.get("tax_included")) for amount in found}
    if len(kinds) != 1:
        return None
    return {**found[0], "amount": str(sum(Decimal(amount["amount"]) for amount in found))}


def _together(lots: Sequence[Mapping[str, object]]) -> bool | None:
    """What all lots say; None where they differ, or one says nothing."""
    said = {lot.get("reserved_sme") for lot in lots}
    found = said.pop() if len(said) == 1 else None
    return found if isinstance(found, bool) else None


def _one_category(lots: Sequence[Lot]) -> str:
    written = {lot.category for lot in lots}
    return written.pop() if len(written) == 1 else ""


def _electronic(picture: str) -> bool | None:
    """Whether offers may be sent electronically; None where the row has no picture for it."""
    return None if not picture else not picture.startswith(_CLOSED_TO_ELECTRONIC)


def _body(entity: str) -> str:
    """``RMTA / CUKS - Commune urbaine de X``: the parent's code, the body's code, the body's name."""
    _, parent, rest = entity.partition(" / ")
    code, dash, name = (rest if parent else entity).partition(" - ")
    return name if dash and parent else code if parent and not dash else entity


def _cut_list(places: Sequence[str]) -> str:
    """As many places as fit into one word of the record."""
    said = ""
    for place in places:
        if len(said) + len(place) + 2 > _WORD:
            break
        said = f"{said}, {place}" if said else place
    return said


def _address(pattern: str, notice: Notice) -> str:
    return SITE + pattern.format(ref=notice.ref, org=notice.org) if notice.ref and notice.org else ""


def _files(notice: Notice) -> list[str]:
    address = _address(_FILE, notice)
    return [address + number for number in notice.detail.files] if address and notice.detail else []


def _filled(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value or value is False}
