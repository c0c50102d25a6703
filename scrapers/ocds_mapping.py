"""One OCDS 1.1 release, compiled or alone, to the fields of a tender.

Written for what publishers really send: any field may be missing, null or of another type, amounts may be no numbers,
statuses may be stale. What cannot be read is left unknown and named in ``unreadable``; a tender is refused only where
it has no identity or no text.

Reference: https://standard.open-contracting.org/1.1/en/schema/ ; value is ``tender.value`` (net where both exist).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from scrapers.errors import RecordRejected
from scrapers.normalise import country_code, parse_iso

Json = Mapping[str, object]

MAX_ACTIVITIES = 40
_WORD = 500
_CATEGORIES = {"works": "works", "goods": "goods", "services": "services",
               "supplies": "goods", "consultingservices": "services"}  # fmt: skip
_CPV = re.compile(r"(\d{8})(?:-\d|\.0)?")
_AFTER_AWARD = frozenset({"award", "awardUpdate", "contract", "contractUpdate", "contractAmendment",
                          "contractTermination", "implementation", "implementationUpdate"})  # fmt: skip
_NOT_YET_DECIDED = frozenset({None, "planning", "planned", "active"})
_CONTRACTS_FINDER = "ocds-b5fd17-"
_LOST_LINE_BREAK = re.compile(r"\s*\b(?:rn){2,}\b\s*")


def tender_fields(release: Json, *, published: str | None = None, tags: Iterable[str] = ()) -> dict[str, object]:
    """The flat fields of a tender (see ``TenderRecord``) from one release.

    ``published`` is the date of the procedure's first release and ``tags`` are those of all its releases, where the
    caller compiled several. Raises RecordRejected.
    """
    ocid = _text(release, "ocid")
    if ocid is None:
        raise RecordRejected("ocds.no_ocid", "the release has no ocid")
    tender = _object(release, "tender")
    if not tender:
        raise RecordRejected("ocds.no_tender", "the release has no tender")
    unreadable: list[str] = []
    description = _prose(_text(tender, "description"), ocid)
    title = _prose(_text(tender, "title"), ocid) or (description or "").splitlines()[:1]
    if not title:
        raise RecordRejected("ocds.no_title", "the tender has neither a title nor a description")
    title = title if isinstance(title, str) else title[0]
    items = list(_objects(tender, "items"))
    all_tags = {*tags, *_words(release, "tag")}
    fields: dict[str, object] = {
        "id": ocid,
        "title": title,
        "description": description,
        "buyer": _buyer(release, tender),
        "sector": "public",
        "category": _CATEGORIES.get((_text(tender, "mainProcurementCategory") or "").casefold()),
        "procedure": _cut(_text(tender, "procurementMethodDetails") or _text(tender, "procurementMethod")),
        "activities": _activities(tender, items),
        "cpv": _cpv_codes([tender, *items], unreadable),
        "place": _place(items, tender),
        "country": _country(release, tender, items),
        "value": _money(tender, ("value", "minValue"), "tender", unreadable),
        "published": published or _text(tender, "datePublished") or _text(release, "date"),
        "deadline": _deadline(release, tender),
        "lots": _lots(tender, items, title, unreadable),
        "language": _language(release),
        "url": _notice_url(tender, release),
        "ocid": ocid,
        "release_id": _text(release, "id"),
        "status": _status(_text(tender, "status"), all_tags, release),
        "sme_suitable": _sme_suitable(tender),
        "unreadable": unreadable,
    }
    for name in ("published", "deadline"):
        _drop_unreadable_time(fields, name, unreadable)
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _object(parent: Json, key: str) -> Json:
    found = parent.get(key)
    return found if isinstance(found, dict) else {}


def _objects(parent: Json, key: str) -> Iterator[Json]:
    found = parent.get(key)
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, dict))


def _text(parent: Json, key: str) -> str | None:
    found = parent.get(key)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    return (found.replace("\x00", "").strip() or None) if isinstance(found, str) else None


def _words(parent: Json, key: str) -> list[str]:
    found = parent.get(key)
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def _cut(text: str | None) -> str | None:
    return text[:_WORD].strip() if text else None


def _prose(text: str | None, ocid: str) -> str | None:
    """Contracts Finder lost the backslashes of its line breaks: a literal ``rnrn`` stands for two of them."""
    if text and ocid.startswith(_CONTRACTS_FINDER):
        return _LOST_LINE_BREAK.sub("\n\n", text).strip()
    return text


def _buyer(release: Json, tender: Json) -> dict[str, str] | None:
    named = _object(release, "buyer") or _object(tender, "procuringEntity")
    party = _buyer_party(release, _text(named, "id"))
    found = {
        "id": (_text(named, "id") or _text(party, "id") or "")[:200],
        "name": _cut(_text(named, "name") or _text(party, "name")) or "",
    }
    return {key: value for key, value in found.items() if value} or None


def _buyer_party(release: Json, wanted: str | None) -> Json:
    parties = list(_objects(release, "parties"))
    for party in parties:
        if wanted is not None and _text(party, "id") == wanted:
            return party
    return next((p for p in parties if {"buyer", "procuringEntity"} & set(_words(p, "roles"))), {})


def _classifications(holder: Json) -> Iterator[Json]:
    if found := _object(holder, "classification"):
        yield found
    yield from _objects(holder, "additionalClassifications")


def _cpv_codes(holders: Iterable[Json], unreadable: list[str]) -> list[str]:
    codes: dict[str, None] = {}
    for holder in holders:
        for classification in _classifications(holder):
            if (_text(classification, "scheme") or "").upper() != "CPV":
                continue
            code = _text(classification, "id") or ""
            if found := _CPV.fullmatch(code):
                codes[found[1]] = None
            else:
                unreadable.append(f"classification.id: {code[:40]!r} is not a CPV code")
    return list(codes)


def _activities(tender: Json, items: Sequence[Json]) -> list[str]:
    words: dict[str, None] = {}
    for holder in (tender, *items):
        for classification in _classifications(holder):
            words[_cut(_text(classification, "description")) or ""] = None
    for item in items:
        words[_cut(_text(item, "description")) or ""] = None
    words.pop("", None)
    return list(words)[:MAX_ACTIVITIES]


def _addresses(items: Sequence[Json], tender: Json) -> Iterator[Json]:
    for holder in (*items, tender):
        yield from _objects(holder, "deliveryAddresses")
        if found := _object(holder, "deliveryAddress"):
            yield found


def _place(items: Sequence[Json], tender: Json) -> str | None:
    for address in _addresses(items, tender):
        parts = [_text(address, key) for key in ("locality", "region")]
        named = [part for part in parts if part] or [_text(address, "postalCode") or ""]
        if named[0]:
            return _cut(", ".join(dict.fromkeys(named)))
    return None


def _country(release: Json, tender: Json, items: Sequence[Json]) -> str | None:
    buyer = _object(release, "buyer") or _object(tender, "procuringEntity")
    home = _object(_buyer_party(release, _text(buyer, "id")), "address")
    for address in (*_addresses(items, tender), home):
        for key in ("country", "countryName"):
            if written := _text(address, key):
                try:
                    return country_code(written)
                except ValueError:
                    continue
    return None


def _money(holder: Json, keys: Sequence[str], where: str, unreadable: list[str]) -> dict[str, object] | None:
    """The first readable amount under ``keys``; zero means "unknown" to every publisher seen and is left out."""
    for key in keys:
        money = _object(holder, key)
        for name in ("amount", "amountGross"):
            written = money.get(name)
            if written is None:
                continue
            amount = _finite(written)
            currency = (_text(money, "currency") or "").upper()
            if amount == 0:
                continue
            if amount is None or not re.fullmatch("[A-Z]{3}", currency):
                unreadable.append(
                    f"{where}.{key}.{name}: {str(written)[:40]!r} {currency[:10]} is not an amount of money"
                )
            elif amount > 0:
                found: dict[str, object] = {"amount": f"{amount:f}", "currency": currency}
                # The extension for gross amounts names both; an ``amount`` alone says nothing of tax.
                return {**found, "tax_included": name == "amountGross"} if "amountGross" in money else found
    return None


def _finite(written: object) -> Decimal | None:
    """Within 16 digits before the point, cut at the fourth after it; None for anything else."""
    if isinstance(written, bool) or not isinstance(written, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(repr(written) if isinstance(written, float) else str(written))
    except (InvalidOperation, ValueError):
        return None
    if not amount.is_finite() or abs(amount) >= Decimal(10**16):
        return None
    return round(amount, 4) if amount.as_tuple().exponent < -4 else amount  # type: ignore[operator]


def _deadline(release: Json, tender: Json) -> str | None:
    """The end of the tender period; for a call for interest, the day it has to be answered."""
    if written := _text(_object(tender, "tenderPeriod"), "endDate"):
        return written
    if set(_words(release, "tag")) <= {"planning", "planningUpdate"}:
        milestones = _objects(_object(release, "planning"), "milestones")
        return next((due for milestone in milestones if (due := _text(milestone, "dueDate"))), None)
    return None


def _drop_unreadable_time(fields: dict[str, object], name: str, unreadable: list[str]) -> None:
    written = fields[name]
    if isinstance(written, str):
        try:
            parse_iso(written)
        except ValueError as error:
            unreadable.append(f"{name}: {written[:40]!r} {error}")
            fields[name] = None


def _lots(tender: Json, items: Sequence[Json], title: str, unreadable: list[str]) -> list[dict[str, object]]:
    """The lots; one without words of its own takes those of its items, and then the tender's title."""
    lots: list[dict[str, object]] = []
    seen: set[str] = set()
    for position, lot in enumerate(_objects(tender, "lots"), start=1):
        ident = (_text(lot, "id") or str(position))[:200]
        if ident in seen:
            continue
        seen.add(ident)
        own = [item for item in items if _text(item, "relatedLot") == ident or ident in _words(item, "relatedLots")]
        named = _text(lot, "title") or _cut(_text(lot, "description")) or "; ".join(_activities({}, own)[:5]) or title
        fields = {
            "id": ident,
            "title": named[:10_000],
            "description": _text(lot, "description"),
            "cpv": _cpv_codes([lot, *own], unreadable),
            "value": _money(lot, ("value", "minValue"), f"lots.{ident[:40]}", unreadable),
            "status": _text(lot, "status"),
        }
        lots.append({name: value for name, value in fields.items() if value not in (None, "", [])})
    return lots


def _language(release: Json) -> str | None:
    found = re.match("([a-z]{2,3})(?:[-_]|$)", (_text(release, "language") or "").casefold())
    return found[1] if found else None


def _notice_url(tender: Json, release: Json) -> str | None:
    documents = [*_objects(tender, "documents"), *_objects(_object(release, "planning"), "documents")]
    notices = [d for d in documents if (_text(d, "documentType") or "").endswith("Notice")]
    for document in notices:
        url = _text(document, "url") or ""
        if url.startswith(("https://", "http://")) and len(url) <= 2_000:
            return url
    return None


def _status(written: str | None, tags: set[str], release: Json) -> str | None:
    """The tender's status; publishers leave "planned" or "active" standing after the award, so tags and awards win."""
    if "tenderCancellation" in tags:
        return "cancelled"
    awarded = bool(tags & _AFTER_AWARD) or any(_text(a, "status") == "active" for a in _objects(release, "awards"))
    return "complete" if awarded and written in _NOT_YET_DECIDED else written


def _sme_suitable(tender: Json) -> bool | None:
    """Whether it is called suitable for small firms, which reserves nothing for them."""
    for holder in (tender, *_objects(tender, "lots")):
        if isinstance(found := _object(holder, "suitability").get("sme"), bool):
            return found
    return None
