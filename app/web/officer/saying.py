"""What a field of a record says, as lines for a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from pydantic import JsonValue

from app.kit.i18n import Lang, format_date, format_instant, format_money, has_message, translate
from app.tenders.place_names import place_in
from app.web.lot_titles import tells_number

_WORDS: Final = frozenset({"category", "sector", "status", "language"})
_INSTANTS: Final = frozenset({"deadline", "published"})


def label_of(name: str, lang: Lang) -> str:
    """What a field is called; one that is none of ours by its own name."""
    key = f"web.officer.field.{name}"
    return translate(key, lang) if has_message(key) else name


def lines_of(name: str, value: JsonValue, lang: Lang) -> Sequence[str]:
    """The lines of a value; none where nothing is said."""
    match value:
        case None | "":
            return ()
        case list():
            return [_lot(each, lang) if name == "lots" else str(each) for each in value]
        case dict() if "amount" not in value:
            named = bool(value.get("name") or value.get("title"))
            return [str(part) for key, part in value.items() if part not in (None, "") and not (named and key == "id")]
        case dict():
            return (_money(value, lang),)
        case _:
            return (_plain(name, value, lang),)


def _plain(name: str, value: str | float | bool, lang: Lang) -> str:
    if isinstance(value, bool):
        return translate(f"web.officer.{'yes' if value else 'no'}", lang)
    if name in _INSTANTS and isinstance(value, str):
        return _moment(value, lang)
    if name == "place":
        return place_in(str(value), lang)
    key = f"web.officer.{name}.{value}"
    return translate(key, lang) if name in _WORDS and has_message(key) else str(value)


def _moment(told: str, lang: Lang) -> str:
    try:
        if len(told) <= 10:
            return format_date(dt.date.fromisoformat(told), lang)
        return format_instant(dt.datetime.fromisoformat(told), lang)
    except (ValueError, OverflowError):
        return told


def _money(told: dict[str, JsonValue], lang: Lang) -> str:
    try:
        return format_money(Decimal(str(told["amount"])), str(told.get("currency", "")), lang)
    except (InvalidOperation, ValueError):
        return f"{told['amount']} {told.get('currency', '')}"


def _lot(lot: JsonValue, lang: Lang) -> str:
    if not isinstance(lot, dict):
        return str(lot)
    value = lot.get("value")
    number, title = str(lot.get("id", "")), str(lot.get("title", ""))
    parts = [title if tells_number(title, number) else f"{number}. {title}", str(lot.get("description", "") or "")]
    parts += [_money(value, lang)] if isinstance(value, dict) and "amount" in value else []
    return " · ".join(part for part in parts if part)
