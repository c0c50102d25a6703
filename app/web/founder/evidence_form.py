"""Pieces of evidence and the facts beside them as forms, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias, cast, get_args

from pydantic import JsonValue, ValidationError

from app.api.problems import field_errors_of
from app.db.base import JsonObject
from app.evidence.schemas import EvidenceIn
from app.kit.errors import FieldError
from app.kit.i18n import Lang
from app.web.forms import Form
from app.web.founder import rows
from app.web.founder.rows import ItemRows, put, put_list, text_of, words_of

PieceList: TypeAlias = Literal["documents", "certificates", "labels"]
PIECE_LISTS: Final[Sequence[PieceList]] = get_args(PieceList)
PARTS: Final[Mapping[PieceList, Sequence[str]]] = {
    "documents": ("kind", "name", "issuer", "issued", "expires"),
    "certificates": ("name", "scheme", "number", "sector", "grade", "issuer", "issued", "expires"),
    "labels": ("name", "issuer", "issued", "expires"),
}
LEGAL_FORMS: Final = ("company", "cooperative", "auto_entrepreneur", "association")
SCHEMES: Final = ("qualification", "approval", "iso", "other")
COMPLETE: Final = (
    "documents", "certificates", "labels", "references", "turnover", "team", "equipment", "regions", "languages",
)  # fmt: skip
_TURNOVER: Final = ItemRows("turnover", "turnover", ("year",), money="turnover")
_TEAM: Final = ItemRows("team", "team", ("role", "count", "years"))
_REFERENCES: Final = ItemRows("references", "reference", ("title", "buyer", "date"), money="value", ticks=("attested",))
_LISTS: Final = (_TURNOVER, _TEAM, _REFERENCES)
_FIELDS: Final = {
    "cash/amount": "cash", "cash/currency": "cash-currency",
    "balance_sheet/amount": "balance_sheet", "balance_sheet/currency": "balance_sheet-currency",
}  # fmt: skip


def piece_form(name: PieceList, piece: Mapping[str, JsonValue], version: int) -> Form:
    """The form of one piece of evidence."""
    values: dict[str, Sequence[str]] = {part: [text_of(piece.get(part))] for part in PARTS[name]}
    values["qualifications"] = ["\n".join(words_of(piece.get("qualifications")))]
    return Form({**values, "version": [str(version)], "file": [text_of(piece.get("file"))]})


def piece_of(name: PieceList, form: Form, old: Mapping[str, JsonValue]) -> JsonObject:
    """The piece that a form tells; its file and what the form does not show stay."""
    piece: JsonObject = dict(old)
    for part in PARTS[name]:
        put(piece, part, form.value(part).strip() or None)
    if name == "certificates":
        put_list(piece, "qualifications", cast("list[JsonValue]", rows.lines(form.value("qualifications"))))
    return piece


def checked(document: JsonObject) -> tuple[EvidenceIn | None, Sequence[FieldError]]:
    """The evidence of a document, or what is wrong with it."""
    try:
        return EvidenceIn.model_validate(document), ()
    except ValidationError as error:
        return None, field_errors_of(error)


def piece_errors(form: Form, wrong: Sequence[FieldError], at: str, lang: Lang) -> Form:
    """The form of a piece with errors that point into the whole document, where the piece stands ``at``."""
    inside = [
        FieldError(f"#{one.pointer.removeprefix(at)}", one.code, one.location, one.facts, one.fallback)
        for one in wrong
        if one.pointer.startswith(at)
    ]
    return rows.with_errors(form, inside or wrong, lang, lists=(), fields={"": "expires"})


def facts_form(document: Mapping[str, JsonValue], version: int) -> Form:
    """The form of all that is not a paper: legal form, money, turnover by year, references, team, equipment."""
    values: dict[str, Sequence[str]] = {"version": [str(version)]}
    values["legal_form"] = [text_of(document.get("legal_form"))]
    for name in ("cash", "balance_sheet"):
        values |= rows.money_fields(name, f"{name}-currency", document.get(name))
    for one in _LISTS:
        values |= one.fields(document)
    values["equipment"] = ["\n".join(words_of(document.get("equipment")))]
    values["complete"] = words_of(document.get("complete"))
    return Form(values)


def facts_of(form: Form, base: Mapping[str, JsonValue]) -> JsonObject:
    """The document ``base`` with the facts that the form tells. Not checked yet."""
    document: JsonObject = dict(base)
    put(document, "legal_form", form.value("legal_form") or None)
    for name in ("cash", "balance_sheet"):
        put(document, name, rows.money_of(form, name, f"{name}-currency", base.get(name)))
    for one in _LISTS:
        one.put(document, form, base)
    put_list(document, "equipment", cast("list[JsonValue]", rows.lines(form.value("equipment"))))
    put_list(document, "complete", cast("list[JsonValue]", list(form.values.get("complete", ()))))
    return document


def facts_errors(form: Form, wrong: Sequence[FieldError], lang: Lang) -> Form:
    """The form of the facts with errors that point into the document."""
    return rows.with_errors(form, wrong, lang, lists=_LISTS, fields=_FIELDS)
