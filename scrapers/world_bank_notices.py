"""Procurement notices of the World Bank, from its interface's fields to ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from scrapers.base import Award, Fields
from scrapers.english_dates import clock_time, english_day
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.markup import parse_html, prose_of
from scrapers.normalise import country_code, parse_amount

PAGE: Final = "https://projects.worldbank.org/en/projects-operations/procurement-detail/"
_AWARDS = frozenset({"contract award", "small contracts award"})
_INDIVIDUALS = frozenset({"INDV", "IC"})
_CATEGORIES: Mapping[str, str] = MappingProxyType(
    {"GO": "goods", "CW": "works", "WK": "works", "CS": "services", "NC": "services"}
)
_LANGUAGES: Mapping[str, str] = MappingProxyType({
    "english": "en", "french": "fr", "arabic": "ar", "spanish": "es", "portuguese": "pt", "russian": "ru",
})  # fmt: skip
_STATUS: Mapping[str, str] = MappingProxyType({"published": "active", "revised": "active", "cancelled": "cancelled"})
_COUNTRIES: Mapping[str, str] = MappingProxyType({
    "Bahamas, The": "BS", "Congo, Democratic Republic of": "CD", "Congo, Republic of": "CG", "Cote d'Ivoire": "CI",
    "Egypt, Arab Republic of": "EG", "Gambia, The": "GM", "Iran, Islamic Republic of": "IR", "Korea, Republic of": "KR",
    "Kyrgyz Republic": "KG", "Lao People's Democratic Republic": "LA", "Micronesia, Federated States of": "FM",
    "Slovak Republic": "SK", "Syrian Arab Republic": "SY", "Venezuela, Republica Bolivariana de": "VE",
    "Viet Nam": "VN", "West Bank and Gaza": "PS", "Yemen, Republic of": "YE", "Turkiye": "TR", "Türkiye": "TR",
    "St. Lucia": "LC", "St. Vincent and the Grenadines": "VC", "St. Kitts and Nevis": "KN",
    "Somalia, Federal Republic of": "SO", "Cabo Verde": "CV", "Macedonia, former Yugoslav Republic of": "MK",
})  # fmt: skip
"""The Bank's names of countries that are neither an English nor a French name of one; regions are no country."""


def notices(document: object) -> list[Mapping[str, object]]:
    """The notices of an answer, sent as a list or by their ids. Raises SourceChanged."""
    found = document.get("procnotices") if isinstance(document, Mapping) else None
    items = list(found.values()) if isinstance(found, Mapping) else found
    if not isinstance(items, list) or not isinstance(document, Mapping) or "total" not in document:
        raise SourceChanged("the answer has no procnotices, or no total")
    kept = [item for item in items if isinstance(item, Mapping)]
    if len(kept) != len(items):
        raise SourceChanged("a notice is no object")
    if kept and not any("notice_type" in item for item in kept):
        # An unknown name among the fields asked for, and the interface answers with ids alone.
        raise SourceChanged("no notice says of which type it is: these are not whole notices")
    return kept


def read(item: Mapping[str, object]) -> Fields:
    """A call or an award. Raises RecordRejected for what is neither, and for what no firm can answer."""
    kind, status = _text(item, "notice_type"), _text(item, "notice_status").casefold()
    if not kind:
        raise RecordRejected("world_bank.no_type", "the notice does not say of which type it is")
    if _text(item, "procurement_method_code") in _INDIVIDUALS or _text(item, "procurement_group") == "IC":
        raise RecordRejected("world_bank.individual", "the call is for one consultant in person, not for firms")
    if kind.casefold() in _AWARDS:
        return Award(_shared(item) | {"date": _day(item, "noticedate"), "tender_id": None, "outcome": "awarded"})
    told = _STATUS.get(status)
    if told is None:
        raise RecordRejected("world_bank.status", f"the notice is of the status {status[:40]!r}, which is not public")
    planned = kind.casefold() == "general procurement notice"
    return {
        **_shared(item),
        "description": _prose(_text(item, "notice_text")),
        "procedure": _text(item, "procurement_method_name") or kind,
        "notice_type": kind,
        "status": "planned" if planned and told == "active" else told,
        "revised": status == "revised",
        "sector": "public",
        "category": _CATEGORIES.get(_text(item, "procurement_group")),
        "language": _LANGUAGES.get(_text(item, "notice_lang_name").casefold()),
        "published": _day(item, "noticedate") or _text(item, "submission_date")[:10] or None,
        "funder": "World Bank",
        "project_id": _text(item, "project_id") or None,
        "project": _text(item, "project_name") or None,
        **_deadline(item),
    }


def day_of(item: Mapping[str, object]) -> dt.date | None:
    """When a notice was published; None where that cannot be read."""
    try:
        return english_day(_text(item, "noticedate"))
    except ValueError:
        return None


def refs(items: list[Mapping[str, object]]) -> Iterator[str]:
    """The ids of notices; one without an id has none."""
    yield from (ref for item in items if (ref := _text(item, "id")))


def _shared(item: Mapping[str, object]) -> dict[str, object]:
    ref = _text(item, "id")
    said = (_text(item, name) for name in ("bid_description", "noticetitle", "project_name"))
    title = next(filter(None, said), "")
    if not ref or not title:
        raise RecordRejected("world_bank.incomplete", "the notice has no id, or nothing to be called by")
    # The Bank pays; whoever buys is the agency.
    buyer = _text(item, "agency_name") or _text(item, "contact_organization")
    where = _text(item, "project_ctry_name")
    return {
        "id": ref,
        "title": title,
        "reference": _text(item, "bid_reference_no") or None,
        "buyer": {"name": buyer[:500]} if buyer else None,
        "country": _country(where),
        "place": where or _text(item, "regionname") or None,
        "value": _value(item),
        "url": PAGE + ref if ref.isalnum() else None,
    }


def _deadline(item: Mapping[str, object]) -> dict[str, object]:
    """The day, and the buyer's own clock: the ``Z`` that the interface writes behind the day is not true."""
    day, clock = _text(item, "submission_deadline_date")[:10], _text(item, "submission_deadline_time")
    if not day:
        return {}
    if not clock:
        return {"deadline": day}
    try:
        return {"deadline": f"{day}T{clock_time(clock).isoformat()}"}
    except ValueError as error:
        return {"deadline": day, "unreadable": [f"submission_deadline_time: {clock[:40]!r} {error}"]}


def _day(item: Mapping[str, object], name: str) -> str | None:
    try:
        return english_day(_text(item, name)).isoformat()
    except ValueError:
        return None


def _country(name: str) -> str | None:
    if name in _COUNTRIES:
        return _COUNTRIES[name]
    try:
        return country_code(name)
    except ValueError:
        return None


def _value(item: Mapping[str, object]) -> dict[str, str] | None:
    currency = _text(item, "bid_currency_code")
    try:
        amount = parse_amount(_text(item, "bid_estimate_amount"))
    except ValueError:
        return None
    return {"amount": str(amount), "currency": currency} if amount > 0 and currency else None


def _prose(markup: str) -> str:
    if "<" not in markup and "&" not in markup:
        return markup
    return prose_of(parse_html(b"<div>" + markup.encode("utf-8", "replace") + b"</div>", "text/html; charset=utf-8"))


def _text(item: Mapping[str, object], name: str) -> str:
    found = item.get(name)
    if isinstance(found, bool) or found is None:
        return ""
    return " ".join(found.split()) if isinstance(found, str) and name != "notice_text" else str(found).strip()
