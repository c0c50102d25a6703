"""What a call asks for, in words: each finding's kind, its value part by part, and the passage that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pydantic import JsonValue

from app.kit.i18n import Lang, format_money, format_number, has_message, listed, translate
from app.requirements.findings import Asked, is_prose
from app.requirements.service import Requirements
from app.web.tender.notice import amount_told
from app.web.tender.timeline import moment
from matching.requirements import value_json
from matching.requirements.findings import Kind, Value

_LONGEST: Final = 500
_MOST: Final = 200
_OF_MONEY: Final = frozenset({"amount", "currency"})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a value; without a name where the value has no more than it."""

    name: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Demand:
    """Something that a call asks for. ``origin``: ``owner`` (corrected), ``document``, ``field`` or ``text``."""

    kind: Kind
    parts: Sequence[Part]
    quote: str
    origin: str
    page: int | None
    document: str | None
    confidence: float


def demands_of(told: Requirements, lang: Lang) -> list[Demand]:
    """What counts of a call's requirements, kind by kind."""
    names = {document.id: document.filename for document in told.documents}
    counting = islice((one for one in told.asked if one.counts), _MOST)
    return [_demand(one, names.get(one.document_id) if one.document_id else None, lang) for one in counting]


def _demand(one: Asked, document: str | None, lang: Lang) -> Demand:
    found = one.finding
    return Demand(
        kind=found.kind,
        parts=parts_of(found.value, lang),
        quote=found.quote[:_LONGEST] if is_prose(found.field) else "",
        origin=one.origin,
        page=one.page,
        document=document,
        confidence=found.confidence,
    )


def parts_of(value: Value, lang: Lang) -> list[Part]:
    """What a call asks, part by part."""
    return _parts(value_json(value), lang)


def _parts(value: JsonValue, lang: Lang) -> list[Part]:
    if not isinstance(value, dict):
        return [Part(None, _said(value, lang))]
    parts = []
    money = amount_told(value)
    if money is not None:
        parts.append(Part(None, format_money(money.amount, money.currency, lang)))
    for name, part in value.items():
        if part in (None, []) or (name in _OF_MONEY and (money is not None or name == "currency")):
            continue
        parts.append(Part(_label(name, lang), _said(part, lang)))
    return parts


def _label(name: str, lang: Lang) -> str:
    key = f"web.tender.part.{name}"
    return translate(key, lang) if has_message(key) else name


def _said(value: JsonValue, lang: Lang) -> str:
    match value:
        case bool() | None:
            return translate(f"word.{'yes' if value else 'no'}", lang)
        case int() | float():
            return format_number(value, lang)
        case list():
            return listed((_said(each, lang) for each in value), lang)
        case dict():
            return listed((part.value for part in _parts(value, lang)), lang)
        case str():
            word = f"eligibility.word.{value}"
            return translate(word, lang) if has_message(word) else moment(value, lang) or value
