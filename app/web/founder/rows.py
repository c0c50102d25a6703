"""Rows of a form: a list whose items have fields of their own, named ``<kind>-<number>-<part>``.

A row that is emptied is removed; some empty ones stand at the end. What a form does not show of an item stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from pydantic import JsonValue

from app.api.problems import sentence_of_field
from app.db.base import JsonObject
from app.kit.errors import FieldError
from app.kit.i18n import HOME_CURRENCY, Lang
from app.web import typed
from app.web.forms import Form
from app.web.typed import Unreadable

MOST_ROWS: Final = 40
"""Rows of a list that a form shows; further ones stay as they are."""

SPARE_ROWS: Final = 2
_LATER = ("currency",)
"""Parts that say nothing by themselves: a currency without an amount."""


@dataclass(frozen=True, slots=True)
class ItemRows:
    """A list of a document, ``name``, whose items are rows of a form.

    ``parts``: fields of text, the first of which stands in every row. ``money``: a sum, told by the two fields
    ``amount`` and ``currency``. ``ticks``: boxes.
    """

    name: str
    kind: str
    parts: Sequence[str]
    money: str | None = None
    ticks: Sequence[str] = ()

    @property
    def first(self) -> str:
        """The field that stands in every row."""
        return self.parts[0]

    def fields(self, document: Mapping[str, JsonValue]) -> dict[str, Sequence[str]]:
        """The fields of the rows that show the list of a document."""
        values: dict[str, Sequence[str]] = {}
        for at, item in enumerate(items_of(document, self.name)[0]):
            row = f"{self.kind}-{at}-"
            values |= {row + part: [text_of(item.get(part))] for part in self.parts}
            values |= {row + box: ["true"] if item.get(box) is True else [] for box in self.ticks}
            if self.money:
                values |= money_fields(f"{row}amount", f"{row}currency", item.get(self.money))
        return values

    def put(self, document: JsonObject, form: Form, base: Mapping[str, JsonValue]) -> None:
        """Set the list to what the rows of a form say, items of ``base`` that no row shows last."""
        shown, rest = items_of(base, self.name)
        told = [
            self._item(form, f"{self.kind}-{at}-", old) for at, old in sent_rows(form, self.kind, self.first, shown)
        ]
        put_list(document, self.name, cast("list[JsonValue]", [*told, *rest]))

    def _item(self, form: Form, row: str, old: JsonObject) -> JsonObject:
        item: JsonObject = dict(old)
        for part in self.parts:
            if row + part in form.values:
                put(item, part, form.value(row + part).strip() or None)
        for box in self.ticks:
            # An empty box says "no" where "yes" was said, else nothing: what is unknown stays so.
            if form.has(row + box, "true") or item.get(box) is True:
                item[box] = form.has(row + box, "true")
        if self.money:
            put(item, self.money, money_of(form, f"{row}amount", f"{row}currency", old.get(self.money)))
        return item


def rows_of(form: Form, kind: str, first: str) -> range:
    """The rows that a form shows: those it holds, and some to spare."""
    taken = 0
    while taken < MOST_ROWS and f"{kind}-{taken}-{first}" in form.values:
        taken += 1
    while taken and not is_filled(form, kind, taken - 1):
        taken -= 1
    return range(taken + SPARE_ROWS)


def sent_rows(form: Form, kind: str, first: str, old: Sequence[JsonObject]) -> list[tuple[int, JsonObject]]:
    """The numbers of the filled rows that came, each with the item that it showed before."""
    sent = [at for at in range(MOST_ROWS + SPARE_ROWS) if f"{kind}-{at}-{first}" in form.values]
    return [(at, old[at] if at < len(old) else {}) for at in sent if is_filled(form, kind, at)]


def is_filled(form: Form, kind: str, at: int) -> bool:
    """Whether anything was told in a row."""
    start = f"{kind}-{at}-"
    return any(
        given and given[0].strip()
        for name, given in form.values.items()
        if name.startswith(start) and name.removeprefix(start) not in _LATER
    )


def items_of(record: Mapping[str, JsonValue], name: str) -> tuple[list[JsonObject], list[JsonObject]]:
    """The items of a list that rows show, and those beyond."""
    given = record.get(name)
    items = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return items[:MOST_ROWS], items[MOST_ROWS:]


def put(record: JsonObject, name: str, value: JsonValue) -> None:
    """Set a field, or take it away; one that says the same keeps its way of writing."""
    if value is None:
        record.pop(name, None)
    elif isinstance(value, dict | list) or text_of(record.get(name)) != value:
        record[name] = value


def put_list(record: JsonObject, name: str, items: Sequence[JsonValue]) -> None:
    """Set a list, or take it away where it is empty."""
    put(record, name, list(items) or None)


def money_of(form: Form, amount: str, currency: str, old: JsonValue) -> JsonValue:
    """The sum of two fields; ``None``: nothing was typed."""
    told = amount_of(form.value(amount))
    if not told:
        return None
    unit = form.value(currency).strip().upper() or HOME_CURRENCY
    if isinstance(old, dict) and (text_of(old.get("amount")), old.get("currency")) == (told, unit):
        return old
    return {"amount": told, "currency": unit}


def money_fields(amount: str, currency: str, value: JsonValue) -> dict[str, Sequence[str]]:
    """A sum as two fields."""
    told = value if isinstance(value, dict) else {}
    return {amount: [text_of(told.get("amount"))], currency: [text_of(told.get("currency")) or HOME_CURRENCY]}


def amount_of(text: str) -> str:
    """An amount as people type it ("1 200 000,50"), as a number; what is none comes back as it is, to be refused."""
    try:
        return typed.amount_of(text, "") or ""
    except Unreadable:
        return typed.bare(text)


def lines(text: str) -> list[str]:
    """The lines of a field that takes one thing a line, each once, without empty ones."""
    return list(dict.fromkeys(line.strip() for line in text.split("\n") if line.strip()))


def words_of(value: JsonValue) -> list[str]:
    """The items of a list of words."""
    return [text_of(one) for one in value] if isinstance(value, list) else []


def text_of(value: JsonValue) -> str:
    """What stands in a field of one line."""
    return "" if value is None else str(value)


def with_errors(
    form: Form, wrong: Sequence[FieldError], lang: Lang, *, lists: Sequence[ItemRows], fields: Mapping[str, str]
) -> Form:  # fmt: skip
    """The form with errors that point into its record.

    ``lists``: those that have rows. ``fields``: fields of another name than the record's, by the pointer without its
    ``#/``. What has no field stands for the form as a whole.
    """
    found: dict[str, str] = {}
    for one in wrong:
        path = one.pointer.removeprefix("#").strip("/")
        name = _row_of(form, path.split("/"), lists) or fields.get(path) or path.partition("/")[0]
        name = fields.get(name, name)
        found.setdefault(name if name in form.values else "", sentence_of_field(one, lang))
    return Form(form.values, {**form.errors, **found})


def _row_of(form: Form, path: Sequence[str], lists: Sequence[ItemRows]) -> str | None:
    of = next((one for one in lists if one.name == path[0]), None)
    if of is None or len(path) < 2 or not path[1].isdecimal():
        return None
    sent = [at for at, _ in sent_rows(form, of.kind, of.first, [])]
    if int(path[1]) >= len(sent):
        return None
    row = f"{of.kind}-{sent[int(path[1])]}-"
    parts = ["amount" if part == of.money else part for part in path[2:]]
    return next((row + part for part in reversed(parts) if row + part in form.values), row + of.first)
