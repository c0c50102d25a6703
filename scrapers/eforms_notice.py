"""One eForms notice to the fields of a tender: planned, called for, changed, cancelled, or ended by its result.

Versions of one call are joined by the procedure's identifier (BT-04). A planning notice keeps the identifier of its
notice, since a pre-information is never the call that follows. Reference for the paths: the SDK's field list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from scrapers.eforms_lots import country_of, cpv_of, lot_fields, place_of, shared_by_lots
from scrapers.eforms_xml import (
    UBL,
    Node,
    Reading,
    chosen,
    each,
    extension,
    first,
    flag,
    in_languages,
    outline,
    said,
    value,
    values,
)  # fmt: skip
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.normalise import zone_of_country
from scrapers.ted_codes import CATEGORIES, FORMS, PLANNING, STATUSES, country_code, language_code

ROOTS = frozenset({"ContractNotice", "PriorInformationNotice", "ContractAwardNotice"})
_BUSINESS = "BusinessRegistrationInformationNotice"
_BRIN = "http://data.europa.eu/p27/eforms-business-registration-information-notice/1"
_NO_ID = frozenset({"not available", "n/a", "na", "none", "unknown", "-", "--", "."})
SITE = "https://ted.europa.eu/en/notice/-/detail/"


@dataclass(slots=True)
class Organisation:
    """A company of the notice, without its contacts."""

    id: str | None
    name: str | None
    country: str | None
    size: str | None = None

    def fields(self) -> dict[str, str]:
        """What a record keeps of it."""
        found = {"id": self.id, "name": self.name, "country": self.country}
        return {name: text for name, text in found.items() if text}


@dataclass(slots=True)
class EformsNotice:
    """A notice whose identity has been read; the rest is read from its elements when asked for."""

    root: Node
    extension: Node | None
    reading: Reading
    type: str
    form: str
    notice_id: str
    version: str
    procedure_id: str | None
    publication: str | None
    organisations: dict[str, Organisation]
    buyers: list[Organisation]
    changes: Node | None
    project: Node | None
    fields: dict[str, object] = field(default_factory=dict)

    @property
    def changed_notice(self) -> str | None:
        """The notice that this one replaces: identifier and version (BT-758)."""
        return value(self.changes, "efbc:ChangedNoticeIdentifier")

    @property
    def reason(self) -> str | None:
        """Why it replaces it (BT-140): "cancel", "update-add" ..."""
        return value(self.changes, "efac:ChangeReason", "cbc:ReasonCode")

    @property
    def origin(self) -> str:
        """The identifier of the first version of this notice, as far as this version tells."""
        changed = self.changed_notice or ""
        return changed.rpartition("-")[0] if changed.count("-") == 5 else changed or self.notice_id

    @property
    def tender_id(self) -> str:
        """What joins the versions of one call."""
        return self.origin if self.form == PLANNING or not self.procedure_id else self.procedure_id

    @property
    def country(self) -> str | None:
        """Where the work is done, by the notice or else by its lots; else where the buyer is."""
        projects = (self.project, *each(self.root, "cac:ProcurementProjectLot", "cac:ProcurementProject"))
        place = next((land for project in projects if (land := country_of(project))), None)
        return place or (self.buyers[0].country if self.buyers else None)


def is_eforms(name: str) -> bool:
    """Whether a root element of this full name is that of an eForms notice of any kind."""
    namespace, _, local = name[1:].partition("}")
    return (local in ROOTS and namespace == f"{UBL}{local}-2") or (local == _BUSINESS and namespace == _BRIN)


def read_notice(document: etree._Element, context: Mapping[str, str]) -> EformsNotice:
    """The identity of a notice. ``context``: publication number and date where the search told them.

    Raises RecordRejected for notices that are about no procurement or of an unknown type, and SourceChanged for
    documents without the elements that every notice has.
    """
    if str(document.tag).endswith(_BUSINESS):
        raise RecordRejected("ted.no_procurement", "a notice about the registration of a company")
    root = outline(document)
    code = value(root, "cbc:NoticeTypeCode")
    identifier = next((said(one) for one in each(root, "cbc:ID") if one.get("schemeName") in {"notice-id", None}), None)
    if identifier is None or code is None:
        raise SourceChanged("the notice has no identifier, or does not tell its type")
    form = FORMS.get(code)
    if form is None:
        raise RecordRejected("ted.unknown_type", f"{code[:40]!r} is no type of notice that is known here")
    reading = Reading(languages=_languages(root))
    whole = extension(root)
    organisations = dict(_organisations(whole, reading))
    buyers = [
        organisations[ident]
        for party in each(root, "cac:ContractingParty", "cac:Party", "cac:PartyIdentification", "cbc:ID")
        if (ident := said(party)) in organisations
    ]
    reading.zone = zone_of_country(buyers[0].country) if buyers and buyers[0].country else None
    published = first(whole, "efac:Publication")
    number = _publication_number(value(published, "efbc:NoticePublicationID")) or context.get("publication_number")
    notice = EformsNotice(
        root=root,
        extension=whole,
        reading=reading,
        type=code,
        form=form,
        notice_id=identifier,
        version=value(root, "cbc:VersionID") or "01",
        procedure_id=(value(root, "cbc:ContractFolderID") or "").casefold() or None,
        publication=number,
        organisations=organisations,
        buyers=buyers,
        changes=first(whole, "efac:Changes"),
        project=first(root, "cac:ProcurementProject"),
    )
    notice.fields["published"] = value(published, "efbc:PublicationDate") or context.get("publication_date")
    return notice


def tender_fields(notice: EformsNotice) -> dict[str, object]:
    """The fields of ``TenderRecord``. Raises RecordRejected where the notice has no title at all."""
    root, project, reading = notice.root, notice.project, notice.reading
    titles = in_languages(each(project, "cbc:Name"))
    descriptions = in_languages(each(project, "cbc:Description"))
    title = chosen(titles, reading.languages)
    lots = [
        lot_fields(lot, reading, title)
        for lot in each(root, "cac:ProcurementProjectLot")
        if (ident := first(lot, "cbc:ID")) is not None and ident.get("schemeName") in {"Lot", "Part"}
    ]
    title = title or next((str(lot["title"]) for lot in lots if lot.get("title")), None)
    if title is None:
        raise RecordRejected("ted.no_title", f"the notice {notice.notice_id[:60]} has neither a title nor a named lot")
    place, nuts = place_of(project, reading)
    fields: dict[str, object] = {
        "id": notice.tender_id,
        "title": " ".join(title.split())[:10_000],
        "description": chosen(descriptions, reading.languages),
        "buyer": {key: text for key, text in notice.buyers[0].fields().items() if key != "country"}
        if notice.buyers
        else None,
        "buyer_country": notice.buyers[0].country if notice.buyers else None,
        "buyers": [buyer.name for buyer in notice.buyers if buyer.name] if len(notice.buyers) > 1 else None,
        "sector": "public",
        "sme_suitable": flag(project, "cbc:SMESuitableIndicator"),
        "category": CATEGORIES.get(value(project, "cbc:ProcurementTypeCode") or ""),
        "procedure": (value(root, "cac:TenderingProcess", "cbc:ProcedureCode") or "")[:500],
        "cpv": cpv_of(project, reading),
        "place": place,
        "nuts": nuts,
        "country": notice.country,
        "value": reading.money(first(project, "cac:RequestedTenderTotal", "cbc:EstimatedOverallContractAmount"),
                               "value"),
        "framework_maximum": reading.money(
            first(extension(first(project, "cac:RequestedTenderTotal")), "efbc:FrameworkMaximumAmount"), "framework"
        ),
        "lots": [{"title": title, **lot} for lot in lots if "id" in lot],
        "language": reading.languages[0] if reading.languages else None,
        "titles": titles if len(titles) > 1 else None,
        "descriptions": descriptions if len(descriptions) > 1 else None,
        "reference": value(project, "cbc:ID"),
        "url": SITE + notice.publication if notice.publication else None,
        "status": STATUSES.get(notice.form),
        **identity(notice),
        **_planned(notice),
        **notice.fields,
    }  # fmt: skip
    shared_by_lots(fields, lots)
    if notice.reason == "cancel" and notice.form in STATUSES:
        fields["status"] = "cancelled"
    if reading.unreadable:
        fields["unreadable"] = reading.unreadable
    return {name: found for name, found in fields.items() if found not in (None, "", [], {})}


def identity(notice: EformsNotice) -> dict[str, object]:
    """What the notice says of itself and of the notices it belongs to; every record of it carries this."""
    previous = values(notice.root, "cac:TenderingProcess", "cac:NoticeDocumentReference", "cbc:ID") + [
        ident
        for lot in each(notice.root, "cac:ProcurementProjectLot")
        for ident in values(lot, "cac:TenderingProcess", "cac:NoticeDocumentReference", "cbc:ID")
    ]
    return {
        "procedure_id": notice.procedure_id,
        "notice_id": f"{notice.notice_id}-{notice.version}",
        "notice_type": notice.type,
        "form_type": notice.form,
        "notice_subtype": value(notice.extension, "efac:NoticeSubType", "cbc:SubTypeCode"),
        "publication_number": notice.publication,
        "changed_notice": notice.changed_notice,
        "change_reason": notice.reason,
        "change_text": chosen(
            in_languages(each(notice.changes, "efac:ChangeReason", "efbc:ReasonDescription")), notice.reading.languages
        ),
        "previous_notices": list(dict.fromkeys(previous)),
    }


def _planned(notice: EformsNotice) -> dict[str, object]:
    day = notice.reading.day
    return {
        "dispatched": day(value(notice.root, "cbc:IssueDate")),
        "call_expected": day(value(notice.root, "cbc:PlannedDate")),
    }


def _languages(root: Node) -> list[str]:
    written = [*each(root, "cbc:NoticeLanguageCode"), *each(root, "cac:AdditionalNoticeLanguage", "cbc:ID")]
    return list(dict.fromkeys(code for node in written if (code := language_code(said(node)))))


def _organisations(whole: Node | None, reading: Reading) -> list[tuple[str, Organisation]]:
    found: list[tuple[str, Organisation]] = []
    for organisation in each(whole, "efac:Organizations", "efac:Organization"):
        company = first(organisation, "efac:Company")
        number = value(company, "cac:PartyLegalEntity", "cbc:CompanyID")
        named = chosen(in_languages(each(company, "cac:PartyName", "cbc:Name")), reading.languages)
        one = Organisation(
            id=number[:200] if number and number.casefold() not in _NO_ID else None,
            name=" ".join(named.split())[:500] if named else None,
            country=country_code(value(company, "cac:PostalAddress", "cac:Country", "cbc:IdentificationCode")),
            size=value(company, "efbc:CompanySizeCode"),
        )
        # A touch point is another address of the same organisation; notices refer to either.
        parts = (company, *each(organisation, "efac:TouchPoint"))
        found += [(ident, one) for part in parts if (ident := value(part, "cac:PartyIdentification", "cbc:ID"))]
    return found


def _publication_number(written: str | None) -> str | None:
    """A number of the notice's own ("00123456-2026") as the search writes it ("123456-2026")."""
    number, dash, year = (written or "").partition("-")
    sound = dash and number.isdecimal() and year.isdecimal()
    return f"{int(number)}-{year}" if sound and len(number) < 12 else None
