"""Forms: what was sent, what is wrong with it, and the same form again with both.

A form that is refused is shown again with everything that was typed, a list of what is wrong at its head, and each
mistake at its field. The sentences are those of the API's problem documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Final, TypeVar, Union, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from app.api.problems import field_errors_of, sentence_of_field
from app.kit.errors import AppError
from app.kit.i18n import Lang, has_message, translate
from app.web.visitor import CSRF_FIELD

Model = TypeVar("Model", bound=BaseModel)
_WHOLE: Final = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: ``values`` by field as they were typed, ``errors`` by field in the reader's language.

    The error of the field ``""`` is one of the form as a whole.
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str, otherwise: object = "") -> str:
        """What stands in a field."""
        given = self.values.get(name)
        if given:
            return given[0]
        return "" if otherwise is None else str(otherwise)

    def has(self, name: str, choice: str) -> bool:
        """Whether a choice of a field is taken."""
        return choice in self.values.get(name, ())

    def error(self, name: str) -> str | None:
        """What is wrong with a field."""
        return self.errors.get(name)

    def refused(self, error: AppError, lang: Lang, fields: Mapping[str, str] | None = None) -> Form:
        """The form with what a service refused. ``fields``: the field of this form for a pointer's first part."""
        found: dict[str, str] = {}
        for wrong in error.field_errors:
            first = wrong.pointer.removeprefix("#").strip("/").partition("/")[0]
            name = (fields or {}).get(first, first)
            found.setdefault(name if name in self.values else _WHOLE, sentence_of_field(wrong, lang))
        if not found:
            key = f"problem.{error.slug}.detail"
            plain = {name: fact for name, fact in error.facts.items() if isinstance(fact, str | int | float | None)}
            said = translate(key, lang, **plain) if has_message(key) else translate(f"problem.{error.slug}.title", lang)
            found[_WHOLE] = said
        return Form(self.values, {**self.errors, **found})

    def wrong(self, **errors: str) -> Form:
        """The form with errors of its fields, said already."""
        return Form(self.values, {**self.errors, **errors})


def filled(**values: object) -> Form:
    """A form with what is known already; lists give several values, ``None`` none."""
    found: dict[str, Sequence[str]] = {}
    for name, value in values.items():
        if isinstance(value, list | tuple | frozenset | set):
            found[name] = [str(one) for one in value]
        elif value is not None:
            found[name] = [str(value)]
    return Form(found)


async def sent_form(request: Request) -> Form:
    """What a form sent, but for files."""
    return _form_of(await request.form())


async def sent_file(request: Request, name: str) -> UploadFile | None:
    """The file that a form sent in a field, if one was chosen."""
    given = (await request.form()).get(name)
    return given if isinstance(given, UploadFile) and given.filename else None


def _form_of(data: FormData) -> Form:
    values: dict[str, list[str]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str) and name != CSRF_FIELD:
            values.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return Form(values)


def read(model: type[Model], form: Form, lang: Lang) -> tuple[Model | None, Form]:
    """The model of what a form sent: it, or ``None`` and the form with its errors.

    A field left empty is one that was not sent. A field of the model that is a list takes all values of its name.
    """
    given: dict[str, object] = {}
    for name, values in form.values.items():
        told = [value for value in values if value.strip()]
        known = model.model_fields.get(name)
        if known is None or not told:
            continue
        given[name] = told if _many(known.annotation) else told[0]
    try:
        return model.model_validate(given), form
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for one in field_errors_of(error):
            first = one.pointer.removeprefix("#").strip("/").partition("/")[0]
            wrong.setdefault(first, sentence_of_field(one, lang))
        return None, Form(form.values, {**form.errors, **wrong})


def _many(annotation: object) -> bool:
    """Whether a field takes several values: a collection, or one or nothing."""
    if get_origin(annotation) in {list, tuple, set, frozenset}:
        return True
    return any(_many(part) for part in get_args(annotation) if get_origin(annotation) in {Union, UnionType})
