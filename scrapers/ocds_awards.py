"""The awards of one OCDS release: who won, for how much, counted once however many won together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from scrapers.normalise import country_code, parse_iso

Json = Mapping[str, object]
_OUTCOMES = {"active": "awarded", "unsuccessful": "unsuccessful", "cancelled": "cancelled"}


def award_fields(release: Json) -> Iterator[dict[str, object]]:
    """Fields of ``AwardRecord`` for each award that has been decided."""
    ocid = str(release.get("ocid"))
    tender = release.get("tender")
    tender = tender if isinstance(tender, dict) else {}
    buyer = release.get("buyer")
    parties = {ident: party for party in _objects(release.get("parties")) if (ident := _word(party.get("id")))}
    for position, award in enumerate(_objects(release.get("awards")), start=1):
        outcome = _OUTCOMES.get(str(award.get("status") or "active"))
        if outcome is None:
            continue  # pending
        lots = award.get("relatedLots")
        fields = {
            "id": f"{ocid}/{str(award.get('id') or position)[:100]}"[:200],
            "tender_id": ocid[:200],
            "ocid": ocid[:500],
            "reference": _word(tender.get("id")),
            "lot_id": _word(lots[0]) if isinstance(lots, list) and len(lots) == 1 else None,
            "title": _word(award.get("title")) or _word(tender.get("title")),
            "buyer": {key: _word(buyer.get(key)) for key in ("id", "name")} if isinstance(buyer, dict) else None,
            "winners": _winners(award, parties),
            "outcome": outcome,
            "value": _money(award.get("value")),
            "date": _day(award.get("date")),
        }
        yield {name: value for name, value in fields.items() if value not in (None, [])}


def _objects(value: object) -> Iterator[Json]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _word(value: object) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return (text.replace("\x00", "").strip()[:200] or None) if isinstance(text, str) else None


def _winners(award: Json, parties: Mapping[str, Json]) -> list[dict[str, str]]:
    """Each supplier once: compiling keeps both copies of one that has no id."""
    found: list[dict[str, str]] = []
    for supplier in _objects(award.get("suppliers")):
        winner = _winner(supplier, parties.get(_word(supplier.get("id")) or "", {}))
        if winner and winner not in found:
            found.append(winner)
    return found


def _winner(supplier: Json, party: Json) -> dict[str, str]:
    """A supplier; OCDS 1.0 wrote identifier and address into it, 1.1 into the party."""
    address = party.get("address") or supplier.get("address")
    written = _word(address.get("country") or address.get("countryName")) if isinstance(address, dict) else None
    try:
        country = country_code(written) if written else None
    except ValueError:
        country = None
    found = {
        "id": _word(supplier.get("id")) or _identifier(supplier),
        "name": _word(supplier.get("name") or party.get("name")),
        "country": country,
    }
    return {name: value for name, value in found.items() if value}


def _identifier(supplier: Json) -> str | None:
    identifier = supplier.get("identifier")
    number = _word(identifier.get("id")) if isinstance(identifier, dict) else None
    scheme = _word(identifier.get("scheme")) if isinstance(identifier, dict) else None
    return f"{scheme}-{number}"[:200] if scheme and number else number


def _money(value: object) -> dict[str, object] | None:
    """The amount, or else the gross one; only beside a gross amount is an ``amount`` known to be without tax."""
    if not isinstance(value, dict):
        return None
    currency = value.get("currency")
    if not isinstance(currency, str) or len(currency) != 3:
        return None
    for name in ("amount", "amountGross"):
        if (amount := _amount(value.get(name))) is not None:
            found: dict[str, object] = {"amount": f"{round(amount, 4).normalize():f}", "currency": currency.upper()}
            return {**found, "tax_included": name == "amountGross"} if "amountGross" in value else found
    return None


def _amount(written: object) -> Decimal | None:
    if isinstance(written, bool):
        return None
    try:
        amount = Decimal(str(written))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 < amount < Decimal(10**16) else None


def _day(value: object) -> str | None:
    try:
        return str(parse_iso(value))[:10] if isinstance(value, str) else None
    except ValueError:
        return None
