"""Evidence as the JSON that is kept and answered: what is empty or unknown is left out, amounts are numbers."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import cast

import orjson
from pydantic import JsonValue

from app.db.base import JsonObject
from scrapers.evidence import EvidenceRecord

_EXACT_DIGITS = 15  # what every JSON reader keeps of a number


def evidence_json(evidence: EvidenceRecord) -> JsonObject:
    """The evidence as JSON, which :class:`EvidenceRecord` reads back."""
    stored = evidence.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    return cast("JsonObject", _with_numbers(stored))


def content_hash(document: JsonObject) -> bytes:
    """What tells two documents apart, whatever the order of their fields."""
    return hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).digest()


def without_file(document: JsonObject, file_id: str) -> JsonObject:
    """The document without what refers to a file."""
    return cast("JsonObject", _without(document, file_id))


def files_of(evidence: EvidenceRecord) -> dict[str, str]:
    """The files that are referred to: from the JSON pointer of the reference to the file's id."""
    return {
        f"#/{name}/{at}/file": str(one.file)
        for name in ("documents", "certificates", "labels", "references", "turnover")
        for at, one in enumerate(getattr(evidence, name))
        if one.file is not None
    }


def _with_numbers(value: JsonValue) -> JsonValue:
    """Amounts, which come as text, as numbers where that keeps every digit."""
    if isinstance(value, list):
        return [_with_numbers(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "currency" in value and isinstance(text := value.get("amount"), str):
        return {**value, "amount": _number(Decimal(text))}
    return {name: _with_numbers(item) for name, item in value.items()}


def _number(amount: Decimal) -> JsonValue:
    if len(amount.normalize().as_tuple().digits) > _EXACT_DIGITS:
        return str(amount)
    return int(amount) if amount == amount.to_integral_value() and abs(amount) < 2**53 else float(amount)


def _without(value: JsonValue, file_id: str) -> JsonValue:
    if isinstance(value, list):
        return [_without(item, file_id) for item in value]
    if not isinstance(value, dict):
        return value
    return {name: _without(item, file_id) for name, item in value.items() if not (name == "file" and item == file_id)}
