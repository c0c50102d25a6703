"""Organizations and results of an eForms notice written as JSON: who won which lot, at what price, among how many.

eForms SDK: BT-142 outcome, BT-720 price of a tender, BT-145 date of the contract, BT-759/760 offers received, OPT-300
and OPT-301 references to organizations. A result lists every ranked tender: the winners are those of its contracts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scrapers.french_firms import firm_name, register_id
from scrapers.loose_json import Json, first_object, first_text, line, objects, text, texts
from scrapers.loose_values import day, money

_ID = ("cbc:ID",)
_OUTCOMES = {"selec-w": "awarded", "clos-nw": "unsuccessful", "": "awarded"}
_PAYABLE = ("cac:LegalMonetaryTotal", "cbc:PayableAmount")
_ALL_OFFERS = frozenset({"tenders", ""})


@dataclass(frozen=True, slots=True)
class Organization:
    """One that a notice refers to. A natural person keeps neither name nor number."""

    number: str | None = None
    name: str | None = None


class Organizations:
    """The organizations of a notice by their references ("ORG-0001"), read when they are asked for: most never are."""

    def __init__(self, extension: Json) -> None:
        listed = objects(extension, "efac:Organizations", "efac:Organization")
        self._listed = {first_text(one, "efac:Company", "cac:PartyIdentification", "cbc:ID"): one for one in listed}

    def get(self, reference: str) -> Organization | None:
        """The organization of a reference; None where the notice does not hold it."""
        one = self._listed.get(reference)
        if one is None or first_text(one, "efbc:NaturalPersonIndicator").casefold() == "true":
            return None
        company = first_object(one, "efac:Company")
        numbers = (register_id(number) for number in texts(company, "cac:PartyLegalEntity", "cbc:CompanyID"))
        number = next((found[0] for found in numbers if found), None)
        return Organization(number, line(company, "cac:PartyName", "cbc:Name") or None)


def results(extension: Json, known: Organizations) -> Iterator[dict[str, object]]:
    """Fields of an award for each decided lot; a lot that is still open gives none."""
    result = first_object(extension, "efac:NoticeResult")
    tenders = _by_id(result, "efac:LotTender")
    parties = _by_id(result, "efac:TenderingParty")
    contracts = _by_id(result, "efac:SettledContract")
    for position, one in enumerate(objects(result, "efac:LotResult"), start=1):
        outcome = _OUTCOMES.get(first_text(one, "cbc:TenderResultCode"))
        if outcome is None:
            continue
        signed = [contracts.get(said, {}) for said in texts(one, "efac:SettledContract", *_ID)]
        listed = [said for said in texts(one, "efac:LotTender", *_ID) if said in tenders]
        of_contracts = {said for contract in signed for said in texts(contract, "efac:LotTender", *_ID)}
        won = [tenders[said] for said in listed if said in of_contracts] or _ranked_first(listed, tenders)
        awarded = outcome == "awarded"
        yield {
            "key": line(one, *_ID, most=60) or str(position),
            "lot_id": line(one, "efac:TenderLot", *_ID, most=200),
            "outcome": outcome,
            "winners": _winners(won, parties, known) if awarded else [],
            "value": _price(won) if awarded else None,
            "offers": _offers(one),
            "date": _signed_on(signed),
        }


def _by_id(result: Json, name: str) -> dict[str, dict[str, object]]:
    return {said: one for one in objects(result, name) if (said := first_text(one, *_ID))}


def _ranked_first(listed: Sequence[str], tenders: Mapping[str, Json]) -> list[Json]:
    """Without a contract: the only tender, or those of the first rank where ranks are told."""
    if len(listed) == 1:
        return [tenders[listed[0]]]
    return [tenders[said] for said in listed if first_text(tenders[said], "cbc:RankCode") == "1"]


def _winners(won: Sequence[Json], parties: Mapping[str, Json], known: Organizations) -> list[dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for tender in won:
        for party in texts(tender, "efac:TenderingParty", *_ID):
            for reference in texts(parties.get(party, {}), "efac:Tenderer", *_ID):
                firm = known.get(reference) or Organization()
                name = firm_name(firm.name) if firm.name else None
                fields = {key: value for key, value in (("id", firm.number), ("name", name)) if value}
                if fields:
                    found.setdefault(reference, dict(fields))
    return list(found.values())


def _price(won: Sequence[Json]) -> dict[str, str] | None:
    """The price of the only winning tender; several have no price together."""
    amounts = objects(won[0], *_PAYABLE) if len(won) == 1 else []
    return money(text(amounts[0]), text(amounts[0].get("@currencyID"))) if amounts else None


def _offers(result: Json) -> int | None:
    for statistics in objects(result, "efac:ReceivedSubmissionsStatistics"):
        number = first_text(statistics, "efbc:StatisticsNumeric")
        if first_text(statistics, "efbc:StatisticsCode") in _ALL_OFFERS and number.isascii() and number.isdecimal():
            return int(number) if len(number) <= 5 else None
    return None


def _signed_on(contracts: Sequence[Json]) -> str | None:
    written = (first_text(one, name) for one in contracts for name in ("cbc:AwardDate", "cbc:IssueDate"))
    return next((found for said in written if (found := day(said))), None)
