"""A call as a form, and back: what stands in the record and not in the form stays as it was.

Each part of the record has its fields. A part whose fields were not touched keeps the record's own spelling of it, so
that saving a form unchanged changes nothing; a part that was typed is read, and refused at its field if it can't be.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue, ValidationError

from app.api.problems import field_errors_of, sentence_of_field
from app.db.base import JsonObject
from app.kit.i18n import HOME_CURRENCY, MOROCCO, Lang, translate
from app.tenders.schemas import TenderBody
from app.web.forms import Form
from app.web.officer.lots import LOT_INPUTS, fill_lots, read_lots
from app.web.typed import Unreadable, Values, amount_of, one

HOME_COUNTRY: Final = "MA"
PROCEDURES: Final[Mapping[str, str]] = MappingProxyType({
    "open": "Appel d'offres ouvert",
    "simplified": "Appel d'offres ouvert simplifié",
    "international": "Appel d'offres ouvert international",
    "restricted": "Appel d'offres restreint",
    "preselection": "Appel d'offres avec présélection",
    "contest": "Concours",
    "dialogue": "Dialogue compétitif",
    "negotiated": "Procédure négociée",
    "purchase_order": "Bon de commande",
})  # fmt: skip
"""As notices write them, by the keys of their words."""

_CODES: Final = re.compile(r"[\s,;]+")
_LINES: Final = re.compile(r"\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the record: the inputs that say it, how they are read, and how they are filled."""

    inputs: Sequence[str]
    read: Callable[[Values, JsonValue], JsonValue]
    fill: Callable[[JsonValue], Mapping[str, Sequence[str]]]


def _text(name: str) -> Part:
    return Part(
        (name,),
        lambda values, _: one(values, name) or None,
        lambda told: {name: [told] if isinstance(told, str) else []},
    )


def _several(name: str, between: re.Pattern[str], joined: str) -> Part:
    def read(values: Values, _: JsonValue) -> JsonValue:
        return [each.strip() for each in between.split(one(values, name)) if each.strip()] or None

    def fill(told: JsonValue) -> Mapping[str, Sequence[str]]:
        return {name: [joined.join(map(str, told))] if isinstance(told, list) and told else []}

    return Part((name,), read, fill)


def _money(name: str) -> Part:
    amount, currency = f"{name}_amount", f"{name}_currency"

    def read(values: Values, before: JsonValue) -> JsonValue:
        told = amount_of(one(values, amount), amount)
        if told is None:
            return None
        kept = before if isinstance(before, dict) else {}
        return {**kept, "amount": told, "currency": one(values, currency).upper() or HOME_CURRENCY}

    def fill(told: JsonValue) -> Mapping[str, Sequence[str]]:
        known = told if isinstance(told, dict) else {}
        return {
            amount: [str(known["amount"])] if "amount" in known else [],
            currency: [str(known.get("currency", HOME_CURRENCY))],
        }

    return Part((amount, currency), read, fill)


def _read_deadline(values: Values, _: JsonValue) -> JsonValue:
    day, time = one(values, "deadline_day"), one(values, "deadline_time")
    if not day:
        if time:
            raise Unreadable("deadline_day", "web.officer.wrong.day")
        return None
    try:
        date = dt.date.fromisoformat(day)
    except ValueError:
        raise Unreadable("deadline_day", "web.officer.wrong.day") from None
    if not time:
        return date.isoformat()
    try:
        hour = dt.time.fromisoformat(time)
    except ValueError:
        raise Unreadable("deadline_time", "web.officer.wrong.time") from None
    if hour.tzinfo is not None or not 1900 <= date.year <= 9000:
        raise Unreadable("deadline_time", "web.officer.wrong.time")
    return dt.datetime.combine(date, hour, MOROCCO).isoformat()


def _fill_deadline(told: JsonValue) -> Mapping[str, Sequence[str]]:
    empty: Mapping[str, Sequence[str]] = {"deadline_day": [], "deadline_time": []}
    if not isinstance(told, str):
        return empty
    try:
        if len(told) <= 10:
            return {**empty, "deadline_day": [dt.date.fromisoformat(told).isoformat()]}
        local = dt.datetime.fromisoformat(told).astimezone(MOROCCO)
    except (ValueError, OverflowError):
        return empty
    return {"deadline_day": [local.date().isoformat()], "deadline_time": [local.strftime("%H:%M")]}


def _read_flag(values: Values, _: JsonValue) -> JsonValue:
    return {"true": True, "false": False}.get(one(values, "reserved_sme"))


def _fill_flag(told: JsonValue) -> Mapping[str, Sequence[str]]:
    return {"reserved_sme": [str(told).lower()] if isinstance(told, bool) else []}


def _read_buyer(values: Values, before: JsonValue) -> JsonValue:
    kept = before if isinstance(before, dict) else {}
    name = one(values, "buyer_name")
    return {**kept, "name": name} if name else None


def _fill_buyer(told: JsonValue) -> Mapping[str, Sequence[str]]:
    known = told if isinstance(told, dict) else {}
    return {"buyer_name": [str(known["name"])] if known.get("name") else []}


_PART_OF: Final = ("id", "title", "buyer", "role")


def _read_part_of(values: Values, before: JsonValue) -> JsonValue:
    told: JsonObject = {name: typed for name in _PART_OF if (typed := one(values, f"part_of_{name}"))}
    kept = {name: value for name, value in (before if isinstance(before, dict) else {}).items() if name not in _PART_OF}
    return {**kept, **told} if told else None


def _fill_part_of(told: JsonValue) -> Mapping[str, Sequence[str]]:
    known = told if isinstance(told, dict) else {}
    return {f"part_of_{name}": [str(known[name])] if known.get(name) else [] for name in _PART_OF}


PARTS: Final[Mapping[str, Part]] = MappingProxyType({
    "title": _text("title"),
    "description": _text("description"),
    "conditions": _text("conditions"),
    "buyer": Part(("buyer_name",), _read_buyer, _fill_buyer),
    "sector": _text("sector"),
    "category": _text("category"),
    "procedure": _text("procedure"),
    "place": _text("place"),
    "value": _money("value"),
    "bond": _money("bond"),
    "deadline": Part(("deadline_day", "deadline_time"), _read_deadline, _fill_deadline),
    "activities": _several("activities", _LINES, "\n"),
    "cpv": _several("cpv", _CODES, " "),
    "lots": Part(LOT_INPUTS, read_lots, fill_lots),
    "reserved_sme": Part(("reserved_sme",), _read_flag, _fill_flag),
    "part_of": Part(tuple(f"part_of_{name}" for name in _PART_OF), _read_part_of, _fill_part_of),
    "language": _text("language"),
    "url": _text("url"),
})  # fmt: skip
"""By field of the record. ``conditions`` is none of the contract: prose that what a call asks is read from."""

_FIRST_INPUT: Final = {name: part.inputs[0] for name, part in PARTS.items()} | {"id": "reference"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form says: the record, or ``None`` and what is wrong with it by input."""

    record: JsonObject | None
    errors: Mapping[str, str] = field(default_factory=dict)


def form_of(record: JsonObject, **hidden: object) -> Form:
    """The form of a record."""
    values: dict[str, Sequence[str]] = {name: [str(told)] for name, told in hidden.items()}
    for name, part in PARTS.items():
        values.update(part.fill(record.get(name)))
    return Form(values)


def record_of(form: Form, before: JsonObject, lang: Lang) -> Draft:
    """The record that a form says, laid over the one it was filled from."""
    record, errors = dict(before), {}
    for name, part in PARTS.items():
        if _typed(part, form.values) == _typed(part, part.fill(before.get(name))):
            continue
        try:
            told = part.read(form.values, before.get(name))
        except Unreadable as wrong:
            errors[wrong.field] = translate(wrong.key, lang)
            continue
        record.pop(name, None)
        if told is not None:
            record[name] = told
    errors = {**_refused(record, lang), **errors}
    return Draft(None if errors else record, errors)


def _typed(part: Part, values: Values) -> list[tuple[str, ...]]:
    """What stands in the inputs of a part, as a browser would send it back."""
    return [tuple(text.strip() for text in values.get(name, ())) or ("",) for name in part.inputs]


def _refused(record: JsonObject, lang: Lang) -> dict[str, str]:
    try:
        TenderBody.model_validate(record)
    except ValidationError as error:
        found: dict[str, str] = {}
        for wrong in field_errors_of(error):
            name, _, rest = wrong.pointer.removeprefix("#/").partition("/")
            row = rest.partition("/")[0]
            at = (
                f"lot-{row}"
                if name == "lots" and row.isdecimal()
                else _FIRST_INPUT.get(name, "reference" if name == "id" else "")
            )
            found.setdefault(at, sentence_of_field(wrong, lang))
        return found
    return {}
