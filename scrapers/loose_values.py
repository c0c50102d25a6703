"""Amounts, CPV codes and days as loosely typed sources write them; what cannot be read is named, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from scrapers.normalise import parse_amount, parse_iso

_CPV = re.compile(r"(\d{8})(?:-\d)?", re.ASCII)
_CPV_NUMBER = re.compile(r"\d{7}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_NOTHING = frozenset({"", "nan", "nc", "cdl", "inx", "none", "null", "-", "xxx", "n/a", "na"})
"""What platforms write for a value that is missing or withheld."""


def said_nothing(written: object) -> bool:
    """Whether a value is one of the words for "missing"."""
    return written is None or (isinstance(written, str) and written.strip().casefold() in _NOTHING)


def money(
    written: object, currency: str = "EUR", noted: list[str] | None = None, where: str = ""
) -> dict[str, str] | None:
    """An amount and its currency; nothing, zero and less are unknown. What cannot be read goes to ``noted``."""
    if said_nothing(written):
        return None
    amount = _amount(written)
    if amount is not None and amount <= 0:
        return None
    if amount is None or not _CURRENCY.fullmatch(currency):
        if noted is not None:
            noted.append(f"{where}: {str(written)[:40]!r} {currency[:10]} is not an amount of money")
        return None
    return {"amount": f"{amount.normalize():f}", "currency": currency}


def _amount(written: object) -> Decimal | None:
    """Within 16 digits before the point, rounded at the fourth after it."""
    if isinstance(written, bool) or not isinstance(written, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(repr(written) if isinstance(written, float) else str(written).strip())
    except InvalidOperation:
        try:
            amount = parse_amount(str(written).replace("€", "").strip()[:60])
        except ValueError:
            return None
    if not amount.is_finite() or abs(amount) >= Decimal(10**16):
        return None
    return round(amount, 4) if amount.as_tuple().exponent < -4 else amount  # type: ignore[operator]


def cpv_codes(written: Iterable[object], noted: list[str] | None = None) -> list[str]:
    """CPV codes without their check digits, each once; a number of seven digits has lost its leading zero."""
    codes: dict[str, None] = {}
    for one in written:
        if said_nothing(one) or isinstance(one, bool) or not isinstance(one, str | int):
            continue
        code = str(one).strip()
        if found := _CPV.fullmatch(code):
            codes[found[1]] = None
        elif isinstance(one, int) and _CPV_NUMBER.fullmatch(code):
            codes[code.zfill(8)] = None
        elif noted is not None:
            noted.append(f"cpv: {code[:40]!r} is not a CPV code")
    return list(codes)


def day(written: object, noted: list[str] | None = None, where: str = "") -> str | None:
    """The day of an ISO date or date-time."""
    if said_nothing(written) or not isinstance(written, str):
        return None
    try:
        return str(parse_iso(written.strip()[:40]))[:10]
    except ValueError as error:
        if noted is not None:
            noted.append(f"{where}: {written[:40]!r} {error}")
        return None
