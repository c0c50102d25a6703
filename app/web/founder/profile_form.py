"""A profile as a form, and back: what the form does not show stays in the record as it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from pydantic import JsonValue, ValidationError

from app.api.problems import field_errors_of
from app.db.base import JsonObject
from app.kit.errors import FieldError
from app.kit.i18n import Lang
from app.startups.schemas import StartupIn
from app.web.forms import Form
from app.web.founder import rows
from app.web.founder.places import region_choices
from app.web.founder.rows import ItemRows, put, put_list, text_of, words_of

TEXTS: Final = ("name", "description", "city", "country", "website", "founded", "employees")
LISTS: Final = ("sectors", "technologies", "cpv", "certifications")
_LABELS: Final = ItemRows("labels", "label", ("name", "issuer"))
_REFERENCES: Final = ItemRows("references", "reference", ("title", "buyer", "place", "date", "sector"), money="value")
_FIELDS: Final = {"regions": "places", "languages": "language", "turnover/currency": "currency"}


def form_of(record: Mapping[str, JsonValue], **more: str) -> Form:
    """The form with what a record says. ``more``: further fields, such as the version it was read at."""
    values: dict[str, Sequence[str]] = {name: [given] for name, given in more.items()}
    for name in TEXTS:
        values[name] = [text_of(record.get(name))]
    for name in LISTS:
        values[name] = ["\n".join(words_of(record.get(name)))]
    known = {value for value, _ in region_choices("fr")}
    regions = words_of(record.get("regions"))
    values["region"] = [one for one in regions if one in known]
    values["places"] = ["\n".join(one for one in regions if one not in known)]
    values["language"] = words_of(record.get("languages"))
    values |= rows.money_fields("turnover", "currency", record.get("turnover"))
    values |= _LABELS.fields(record) | _REFERENCES.fields(record)
    return Form(values)


def record_of(form: Form, base: Mapping[str, JsonValue]) -> JsonObject:
    """The record ``base`` with what the form says; fields that the form did not send stay. Not checked yet."""
    record: JsonObject = dict(base)
    for name in TEXTS:
        if name in form.values:
            put(record, name, form.value(name).strip() or None)
    for name in LISTS:
        if name in form.values:
            put_list(record, name, cast("list[JsonValue]", rows.lines(form.value(name))))
    if "places" in form.values:
        put_list(record, "regions", cast("list[JsonValue]", _regions(form, base)))
        put_list(record, "languages", cast("list[JsonValue]", list(form.values.get("language", ()))))
    if "turnover" in form.values:
        put(record, "turnover", rows.money_of(form, "turnover", "currency", base.get("turnover")))
    if "label-0-name" in form.values:
        _LABELS.put(record, form, base)
    if "reference-0-title" in form.values:
        _REFERENCES.put(record, form, base)
    return record


def checked(record: JsonObject, form: Form, lang: Lang) -> tuple[StartupIn | None, Form]:
    """The record that a form makes, or the form with what is wrong with it, each at its field."""
    try:
        return StartupIn.model_validate(record), form
    except ValidationError as error:
        return None, with_errors(form, field_errors_of(error), lang)


def with_errors(form: Form, wrong: Sequence[FieldError], lang: Lang) -> Form:
    """The form with errors that point into a record."""
    return rows.with_errors(form, wrong, lang, lists=(_LABELS, _REFERENCES), fields=_FIELDS)


def _regions(form: Form, base: Mapping[str, JsonValue]) -> list[str]:
    """The regions that are ticked and the places that are written, those of the record in their old order first."""
    said = [*form.values.get("region", ()), *rows.lines(form.value("places"))]
    old = [one for one in words_of(base.get("regions")) if one in said]
    return list(dict.fromkeys([*old, *said]))
