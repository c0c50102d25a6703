"""Dates and zones, amounts, countries: text as people and portals write it into values that mean one thing.

Pure functions. Everything here raises ``ValueError`` with a sentence that follows the field's name
("deadline: has no zone ..."); nothing is guessed where two readings are possible.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global

HOME_ZONE = ZoneInfo("Africa/Casablanca")
"""The zone of a record that names neither a zone nor a country: Safqa's home market."""

Edge = Literal["start", "end"]
Basis = Literal["offset", "zone", "day"]

# Countries of several zones where nearly all business keeps one; elsewhere (US, BR, RU ...) the zone must be told.
_MAIN_ZONE = {
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
_YEARS = range(1900, 2201)
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})"
    r"(?:(?:\s+(?:à\s+)?|T)(?P<hour>\d{1,2})[:hH](?P<minute>\d{2})?(?::(?P<second>\d{2}))?)?",
)
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]")
_UNGROUPED = re.compile(r"(?P<sign>[+-]?)(?P<whole>\d+)(?:[.,](?P<fraction>\d+))?")
_GROUPED = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>\d{1,3}(?P<mark>[.,])\d{3}(?:(?P=mark)\d{3})*)(?:[.,](?P<fraction>\d+))?"
)
_ISO = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})(?:(?P<time>[T ]\d{2}.*)|(?P<offset>Z|[+-]\d{2}:\d{2}))?", re.ASCII)


@lru_cache(maxsize=512)
def zone_of_country(country: str | None) -> ZoneInfo | None:
    """The zone in which a country's notices are written; ``None`` where it has several, home where none is named."""
    if country is None:
        return HOME_ZONE
    zones = get_global("territory_zones").get(country, [])
    name = zones[0] if len(zones) == 1 else _MAIN_ZONE.get(country)
    return None if name is None else ZoneInfo(name)


def parse_iso(text: str) -> dt.datetime | dt.date:
    """Read an ISO 8601 date or date-time; the result of the latter is naive where no offset was written.

    An XML date may carry an offset (``2026-10-01+01:00``); it is the date, and ``offset_of_day`` tells the rest.
    """
    text = text.strip()
    shape = _ISO.fullmatch(text)
    try:
        if shape is None:
            raise ValueError  # noqa: TRY301 - one sentence for every way of being wrong
        found: dt.datetime | dt.date = (
            dt.datetime.fromisoformat(text) if shape["time"] else dt.date.fromisoformat(shape["day"])
        )
    except ValueError:
        raise ValueError("is not an ISO 8601 date or date-time") from None
    if found.year not in _YEARS:
        raise ValueError("lies outside the years 1900 to 2200")
    return found


def offset_of_day(text: str) -> dt.timezone | None:
    """The offset of an XML date, for those that carry one."""
    shape = _ISO.fullmatch(text.strip())
    if shape is None or not shape["offset"]:
        return None
    try:
        instant = dt.datetime.fromisoformat(f"{shape['day']}T00:00:00{shape['offset']}")
    except ValueError:
        raise ValueError("is not an ISO 8601 date or date-time") from None
    return dt.timezone(instant.utcoffset() or dt.timedelta())


def parse_written(text: str) -> dt.datetime | dt.date:
    """Read a date as spreadsheets hold it: ISO 8601, or day first (``30/09/2026 16:00``, ``30.09.2026``, ``16h30``)."""
    text = text.strip()
    found = _DAY_FIRST.fullmatch(text)
    if found is None:
        return parse_iso(text)
    part = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    try:
        day = dt.date(part["year"], part["month"], part["day"])
        if "hour" not in part:
            return parse_iso(day.isoformat())
        clock = dt.time(part["hour"], part.get("minute", 0), part.get("second", 0))
    except ValueError:
        raise ValueError("is not a date (day/month/year)") from None
    return parse_iso(f"{day.isoformat()}T{clock.isoformat()}")


def to_instant(when: dt.datetime | dt.date, zone: dt.tzinfo | None, edge: Edge) -> tuple[dt.datetime, Basis]:
    """An aware instant and how it was found: by its own offset, by ``zone``, or from a day alone.

    A day alone is its first second (``edge="start"``) or its last (``"end"``) in ``zone``.
    """
    if isinstance(when, dt.datetime):
        if when.utcoffset() is not None:
            return when, "offset"
        basis: Basis = "zone"
        local = when
    else:
        basis = "day"
        local = dt.datetime.combine(when, dt.time(0) if edge == "start" else dt.time(23, 59, 59))
    if zone is None:
        raise ValueError("has no zone, and its country keeps several: write the offset, or tell the zone")
    return local.replace(tzinfo=zone), basis


def parse_amount(text: str, decimal: Literal[",", "."] | None = None) -> Decimal:
    """Read an amount as people write it (``1 250 000,50``, ``1.250.000,50``, ``1,250,000.50``).

    ``1.250`` alone can be read twice and is refused, unless ``decimal`` tells which mark stands before fractions.
    """
    compact = _SPACES.sub("", text).replace("\u066b", ".").replace("\u066c", ",")
    if decimal is not None:
        return _told_amount(compact, decimal)
    if found := _UNGROUPED.fullmatch(compact):
        whole, fraction = found["whole"], found["fraction"] or "0"
        if len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0"):
            raise ValueError("can be read as thousands or as a fraction: write it without a separator")
    elif found := _GROUPED.fullmatch(compact):
        whole, fraction = found["whole"].replace(found["mark"], ""), found["fraction"] or "0"
    else:
        raise ValueError("is not an amount")
    amount = Decimal(f"{whole}.{fraction}") if found["fraction"] else Decimal(whole)
    return -amount if found["sign"] == "-" else amount


def _told_amount(compact: str, decimal: Literal[",", "."]) -> Decimal:
    """An amount whose decimal mark is known; the other one may only group thousands."""
    whole, mark, fraction = compact.partition(decimal)
    grouped = _GROUPED.fullmatch(whole)
    if grouped and grouped["mark"] != decimal and not grouped["fraction"]:
        whole = whole.replace(grouped["mark"], "")
    if not re.fullmatch(r"[+-]?\d+", whole, re.ASCII) or (mark and not re.fullmatch(r"\d+", fraction, re.ASCII)):
        raise ValueError("is not an amount")
    return Decimal(f"{whole}.{fraction}") if mark else Decimal(whole)


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in ("en", "fr", "ar"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(_folded(name), code)
    return names | {"uk": "GB", "great britain": "GB", "grande bretagne": "GB", "usa": "US"}


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold().replace("\u2019", "'")
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).replace("-", " ").split())


def country_code(text: str) -> str:
    """The ISO 3166 code of a country written as a code or by its English, French or Arabic name (``Maroc``: ``MA``)."""
    text = text.strip()
    if len(text) == 2 and text.isascii() and text.isalpha() and text.casefold() != "uk":
        return text.upper()
    found = _country_names().get(_folded(text))
    if found is None:
        raise ValueError("is not a country's ISO 3166 code or its English, French or Arabic name")
    return found
