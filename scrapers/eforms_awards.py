"""The results in an eForms notice: per lot who won with which tender, or why nobody did.

A result refers to tenders, a tender to a party, a party to organisations; a contract refers to the tenders that won.
Tenders may be listed that did not win: where no contract tells, the first rank does, and ``winners_by`` says how.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scrapers.eforms_lots import cpv_of
from scrapers.eforms_notice import SITE, EformsNotice, identity
from scrapers.eforms_xml import Node, chosen, each, first, in_languages, said, value, values
from scrapers.ted_codes import CANCELLED_BECAUSE, COMPETITION, PLANNING

_OPEN = "open-nw"
_CLOSED = "clos-nw"


@dataclass(frozen=True, slots=True)
class _Index:
    """What results refer to, by the identifiers of this notice."""

    tenders: dict[str, Node]
    parties: dict[str, Node]
    contracts: dict[str, Node]
    lots: dict[str, Node]

    @classmethod
    def of(cls, notice: EformsNotice, result: Node) -> _Index:
        def by_id(nodes: list[Node]) -> dict[str, Node]:
            return {ident: node for node in nodes if (ident := value(node, "cbc:ID"))}

        return cls(
            by_id(each(result, "efac:LotTender")),
            by_id(each(result, "efac:TenderingParty")),
            by_id(each(result, "efac:SettledContract")),
            by_id(each(notice.root, "cac:ProcurementProjectLot")),
        )


def has_results(notice: EformsNotice) -> bool:
    """Whether the notice is about what became of a call."""
    return notice.form not in {PLANNING, COMPETITION}


def award_fields(notice: EformsNotice) -> list[dict[str, object]]:
    """The fields of ``AwardRecord``, one per winning tender of a lot and one per lot that nobody won."""
    result = first(notice.extension, "efac:NoticeResult")
    if result is None:
        return []
    index = _Index.of(notice, result)
    shared = _shared(notice)
    awards = [
        {**shared, **award}
        for position, lot_result in enumerate(each(result, "efac:LotResult"), start=1)
        for award in _of_lot(notice, index, lot_result, position)
    ]
    total = notice.reading.money(first(result, "cbc:TotalAmount"), "notice_value")
    if len(awards) == 1 and "value" not in awards[0] and awards[0]["outcome"] == "awarded" and total:
        awards[0] |= {"value": total, "value_by": "notice"}
    if notice.reason == "cancel":
        for award in awards:
            award["outcome"] = "cancelled"
    return awards


def result_status(awards: Sequence[dict[str, object]], notice: EformsNotice) -> str | None:
    """The status of a call by its results; None where a lot is still open, or where nothing is said."""
    if not has_results(notice) or notice.reason == "cancel":
        return None  # it is the notice about the result that is cancelled
    results = list(each(notice.extension, "efac:NoticeResult", "efac:LotResult"))
    if not results or any(value(one, "cbc:TenderResultCode") == _OPEN for one in results):
        return None
    outcomes = {award["outcome"] for award in awards}
    return (
        "complete"
        if "awarded" in outcomes
        else "unsuccessful"
        if "unsuccessful" in outcomes
        else ("cancelled" if outcomes else None)
    )


def _shared(notice: EformsNotice) -> dict[str, object]:
    told = {
        **identity(notice),
        "tender_id": notice.tender_id,
        "buyer": notice.buyers[0].fields() if notice.buyers else None,
        "country": notice.country,
        "url": SITE + notice.publication if notice.publication else None,
        "reference": (value(notice.project, "cbc:ID") or "")[:500],
        "modified_notices": values(notice.extension, "efac:ContractModification", "efbc:ChangedNoticeIdentifier"),
    }
    return {name: found for name, found in told.items() if found not in (None, "", [], {})}


def _of_lot(notice: EformsNotice, index: _Index, result: Node, position: int) -> Iterator[dict[str, object]]:
    lot_id = value(result, "efac:TenderLot", "cbc:ID")
    code = value(result, "cbc:TenderResultCode")
    if code == _OPEN:
        return
    project = first(index.lots.get(lot_id or ""), "cac:ProcurementProject")
    lot = {
        "lot_id": lot_id[:200] if lot_id else None,
        "title": chosen(in_languages(each(project, "cbc:Name")), notice.reading.languages),
        "cpv": cpv_of(project, notice.reading),
        "offers": _offers(result),
    }
    base = f"{notice.origin}/{lot_id or position}"[:160]
    if code == _CLOSED:
        reason = value(result, "efac:DecisionReason", "efbc:DecisionReasonCode")
        yield _filled({**lot, "id": base, "outcome": CANCELLED_BECAUSE.get(reason or "", "unsuccessful"),
                       "reason": reason})  # fmt: skip
        return
    winning, how = _winning(index, result)
    if not winning:
        yield _filled({**lot, "id": base, "outcome": "awarded"})
    for ident in winning:
        yield _filled({**lot, "id": f"{base}/{ident}"[:200], "outcome": "awarded", "winners_by": how,
                       **_of_tender(notice, index, ident)})  # fmt: skip


def _winning(index: _Index, result: Node) -> tuple[list[str], str]:
    """The tenders of a result that won, and how that is known."""
    listed = values(result, "efac:LotTender", "cbc:ID")
    settled = {
        ident
        for contract in values(result, "efac:SettledContract", "cbc:ID")
        for ident in values(index.contracts.get(contract), "efac:LotTender", "cbc:ID")
    }
    if won := [ident for ident in listed if ident in settled]:
        return won, "contract"
    ranked = [ident for ident in listed if value(index.tenders.get(ident), "cbc:RankCode") == "1"]
    return (ranked, "rank") if ranked else (listed, "list")


def _of_tender(notice: EformsNotice, index: _Index, ident: str) -> dict[str, object]:
    tender = index.tenders.get(ident)
    reading = notice.reading
    party = index.parties.get(value(tender, "efac:TenderingParty", "cbc:ID") or "")
    members = [notice.organisations.get(said(node) or "") for node in each(party, "efac:Tenderer", "cbc:ID")]
    contract = next((one for one in index.contracts.values() if ident in values(one, "efac:LotTender", "cbc:ID")), None)
    title = chosen(in_languages(each(contract, "cbc:Title")), reading.languages)
    return {
        "winners": [
            {**one.fields(), **({"size": one.size} if one.size else {})}
            for one in members
            if one and (one.id or one.name)
        ],
        "value": reading.money(first(tender, "cac:LegalMonetaryTotal", "cbc:PayableAmount"), f"awards.{ident}.value"),
        "date": reading.day(value(contract, "cbc:AwardDate")) or reading.day(value(contract, "cbc:IssueDate")),
        "contract_reference": value(contract, "efac:ContractReference", "cbc:ID"),
        **({"contract_title": " ".join(title.split())} if title else {}),
    }


def _offers(result: Node) -> int | None:
    """How many tenders were received (BT-759 of the kind "tenders")."""
    for statistics in each(result, "efac:ReceivedSubmissionsStatistics"):
        if value(statistics, "efbc:StatisticsCode") == "tenders":
            number = value(statistics, "efbc:StatisticsNumeric") or ""
            whole = number.partition(".")[0]
            return int(whole) if whole.isascii() and whole.isdecimal() and len(whole) < 6 else None
    return None


def _filled(award: dict[str, object]) -> dict[str, object]:
    return {name: found for name, found in award.items() if found not in (None, "", [], {})}
