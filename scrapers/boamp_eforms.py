"""eForms as BOAMP sends them: UBL written as JSON. Lots, the buyer through its reference, shared identifiers.

Business terms of the eForms SDK: BT-04 procedure, BT-21 title, BT-22 reference, BT-24 description, BT-27 value, BT-131
deadline, BT-137 lots, BT-140 reason of a change, BT-15 documents, BT-262/263 CPV, OPT-300 buyer, BT-726 SME.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scrapers.boamp_results import Organization, Organizations, results
from scrapers.boamp_told import Stage, Told
from scrapers.loose_json import (
    Json,
    aslist,
    at_all,
    first_object,
    first_text,
    line,
    objects,
    text,
    texts,
    without_empty,
)
from scrapers.loose_values import cpv_codes, money

_STAGES: dict[str, Stage] = {
    "ContractNotice": "call",
    "ContractAwardNotice": "award",
    "PriorInformationNotice": "planned",
}
_AFTER_AWARD = frozenset({"can-modif", "veat"})
_CALLING_PLAN = "pin-cfc"
"""A prior information notice that is the call itself."""
_EXTENSION = (
    "ext:UBLExtensions", "ext:UBLExtension", "ext:ExtensionContent", "efext:EformsExtension",
)  # fmt: skip
_COMMODITIES = ("cac:MainCommodityClassification", "cac:AdditionalCommodityClassification")
_DOCUMENTS = (
    "cac:TenderingTerms", "cac:CallForTendersDocumentReference", "cac:Attachment", "cac:ExternalReference", "cbc:URI",
)  # fmt: skip
_TENDERS_UNTIL, _REQUESTS_UNTIL = "cac:TenderSubmissionDeadlinePeriod", "cac:ParticipationRequestReceptionPeriod"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_PUBLICATION = re.compile(r"0*(\d{1,8}-\d{4})", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})", re.ASCII)


def eforms(donnees: Json) -> Told | None:
    """What an eForms notice tells; None where the document holds none."""
    for kind, root in first_object(donnees, "EFORMS").items():
        notice = first_object(root)
        if notice:
            return _told(kind, notice)
    return None


def procedure_id(written: str) -> str | None:
    """The shared identifier of a procedure (BT-04), which is a UUID; anything else is no identifier."""
    found = written.strip().casefold()
    return f"bt-04:{found}" if _UUID.fullmatch(found) else None


def _told(kind: str, notice: Json) -> Told:
    unreadable: list[str] = []
    extension = _extension(notice)
    known = Organizations(extension)
    project = first_object(notice, "cac:ProcurementProject")
    lots = [one for one in objects(notice, "cac:ProcurementProjectLot") if _is_lot(one)]
    told = tuple(_lot(position, one, unreadable) for position, one in enumerate(lots, start=1))
    projects = (project, *(first_object(one, "cac:ProcurementProject") for one in lots))
    buyer = _buyer(notice, known)
    suitable = {first_text(one, "cbc:SMESuitableIndicator").casefold() for one in projects} - {""}
    return Told(
        form="eforms",
        stage=_stage(kind, notice, extension),
        title=line(_in_french(project, "cbc:Name"), most=10_000),
        description=_in_french(project, "cbc:Description"),
        buyer_id=buyer.number,
        buyer_name=buyer.name or "",
        cpv=tuple(
            dict.fromkeys(
                [*_cpv(project, unreadable), *(text(code) for one in told for code in aslist(one.get("cpv")))]
            )
        ),
        lots=told,
        value=_value(project, "value", unreadable),
        deadline=next((found for one in (*lots, notice) if (found := _deadline(one))), ""),
        documents=next((uri for one in (*lots, notice) for uri in texts(one, *_DOCUMENTS)), ""),
        reference=line(project, "cbc:ID", most=200),
        procedure_ids=tuple(_shared(notice, extension)),
        sme_suitable="true" in suitable if suitable else None,
        awards=tuple(results(extension, known)),
        unreadable=tuple(unreadable),
    )


def _extension(notice: Json) -> Json:
    """What eForms adds to UBL; a notice may carry other extensions beside it."""
    found: dict[str, object] = {}
    for one in objects(notice, *_EXTENSION):
        found |= one
    return found


def _stage(kind: str, notice: Json, extension: Json) -> Stage | None:
    kinds = set(texts(notice, "cbc:NoticeTypeCode"))
    if kinds & _AFTER_AWARD:
        return "after_award"
    if any(said.startswith(_CALLING_PLAN) for said in kinds):
        return "call"
    if changes := objects(extension, "efac:Changes"):
        reasons = set(texts(changes, "efac:ChangeReason", "cbc:ReasonCode"))
        # A change of a result or of a plan stays one.
        if kind == "ContractNotice":
            return "cancellation" if reasons & {"cancel"} else "correction"
    return _STAGES.get(kind)


def _is_lot(lot: Json) -> bool:
    """Groups of lots and parts of a plan stand in the same list."""
    ident = first_object(lot, "cbc:ID")
    return text(ident.get("@schemeName")) in {"", "Lot"} and bool(first_object(lot, "cac:ProcurementProject"))


def _lot(position: int, lot: Json, unreadable: list[str]) -> dict[str, object]:
    project = first_object(lot, "cac:ProcurementProject")
    ident = line(lot, "cbc:ID", most=200) or str(position)
    return without_empty({
        "id": ident,
        "title": line(_in_french(project, "cbc:Name"), most=10_000),
        "description": _in_french(project, "cbc:Description"),
        "cpv": _cpv(project, unreadable),
        "value": _value(project, f"lots.{ident[:40]}.value", unreadable),
    })  # fmt: skip


def _cpv(project: Json, unreadable: list[str]) -> list[str]:
    """Main codes before additional ones; other classifications stand in the same place and are left out."""
    written = [
        text(code)
        for name in _COMMODITIES
        for code in at_all(project, name, "cbc:ItemClassificationCode")
        if not isinstance(code, dict) or text(code.get("@listName")).casefold() in {"", "cpv"}
    ]
    return cpv_codes(written, unreadable)


def _buyer(notice: Json, known: Organizations) -> Organization:
    """The first contracting party: publisher and court stand in the list of organizations too."""
    for reference in texts(notice, "cac:ContractingParty", "cac:Party", "cac:PartyIdentification", "cbc:ID"):
        if found := known.get(reference):
            return found
    return Organization(None, line(notice, "cac:ContractingParty", "cac:Party", "cac:PartyName", "cbc:Name") or None)


def _value(project: Json, where: str, unreadable: list[str]) -> dict[str, str] | None:
    for amount in at_all(project, "cac:RequestedTenderTotal", "cbc:EstimatedOverallContractAmount"):
        currency = text(amount.get("@currencyID")) if isinstance(amount, dict) else ""
        return money(text(amount), currency or "EUR", unreadable, where)
    return None


def _in_french(project: Json, name: str) -> str:
    """The French of several languages, or the first."""
    leaves = at_all(project, name)
    french = [one for one in leaves if isinstance(one, dict) and one.get("@languageID") == "FRA"]
    return next((said for one in (*french, *leaves) if (said := text(one))), "")


def _deadline(lot: Json) -> str:
    """Until when to send tenders or, where only the invited may, requests to take part. Day and time stand apart."""
    process = first_object(lot, "cac:TenderingProcess")
    for period in (*objects(process, _TENDERS_UNTIL), *objects(process, _REQUESTS_UNTIL)):
        ends, clock = _DAY.match(first_text(period, "cbc:EndDate")), first_text(period, "cbc:EndTime")
        if ends:
            return f"{ends[1]}T{clock}" if clock else ends[1]
    return ""


def _shared(notice: Json, extension: Json) -> Iterable[str]:
    if found := procedure_id(first_text(notice, "cbc:ContractFolderID")):
        yield found
    for written in texts(extension, "efac:Publication", "efbc:NoticePublicationID"):
        if published := _PUBLICATION.fullmatch(written):
            yield f"ted:{published[1]}"
