"""The lots of a call as rows of a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import JsonValue

from app.db.base import JsonObject
from app.kit.i18n import HOME_CURRENCY
from app.web.forms import Form
from app.web.typed import Values, amount_of

MOST_LOTS: Final = 200
LOT_INPUTS: Final = ("lot_id", "lot_title", "lot_description", "lot_amount", "lot_currency")


def lot_rows(values: Values) -> list[dict[str, str]]:
    """The rows of lots as they were typed, by the input's name without ``lot_``; empty ones too."""
    columns = [values.get(name, ()) for name in LOT_INPUTS]
    count = min(max(map(len, columns), default=0), MOST_LOTS)
    return [
        {
            name.removeprefix("lot_"): column[at] if at < len(column) else ""
            for name, column in zip(LOT_INPUTS, columns, strict=True)
        }
        for at in range(count)
    ]


def read_lots(values: Values, before: JsonValue) -> JsonValue:
    """The lots that were typed; what a lot says beside its inputs stays with its id."""
    known = {str(lot.get("id")): lot for lot in before if isinstance(lot, dict)} if isinstance(before, list) else {}
    told: list[JsonValue] = []
    for at, row in enumerate(lot_rows(values)):
        typed = {name: text.strip() for name, text in row.items()}
        if not _says_something(typed):
            continue
        lot_id = typed["id"] or str(at + 1)
        kept = known.get(lot_id, {})
        lot: JsonObject = {**kept, "id": lot_id, "title": typed["title"], "description": typed["description"]}
        amount = amount_of(typed["amount"], f"lot-{at}")
        money = kept.get("value")
        lot["value"] = (
            {
                **(money if isinstance(money, dict) else {}),
                "amount": amount,
                "currency": typed["currency"].upper() or HOME_CURRENCY,
            }
            if amount
            else None
        )
        said: JsonObject = {name: value for name, value in lot.items() if value not in (None, "")}
        said["title"] = typed["title"]
        told.append(said)
    return told or None


def fill_lots(told: JsonValue) -> Mapping[str, Sequence[str]]:
    """The inputs of the lots of a record."""
    filled: dict[str, list[str]] = {name: [] for name in LOT_INPUTS}
    for lot in told if isinstance(told, list) else ():
        known = lot if isinstance(lot, dict) else {}
        money = known.get("value")
        value = money if isinstance(money, dict) else {}
        for name, text in (
            ("lot_id", known.get("id")), ("lot_title", known.get("title")),
            ("lot_description", known.get("description")), ("lot_amount", value.get("amount")),
            ("lot_currency", value.get("currency", HOME_CURRENCY)),
        ):  # fmt: skip
            filled[name].append("" if text is None else str(text))
    return filled


def with_rows(form: Form, rows: Sequence[Mapping[str, str]]) -> Form:
    """The form with these rows of lots."""
    columns = {name: [row[name.removeprefix("lot_")] for row in rows] for name in LOT_INPUTS}
    return Form({**form.values, **columns}, form.errors)


def without_empty(form: Form) -> Form:
    """The form without rows of lots that say nothing."""
    return with_rows(form, [row for row in lot_rows(form.values) if _says_something(row)])


def one_more(form: Form) -> Form:
    """The form with an empty row at the end, in the currency of the call."""
    rows = lot_rows(form.values)
    empty = dict.fromkeys((name.removeprefix("lot_") for name in LOT_INPUTS), "")
    return with_rows(form, [*rows, {**empty, "id": str(len(rows) + 1), "currency": HOME_CURRENCY}][:MOST_LOTS])


def one_less(form: Form, at: int) -> Form:
    """The form without the row at this position."""
    return with_rows(form, [row for position, row in enumerate(lot_rows(form.values)) if position != at])


def _says_something(row: Mapping[str, str]) -> bool:
    return any(row[name].strip() for name in ("title", "description", "amount"))
