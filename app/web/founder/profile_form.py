"""A profile as a form, and back: what the form does not show stays in the record as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, cast

from pydantic import JsonValue, ValidationError

from app.api.problems import field_errors_of, sentence_of_field
from app.db.base import JsonObject
from app.kit.errors import FieldError
from app.kit.i18n import Lang
from app.startups.schemas import StartupIn
from app.web.forms import Form
from app.web.founder.places import region_choices

TEXTS: Final = ("name", "description", "city", "country", "website", "founded", "employees")
LISTS: Final = ("sectors", "technologies", "cpv", "certifications")
MOST_ROWS: Final = 40
"""Rows of a list (labels, references) that the form shows; further ones stay as they are."""

SPARE_ROWS: Final = 2
_AMOUNT = re.compile(r"(\d+)(?:[.,](\d{1,2}))?")
_BLANK = re.compile(r"[\s\u00a0\u202f]+")

Row = dict[str, str]


def form_of(record: Mapping[str, JsonValue], **more: str) -> Form:
    """The form with what a record says. ``more``: further fields, such as the version it was read at."""
    values: dict[str, Sequence[str]] = {name: [given] for name, given in more.items()}
    for name in TEXTS:
        values[name] = [_text(record.get(name))]
    for name in LISTS:
        values[name] = ["\n".join(_words(record.get(name)))]
    known = {value for value, _ in region_choices("fr")}
    regions = _words(record.get("regions"))
    values["region"] = [one for one in regions if one in known]
    values["places"] = ["\n".join(one for one in regions if one not in known)]
    values["language"] = _words(record.get("languages"))
    turnover = record.get("turnover")
    told = turnover if isinstance(turnover, dict) else {}
    values["turnover"], values["currency"] = [_text(told.get("amount"))], [_text(told.get("currency")) or "MAD"]
    for at, label in enumerate(_rows(record, "labels")):
        for name in ("name", "issuer"):
            values[f"label-{at}-{name}"] = [_text(label.get(name))]
    for at, reference in enumerate(_rows(record, "references")):
        money = reference.get("value")
        worth = money if isinstance(money, dict) else {}
        for name in ("title", "buyer", "place", "date", "sector"):
            values[f"reference-{at}-{name}"] = [_text(reference.get(name))]
        values[f"reference-{at}-amount"] = [_text(worth.get("amount"))]
        values[f"reference-{at}-currency"] = [_text(worth.get("currency")) or "MAD"]
    return Form(values)


def record_of(form: Form, base: Mapping[str, JsonValue]) -> JsonObject:
    """The record ``base`` with what the form says; fields that the form did not send stay. Not checked yet."""
    record: JsonObject = dict(base)
    for name in TEXTS:
        if name in form.values:
            _put(record, name, form.value(name).strip() or None)
    for name in LISTS:
        if name in form.values:
            _put(record, name, cast("JsonValue", lines(form.value(name))) or None)
    if "places" in form.values:
        _put(record, "regions", cast("JsonValue", _regions(form, base)) or None)
        _put(record, "languages", cast("JsonValue", list(form.values.get("language", ()))) or None)
    if "turnover" in form.values:
        _put(record, "turnover", _money(form, "turnover", "currency", base.get("turnover")))
    if "label-0-name" in form.values:
        _put(record, "labels", cast("JsonValue", _labels(form, base)) or None)
    if "reference-0-title" in form.values:
        _put(record, "references", cast("JsonValue", _references(form, base)) or None)
    return record


def checked(record: JsonObject, form: Form, lang: Lang) -> tuple[StartupIn | None, Form]:
    """The record that a form makes, or the form with what is wrong with it, each at its field."""
    try:
        return StartupIn.model_validate(record), form
    except ValidationError as error:
        return None, with_errors(form, field_errors_of(error), lang)


def with_errors(form: Form, wrong: Sequence[FieldError], lang: Lang) -> Form:
    """The form with errors that point into a record."""
    found: dict[str, str] = {}
    for one in wrong:
        found.setdefault(_field_of(form, one.pointer), sentence_of_field(one, lang))
    return Form(form.values, {**form.errors, **found})


def rows_of(form: Form, kind: str, first: str) -> range:
    """The rows of a list that the form shows: those it holds, and some to spare."""
    taken = 0
    while f"{kind}-{taken}-{first}" in form.values:
        taken += 1
    empty = 0
    while empty < taken and not form.value(f"{kind}-{taken - 1 - empty}-{first}").strip():
        empty += 1
    return range(min(taken - empty + SPARE_ROWS, MOST_ROWS + SPARE_ROWS))


def lines(text: str) -> list[str]:
    """The lines of a field that takes one thing a line, each once, without empty ones."""
    return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


def amount_of(text: str) -> str:
    """An amount as people type it ("1 200 000,50"), as a number; what is none comes back as it is, to be refused."""
    bare = _BLANK.sub("", text)
    found = _AMOUNT.fullmatch(bare)
    return f"{found[1]}.{found[2]}" if found and found[2] else bare


def _put(record: JsonObject, name: str, value: JsonValue) -> None:
    """Set a field, or take it away; one that says the same keeps its way of writing."""
    if value is None:
        record.pop(name, None)
    elif isinstance(value, dict | list) or _text(record.get(name)) != value:
        record[name] = value


def _regions(form: Form, base: Mapping[str, JsonValue]) -> list[str]:
    """The regions that are ticked and the places that are written, those of the record in their old order first."""
    said = [*form.values.get("region", ()), *lines(form.value("places"))]
    old = [one for one in _words(base.get("regions")) if one in said]
    return list(dict.fromkeys([*old, *said]))


def _labels(form: Form, base: Mapping[str, JsonValue]) -> list[JsonObject]:
    before = base.get("labels")
    rest = before[MOST_ROWS:] if isinstance(before, list) else []
    found = []
    for at, old in _given(form, "label", "name", _rows(base, "labels")):
        row: JsonObject = dict(old)
        for name in ("name", "issuer"):
            _put(row, name, form.value(f"label-{at}-{name}").strip() or None)
        if row.keys() & {"name", "issuer"}:
            found.append(row)
    return [*found, *cast("list[JsonObject]", rest)]


def _references(form: Form, base: Mapping[str, JsonValue]) -> list[JsonObject]:
    before = base.get("references")
    rest = before[MOST_ROWS:] if isinstance(before, list) else []
    found = []
    for at, old in _given(form, "reference", "title", _rows(base, "references")):
        row: JsonObject = dict(old)
        for name in ("title", "buyer", "place", "date", "sector"):
            if f"reference-{at}-{name}" in form.values:
                _put(row, name, form.value(f"reference-{at}-{name}").strip() or None)
        _put(row, "value", _money(form, f"reference-{at}-amount", f"reference-{at}-currency", old.get("value")))
        if row.keys() & {"title", "buyer", "place", "date", "sector", "value"}:
            found.append(row)
    return [*found, *cast("list[JsonObject]", rest)]


def _given(form: Form, kind: str, first: str, old: Sequence[JsonObject]) -> list[tuple[int, JsonObject]]:
    sent = [at for at in range(MOST_ROWS + SPARE_ROWS) if f"{kind}-{at}-{first}" in form.values]
    return [(at, old[at] if at < len(old) else {}) for at in sent]


def _money(form: Form, amount: str, currency: str, old: JsonValue) -> JsonValue:
    typed = amount_of(form.value(amount))
    if not typed:
        return None
    unit = form.value(currency).strip().upper() or "MAD"
    if isinstance(old, dict) and (_text(old.get("amount")), old.get("currency")) == (typed, unit):
        return old
    return {"amount": typed, "currency": unit}


def _field_of(form: Form, pointer: str) -> str:
    """The field of the form that a pointer into its record means; the whole form where it shows no such field."""
    first, *rest = [*pointer.removeprefix("#").strip("/").split("/"), ""]
    if first in {"labels", "references"} and rest[0].isdecimal():
        kind, name = ("label", "name") if first == "labels" else ("reference", "title")
        sent = [at for at, _ in _given(form, kind, name, []) if _filled_row(form, kind, at)]
        if int(rest[0]) < len(sent):
            part = {"value": "amount"}.get(rest[1], rest[1]) if len(rest) > 1 else name
            field = f"{kind}-{sent[int(rest[0])]}-{part or name}"
            return field if field in form.values else f"{kind}-{sent[int(rest[0])]}-{name}"
    if first == "turnover" and rest[0] == "currency":
        return "currency"
    field = {"regions": "places", "languages": "language"}.get(first, first)
    return field if field in form.values else ""


def _filled_row(form: Form, kind: str, at: int) -> bool:
    start = f"{kind}-{at}-"
    return any(
        given and given[0].strip() for name, given in form.values.items()
        if name.startswith(start) and not name.endswith("-currency")
    )  # fmt: skip


def _rows(record: Mapping[str, JsonValue], name: str) -> list[JsonObject]:
    given = record.get(name)
    return [one for one in given[:MOST_ROWS] if isinstance(one, dict)] if isinstance(given, list) else []


def _words(value: JsonValue) -> list[str]:
    return [_text(one) for one in value] if isinstance(value, list) else []


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)
