"""The codes of TED and what they mean here: kinds of notices, countries, languages, procedures.

References: the SDK's code lists (https://docs.ted.europa.eu/eforms/latest/reference/code-lists/) and the schema of
TED_EXPORT R2.0.8 and R2.0.9.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from babel.core import get_global

PLANNING, COMPETITION = "planning", "competition"
FORMS: Mapping[str, str] = MappingProxyType({
    "pin-buyer": PLANNING, "pin-only": PLANNING, "pin-rtl": PLANNING, "pin-tran": PLANNING, "pmc": PLANNING,
    "pin-cfc-standard": COMPETITION, "pin-cfc-social": COMPETITION, "qu-sy": COMPETITION, "cn-standard": COMPETITION,
    "cn-social": COMPETITION, "cn-desg": COMPETITION, "subco": COMPETITION,
    "veat": "dir-awa-pre", "can-standard": "result", "can-social": "result", "can-desg": "result",
    "can-tran": "result", "can-modif": "cont-modif", "compl": "completion",
})  # fmt: skip
"""Notice type (BT-02) to what it is about; a type that is not here is refused, not guessed."""

STATUSES: Mapping[str, str] = MappingProxyType({PLANNING: "planned", COMPETITION: "active"})
"""Words of OCDS for what has no result yet."""

CATEGORIES: Mapping[str, str] = MappingProxyType({"works": "works", "supplies": "goods", "services": "services"})
CANCELLED_BECAUSE: Mapping[str, str] = MappingProxyType({
    "no-rece": "unsuccessful", "all-rej": "unsuccessful", "one-admis": "unsuccessful", "no-signed": "unsuccessful",
    "chan-need": "cancelled", "ins-fund": "cancelled", "rev-body": "cancelled", "rev-buyer": "cancelled",
    "tec-error": "cancelled",
})  # fmt: skip
"""Why nobody won (BT-144): no good offer, or the buyer's own decision. Our reading of the code list's names: the code
itself is kept beside it."""

LEGACY_TYPES: Mapping[str, str] = MappingProxyType({"0": PLANNING, "2": "change", "3": COMPETITION, "7": "result"})
"""TD_DOCUMENT_TYPE, as far as it is known for sure: the last resort for forms without a number."""
LEGACY_FORMS: Mapping[str, str] = MappingProxyType({
    "F01": PLANNING, "F02": COMPETITION, "F03": "result", "F04": PLANNING, "F05": COMPETITION, "F06": "result",
    "F07": COMPETITION, "F08": PLANNING, "F09": COMPETITION, "F10": COMPETITION, "F11": COMPETITION,
    "F12": COMPETITION, "F13": "result", "F14": "change", "F15": "dir-awa-pre", "F16": PLANNING, "F17": COMPETITION,
    "F18": "result", "F19": COMPETITION, "F20": "cont-modif", "F24": COMPETITION, "F25": "result", "T01": PLANNING,
    "T02": "result",
})  # fmt: skip
"""Forms that are always of one kind; F21 to F23 say it in NOTICE@TYPE."""
LEGACY_NOTICES: Mapping[str, str] = MappingProxyType({
    "CONTRACT": COMPETITION, "AWARD_CONTRACT": "result", "PRI_ONLY": PLANNING, "PRI_REDUCING_TIME_LIMITS": PLANNING,
    "PRI_CALL_COMPETITION": COMPETITION, "PER_ONLY": PLANNING, "PER_REDUCING_TIME_LIMITS": PLANNING,
    "PER_CALL_COMPETITION": COMPETITION, "QSU_ONLY": COMPETITION, "QSU_CALL_COMPETITION": COMPETITION,
    "CONCESSION_AWARD_CONTRACT": "result", "PRI": PLANNING,
})  # fmt: skip

_LEGACY_COUNTRIES = {"UK": "GB", "EL": "GR", "1A0": "XK", "XKX": "XK"}
AFRICA = (
    "AGO BDI BEN BFA BWA CAF CIV CMR COD COG COM CPV DJI DZA EGY ERI ESH ETH GAB GHA GIN GMB GNB GNQ KEN LBR LBY LSO "
    "MAR MDG MLI MOZ MRT MUS MWI NAM NER NGA RWA SDN SEN SLE SOM SSD STP SWZ SYC TCD TGO TUN TZA UGA ZAF ZMB ZWE"
)  # fmt: skip
"""ISO 3166 codes of the continent's countries, as the search takes them."""


def as_delta(fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of a call by a later notice of it: what is missing is unknown, and the call came out earlier."""
    found = {**fields, "delta": True}
    if "published" in found:
        found["notice_published"] = found.pop("published")
    return found


@lru_cache(maxsize=1_024)
def country_code(code: str | None) -> str | None:
    """The ISO 3166 code of two letters for one of three, or for the EU's own (UK, EL)."""
    code = (code or "").strip().upper()
    code = _LEGACY_COUNTRIES.get(code, code)
    if len(code) == 3:
        known = get_global("territory_aliases").get(code) or [""]
        code = known[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


@lru_cache(maxsize=1_024)
def language_code(code: str | None) -> str | None:
    """The code of two letters for an ISO 639 code of three ("FRA"), where there is one."""
    code = (code or "").strip().lower()
    code = str(get_global("language_aliases").get(code, code))
    return code if code.isascii() and code.isalpha() and len(code) in {2, 3} else None
