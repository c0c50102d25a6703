"""What the columns of a startup row hold, derived from its record; one function for the API and for bulk imports."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

import orjson
from pydantic import JsonValue

from app.db.base import JsonObject
from app.startups.errors import UnstorableField
from matching.gates import facet_key
from matching.text import fold
from scrapers.fields import Record
from scrapers.records import StartupRecord

SEARCH_CHARACTERS: Final = 20_000
"""How much folded text of one startup is searched."""

MAX_DEPTH: Final = 32
"""How deep unknown fields may be nested."""

_FACET_CHARACTERS = 200  # PostgreSQL's indexes take keys of about 2,700 bytes at most
_EXACT_DIGITS = 15  # what every JSON reader keeps of a number
_NOT_WORD = re.compile(r"[\W_]+")


class StartupColumns(NamedTuple):
    """Values of the derived columns of :class:`app.models.startup.Startup`, under the columns' names."""

    external_id: str
    name: str
    sort_name: str
    country: str | None
    city: str | None
    regions: list[str]
    sectors: list[str]
    languages: list[str]
    labels: list[str]
    certifications: list[str]
    employees: int | None
    record: JsonObject
    search_text: str
    content_hash: bytes


def startup_columns(record: StartupRecord) -> StartupColumns:
    """The columns of a record. ``regions`` holds the city too, as the gates of a ranking do.

    Raises:
        UnstorableField: an unknown field of the record can't be kept as it came.

    """
    stored = record_json(record)
    return StartupColumns(
        external_id=record.id,
        name=record.name,
        sort_name=facet(record.name),
        country=record.country,
        city=record.city,
        regions=facets([*record.regions, record.city or ""]),
        sectors=facets(record.sectors),
        languages=facets(record.languages),
        labels=facets(label.name for label in record.labels),
        certifications=facets(record.certifications),
        employees=record.employees,
        record=stored,
        search_text=search_text(record),
        content_hash=hashlib.sha256(orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)).digest(),
    )


@lru_cache(maxsize=50_000)
def facet(value: str) -> str:
    """The form of a word or a name that filters compare: without case, accents and punctuation."""
    return facet_key(value)[:_FACET_CHARACTERS]


def facets(values: Iterable[str]) -> list[str]:
    """The folded forms of some words, each once, in their order."""
    return [key for key in dict.fromkeys(map(facet, values)) if key]


def record_json(record: StartupRecord) -> JsonObject:
    """The record as JSON, unknown fields included; what is null, and known fields that are empty, are left out.

    Without the evidence, which is kept beside the profile and shown to fewer.

    Raises:
        UnstorableField: an unknown field can't be kept as it came.

    """
    _check_unknown(record)
    stored: JsonObject = record.model_dump(mode="json", exclude={"evidence"}, exclude_defaults=True, exclude_none=True)
    if record.turnover is not None:
        _number_amount(stored.get("turnover"), record.turnover.amount)
    if record.references:
        kept = stored["references"]
        assert isinstance(kept, list)
        for reference, given in zip(kept, record.references, strict=True):
            if given.value is not None and isinstance(reference, dict):
                _number_amount(reference.get("value"), given.value.amount)
    return stored


def _number_amount(money: JsonValue, amount: Decimal) -> None:
    """Write an amount as a JSON number where that keeps every digit, else as text, which records take too."""
    if isinstance(money, dict) and len(amount.normalize().as_tuple().digits) <= _EXACT_DIGITS:
        whole = amount == amount.to_integral_value() and abs(amount) < 2**53
        money["amount"] = int(amount) if whole else float(amount)


def _check_unknown(record: StartupRecord) -> None:
    _check_extra(record, "#")
    for name, parts in (("labels", record.labels), ("references", record.references)):
        for position, part in enumerate(parts):
            _check_extra(part, f"#/{name}/{position}")
    if record.turnover is not None:
        _check_extra(record.turnover, "#/turnover")
    for position, reference in enumerate(record.references):
        if reference.value is not None:
            _check_extra(reference.value, f"#/references/{position}/value")


def _check_extra(part: Record, pointer: str) -> None:
    if part.model_extra:
        check_storable(part.model_extra, pointer)


def check_storable(value: object, pointer: str = "#", depth: int = 0) -> None:
    """Refuse what PostgreSQL or another JSON reader would not give back: NUL, half surrogates, huge numbers, NaN.

    Raises:
        UnstorableField: with the pointer of what can't be kept.

    """
    if depth > MAX_DEPTH:
        raise UnstorableField(pointer, "too-deep")
    match value:
        case str():
            _check_text(value, pointer)
        case float() if not math.isfinite(value):
            raise UnstorableField(pointer, "unstorable-number")
        case int() if not -(2**63) <= value < 2**63:
            raise UnstorableField(pointer, "unstorable-number")
        case dict():
            for key, item in value.items():
                _check_text(key, pointer)
                check_storable(item, f"{pointer}/{_escape(key)}", depth + 1)
        case list() | tuple():
            for position, item in enumerate(value):
                check_storable(item, f"{pointer}/{position}", depth + 1)


def _check_text(text: str, pointer: str) -> None:
    if "\0" in text or (not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)):
        raise UnstorableField(pointer, "unstorable-text")


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def search_text(record: StartupRecord) -> str:
    """The words of the public part of a profile, folded as queries are; the most telling fields first, bounded."""
    parts: list[str] = []
    size = 0
    for text in _texts(record):
        words = fold_words(text[:SEARCH_CHARACTERS])
        parts.append(words)
        size += len(words) + 1
        if size > SEARCH_CHARACTERS:
            break
    return " ".join(parts)[:SEARCH_CHARACTERS]


def fold_words(text: str) -> str:
    """A text as the search knows it: folded words with single spaces between them."""
    # Folding drops control characters, so that words are parted before; plain ASCII needs no more than lower case.
    folded = " ".join(word.lower() if word.isascii() else fold(word) for word in text.split())
    return _NOT_WORD.sub(" ", folded).strip()


def _texts(record: StartupRecord) -> Iterator[str]:
    yield record.name
    if record.city:
        yield record.city
    yield from record.sectors
    yield from record.technologies
    yield from record.certifications
    for label in record.labels:
        yield label.name
    for reference in record.references:
        yield reference.title
    yield record.description
