"""What changed between two versions of a profile, and what two people changed at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from pydantic import JsonValue

from app.db.base import JsonObject
from app.kit.i18n import Lang, format_money, listed
from app.web.founder.places import country_choices, language_choices

FIELDS: Final = (
    "name", "description", "sectors", "technologies", "cpv", "regions", "city", "country", "languages", "founded",
    "employees", "turnover", "labels", "certifications", "references", "website", "legal_form", "cash",
    "balance_sheet", "team", "equipment", "complete",
)  # fmt: skip
"""The fields of a profile and its evidence that have a name of their own on pages (``web.founder.field.<name>``)."""

_LONGEST: Final = 1_500
_MOST_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A field that is not what it was: what stood there before, and what does now; empty: nothing."""

    field: str
    before: str
    after: str

    @property
    def known(self) -> bool:
        """Whether the field is one of :data:`FIELDS`; others came with an import."""
        return self.field in FIELDS


@dataclass(frozen=True, slots=True)
class Theirs:
    """A field that somebody else changed meanwhile. ``both``: the one who looks changed it too."""

    change: Change
    both: bool


def changes(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue], lang: Lang) -> list[Change]:
    """The fields that differ, in the order of the form; what came with imports last."""
    names = [*FIELDS, *sorted((before.keys() | after.keys()) - {*FIELDS, "id", "fictional"})]
    return [
        Change(name, told(name, before.get(name), lang), told(name, after.get(name), lang))
        for name in names
        if before.get(name) != after.get(name)
    ]


def merged(
    base: Mapping[str, JsonValue], theirs: Mapping[str, JsonValue], mine: Mapping[str, JsonValue], lang: Lang
) -> tuple[JsonObject, Sequence[Theirs]]:
    """The record that keeps both people's changes, mine where both changed a field; and what the other one changed."""
    record: JsonObject = dict(theirs)
    own = {name for name in base.keys() | mine.keys() if base.get(name) != mine.get(name)}
    for name in own:
        if name in mine:
            record[name] = mine[name]
        else:
            record.pop(name, None)
    return record, [Theirs(change, change.field in own) for change in changes(base, theirs, lang)]


def told(name: str, value: JsonValue, lang: Lang) -> str:
    """The value of a field in one text."""
    if name == "languages" and isinstance(value, list):
        names = dict(language_choices(lang, map(str, value)))
        return listed((names.get(str(code), str(code)) for code in value), lang)
    if name == "country" and isinstance(value, str):
        return _cut(dict(country_choices(lang, value)).get(value, value))
    return _cut(_told(value, lang))


def _told(value: JsonValue, lang: Lang) -> str:
    match value:
        case None:
            return ""
        case list():
            return "\n".join(_told(part, lang) for part in value)
        case {"amount": amount, "currency": currency}:
            return _money(f"{amount}", f"{currency}", lang)
        case dict():
            return listed((text for part in value.values() if (text := _told(part, lang))), lang)
        case _:
            return str(value)


def _money(amount: str, currency: str, lang: Lang) -> str:
    """As the reader writes it; what is no number of a sum as it stands."""
    try:
        parsed = Decimal(amount)
    except InvalidOperation:
        return f"{amount} {currency}"
    if not parsed.is_finite() or abs(parsed.adjusted()) > _MOST_DIGITS:
        return f"{amount} {currency}"
    return format_money(parsed, currency, lang)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
