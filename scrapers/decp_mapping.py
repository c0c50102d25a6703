"""One French contract to an award: as it was awarded, with what was modified later beside it.

Amounts are without tax, in euros, and the greatest possible one of a framework. A contract's number is unique at its
buyer only: the key is both. Schemas: format-commande-publique 2019 and 2.0.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scrapers.base import Award
from scrapers.decp_rows import Change, Contract, Party
from scrapers.errors import RecordRejected
from scrapers.french_firms import country_of, firm_name, register_id, siret
from scrapers.french_places import department_of, region_of_code
from scrapers.loose_json import Json, first_object, line, texts, without_empty
from scrapers.loose_values import cpv_codes, day, money, said_nothing

_FAILED = {"SANS SUITE": "cancelled", "INFRUCTUEUX": "unsuccessful"}
_MOST_MONTHS = 1_200
_MOST_OFFERS = 100_000


def key_of(contract: Contract) -> str:
    """Buyer and number. Raises RecordRejected where either is missing."""
    buyer, number = siret(contract.buyer.id), line(contract.plain.get("id"), most=180)
    if buyer is None:
        raise RecordRejected("decp.no_buyer", f"{str(contract.buyer.id)[:40]!r} is no buyer's SIRET")
    if not number or said_nothing(number):
        raise RecordRejected("decp.no_id", "the contract has no number")
    return f"{buyer}/{number}"


def award(contracts: Sequence[Contract]) -> Award:
    """The award that rows of one key tell of: what was published last counts, and their suppliers and changes together.

    Raises RecordRejected.
    """
    latest = max(contracts, key=lambda one: day(one.plain.get("datepublicationdonnees")) or "")
    plain, unreadable = latest.plain, list[str]()
    key = key_of(latest)
    parties = [party for one in contracts for party in one.suppliers]
    place = _place(plain)
    written = plain.get("valeurglobale") if latest.concession else plain.get("montant")
    fields = {
        "id": key,
        "reference": line(plain.get("id"), most=200),
        "title": line(plain.get("objet"), most=10_000),
        "buyer": without_empty({"id": siret(latest.buyer.id), "name": line(latest.buyer.name)}),
        "winners": winners(parties, unreadable),
        "outcome": _outcome(parties),
        "value": _net(money(written, noted=unreadable, where="value")),
        "offers": _whole(plain.get("offresrecues"), _MOST_OFFERS),
        "cpv": cpv_codes([plain.get("codecpv")], unreadable),
        "country": "FR",
        "date": day(plain.get("datenotification"), unreadable, "date")
        or day(plain.get("datesignature"), unreadable, "date"),
        "published": day(plain.get("datepublicationdonnees"), unreadable, "published"),
        "starts": day(plain.get("datedebutexecution"), unreadable, "starts"),
        "months": _whole(plain.get("dureemois"), _MOST_MONTHS),
        "kind": "concession" if latest.concession else "contract",
        "nature": line(plain.get("nature")),
        "procedure": line(plain.get("procedure")),
        "framework": True if _is_framework(plain) else None,
        **place,
        "modifications": _modifications(one for contract in contracts for one in contract.changes),
        "unreadable": unreadable,
    }
    return Award(without_empty(fields))


def _net(value: dict[str, str] | None) -> dict[str, object] | None:
    """The schema's amounts are without tax."""
    return {**value, "tax_included": False} if value else None


def winners(parties: Iterable[Party], unreadable: list[str] | None = None) -> list[dict[str, str]]:
    """Suppliers, each once whatever slots it stands in; a private person's name is left out, the number stays."""
    found: dict[str, dict[str, str]] = {}
    for party in parties:
        number = register_id(party.id, party.kind)
        name = None if line(party.name).upper() in _FAILED else firm_name(line(party.name))
        if number is None and not said_nothing(party.id) and unreadable is not None and str(party.id).strip("0 "):
            unreadable.append(f"winners: {str(party.id)[:40]!r} is no {party.kind[:20] or 'number'}")
        if number is None and name is None:
            continue
        fields = {"id": number[0], "id_type": number[1]} if number else {}
        country = country_of(*number) if number else None
        told = {**fields, **({"name": name} if name else {}), **({"country": country} if country else {})}
        found.setdefault(number[0] if number else f"name {name}", told)
    return list(found.values())


def _outcome(parties: Sequence[Party]) -> str:
    """Platforms write "SANS SUITE" where the supplier's name belongs."""
    said = {_FAILED.get(line(party.name).upper()) for party in parties}
    return said.pop() or "awarded" if len(said) == 1 else "awarded"


def _place(plain: Json) -> dict[str, object]:
    place = first_object(plain.get("lieuexecution"))
    code = line(place.get("code") or plain.get("lieuexecution_code"), most=20)
    kind = line(place.get("typeCode") or plain.get("lieuexecution_typecode"), most=40)
    if said_nothing(code):
        return {}
    department = department_of(code, kind)
    return {
        "place_code": code,
        "place_kind": kind,
        "departments": [department] if department else [],
        "regions": [region] if (region := region_of_code(code, kind)) else [],
    }


def _whole(written: object, most: int) -> int | None:
    """A whole number from 1 on; zero offers or months, "NC" and "CDL" are unknown."""
    if isinstance(written, bool):
        return None
    text = str(written).strip().removesuffix(".0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 and 0 < int(text) <= most else None


def _is_framework(plain: Json) -> bool:
    written = (
        *texts(plain.get("nature")),
        *texts(plain.get("techniques")),
        *texts(plain.get("techniques"), "technique"),
    )
    return any("accord-cadre" in said.casefold() for said in written)


def _modifications(changes: Iterable[Change]) -> list[dict[str, object]]:
    """Each once, oldest first."""
    found: dict[str, dict[str, object]] = {}
    for change in changes:
        fields = without_empty({
            "number": line(change.number, most=40),
            "date": day(change.signed),
            "published": day(change.published),
            "months": _whole(change.months, _MOST_MONTHS),
            "value": _net(money(change.amount)),
            "winners": winners(change.suppliers),
        })  # fmt: skip
        if fields.keys() - {"number"}:
            found.setdefault(repr(fields), fields)
    return sorted(found.values(), key=lambda one: (str(one.get("date", "")), str(one.get("number", "")).zfill(40)))
