"""What is typed about a pilot: its body and its verdicts as forms, and back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from app.api.problems import field_errors_of, sentence_of_field
from app.kit.i18n import HOME_CURRENCY, Lang, translate
from app.models.pilot import Pilot
from app.pilots.schemas import Closing, PilotBody
from app.web.forms import Form, filled
from app.web.local_time import at_home, field_of
from app.web.typed import Unreadable, amount_of

_PLAIN: Final = ("title", "problem", "sector", "place", "window_from", "window_until")
_FIELDS: Final = {"": "window_until", "country": "place", "language": "title"}
"""Where an error stands whose field the form has not: the days are out of order, say."""

_WORDS: Final = re.compile(r"[\n,;،]+")
_CODES: Final = re.compile(r"[\s,;]+")
Model = TypeVar("Model", bound=BaseModel)


def form_of(pilot: Pilot) -> Form:
    """The form of a draft as it stands."""
    return filled(
        **{name: getattr(pilot, name) for name in _PLAIN},
        criteria="\n".join(pilot.criteria),
        trades=", ".join(pilot.trades),
        cpv=" ".join(pilot.cpv),
        budget=f"{pilot.budget_amount.normalize():f}",
        currency=pilot.budget_currency,
        apply_by=None if pilot.apply_by is None else field_of(pilot.apply_by),
        version=pilot.version,
    )


def body_of(form: Form, lang: Lang, before: Pilot | None = None) -> tuple[PilotBody | None, Form]:
    """The body that a form says, or ``None`` and the form with its errors. ``before``: what the form does not ask."""
    given: dict[str, object] = {name: said for name in _PLAIN if (said := form.value(name).strip())}
    given["criteria"] = [line.strip() for line in form.value("criteria").split("\n") if line.strip()]
    given["trades"] = [word.strip() for word in _WORDS.split(form.value("trades")) if word.strip()]
    given["cpv"] = [code for code in _CODES.split(form.value("cpv")) if code]
    given["language"] = lang if before is None else before.language
    given["country"] = "MA" if before is None else before.country
    try:
        given["budget"] = _money(form, "budget")
        given["apply_by"] = _local(form.value("apply_by"), "apply_by")
    except Unreadable as wrong:
        form = form.wrong(**{wrong.field: translate(wrong.key, lang)})
    made, form = _validated(PilotBody, given, form, lang)
    return (None if form.errors else made), form


def closing_of(form: Form, criteria: int, lang: Lang) -> tuple[Closing | None, Form]:
    """The end of a pilot that a form says: ``verdict-1``, ``note-1`` and so on, a sentence, what was paid."""
    given: dict[str, object] = {
        "verdicts": [
            {"criterion": number, "verdict": form.value(f"verdict-{number}"),
             "note": form.value(f"note-{number}").strip() or None}
            for number in range(1, criteria + 1)
        ],
        "statement": form.value("statement").strip() or None,
    }  # fmt: skip
    try:
        given["paid"] = _money(form, "paid")
    except Unreadable as wrong:
        form = form.wrong(**{wrong.field: translate(wrong.key, lang)})
    made, form = _validated(Closing, given, form, lang)
    return (None if form.errors else made), form


def _money(form: Form, name: str) -> dict[str, str] | None:
    amount = amount_of(form.value(name), name)
    if amount is None:
        return None
    return {"amount": amount, "currency": form.value("currency").strip().upper() or HOME_CURRENCY}


def _local(typed: str, name: str) -> dt.datetime | None:
    """An instant of Morocco's clocks."""
    if not typed.strip():
        return None
    try:
        return at_home(dt.datetime.fromisoformat(typed.strip()))
    except ValueError:
        raise Unreadable(name, "web.officer.wrong.time") from None


def _validated(model: type[Model], given: dict[str, object], form: Form, lang: Lang) -> tuple[Model | None, Form]:
    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None}), form
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for one in field_errors_of(error):
            parts = one.pointer.removeprefix("#").strip("/").split("/")
            wrong.setdefault(_input_of(parts), sentence_of_field(one, lang))
        return None, form.wrong(**{name: said for name, said in wrong.items() if name not in form.errors})


def _input_of(parts: list[str]) -> str:
    """The input that a pointer is about: of a verdict, that of its criterion; of an amount, the amount's."""
    if parts[0] == "verdicts" and len(parts) > 2:
        return f"{'note' if parts[2] == 'note' else 'verdict'}-{int(parts[1]) + 1}"
    if parts[-1] == "currency":
        return "currency"
    return _FIELDS.get(parts[0], parts[0])
