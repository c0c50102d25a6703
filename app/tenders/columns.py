"""What the columns of a tender row hold, derived from its record; one function for the API and for bulk imports."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import orjson
from pydantic import JsonValue

from app.db.base import JsonObject
from app.tenders.lanes import lane_of
from app.tenders.regions import region_of
from matching.text import fold
from scrapers.normalise import Edge, to_instant
from scrapers.records import TenderRecord

SEARCH_CHARACTERS = 50_000
"""How much folded text of one tender is searched; far under what PostgreSQL takes as one text to search (1 MB)."""

CPV_MARK = "cpv"
BUYER_MARK = "qzbuyer"
"""Marks before words of the search text, so that the filters ``cpv`` and ``buyer`` use its index too."""

_RAW_CHARACTERS = 200_000
_REMEMBERED_CHARACTERS = 40
_FOLDED_CHARACTERS = 2_000
"""Of one run of characters without a space: some letters fold into eighteen, and no word is nearly as long."""
_MARKS = "\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069"
WORD = re.compile(rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*")
_EXACT_DIGITS = 15  # what every JSON reader keeps of a number


class UndatableDay(ValueError):
    """A date that stands for no instant: without a zone, or outside the years 1 to 9999 of UTC."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class TenderColumns:
    """Values of the derived columns of :class:`app.models.tender.Tender`, under the columns' names."""

    external_id: str
    title: str
    buyer_name: str | None
    sector: str | None
    category: str | None
    country: str | None
    region: str | None
    value_amount: Decimal | None
    value_currency: str | None
    reserved_sme: bool | None
    simplified_access: bool | None
    simplified_grounds: list[str]
    published_at: dt.datetime | None
    deadline_at: dt.datetime | None
    record: JsonObject
    search_text: str
    content_hash: bytes


def tender_columns(record: TenderRecord, *, zone: ZoneInfo | None) -> TenderColumns:
    """The columns of a record. ``zone``: where a date alone is a day; ``None`` where that can't be told.

    Raises:
        UndatableDay: a date alone without a zone, or an instant that is not in the years 1 to 9999 of UTC.
        ValueError: an unknown field holds what can't be stored (NUL, a whole number of over 64 bits).

    """
    stored = record_json(record)
    lane = lane_of(record)
    return TenderColumns(
        external_id=record.id,
        title=record.title,
        buyer_name=record.buyer.name if record.buyer else None,
        sector=record.sector,
        category=record.category,
        country=record.country,
        region=region_of(record.place, record.country),
        value_amount=record.value.amount if record.value else None,
        value_currency=record.value.currency if record.value else None,
        reserved_sme=record.reserved_sme,
        simplified_access=lane.simplified_access,
        simplified_grounds=list(lane.simplified_grounds),
        published_at=_instant("published", record.published, zone, "start"),
        deadline_at=_instant("deadline", record.deadline, zone, "end"),
        record=stored,
        search_text=search_text(record),
        content_hash=hashlib.sha256(_canonical(stored)).digest(),
    )


def record_json(record: TenderRecord) -> JsonObject:
    """The record as JSON, unknown fields included; what is empty or unknown is left out."""
    stored: JsonObject = record.model_dump(mode="json", exclude_defaults=True)
    for holder in (stored, *_objects(stored.get("lots"))):
        for name in ("value", "bond"):
            money = holder.get(name)
            if isinstance(money, dict) and isinstance(money.get("amount"), str):
                money["amount"] = _number(Decimal(str(money["amount"])))
    return {name: value for name, value in stored.items() if value is not None}


def _canonical(stored: JsonObject) -> bytes:
    try:
        text = orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as wrong:
        raise ValueError(f"holds a value that can't be stored: {wrong}") from wrong
    if b"\\u0000" in text and _holds_nul(orjson.loads(text)):
        raise ValueError("holds a NUL character")
    return text


def _holds_nul(value: JsonValue) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any("\0" in key or _holds_nul(item) for key, item in value.items())
        case list():
            return any(_holds_nul(item) for item in value)
        case _:
            return False


def _objects(value: JsonValue) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _number(amount: Decimal) -> JsonValue:
    """A JSON number where that keeps every digit, else the digits as text."""
    if len(amount.normalize().as_tuple().digits) > _EXACT_DIGITS:
        return str(amount)
    return int(amount) if amount == amount.to_integral_value() and abs(amount) < 2**53 else float(amount)


def _instant(field: str, when: dt.datetime | dt.date | None, zone: ZoneInfo | None, edge: Edge) -> dt.datetime | None:
    if when is None:
        return None
    try:
        return to_instant(when, zone, edge)[0].astimezone(dt.UTC)
    except ValueError as wrong:
        raise UndatableDay(field, str(wrong)) from wrong
    except OverflowError as wrong:
        raise UndatableDay(field, "lies outside the years 1 to 9999") from wrong


def search_text(record: TenderRecord) -> str:
    """The words of a tender, folded as queries are; the most telling fields first, bounded."""
    parts: list[str] = []
    size = 0
    for text in _texts(record):
        words = _folded_text(text[:_RAW_CHARACTERS])
        parts.append(words)
        size += len(words) + 1
        if size > SEARCH_CHARACTERS:
            break
    return " ".join(parts)[:SEARCH_CHARACTERS]


def fold_words(text: str) -> list[str]:
    """The words of a text as the search knows them."""
    return [fold(word) for word in WORD.findall(text)]


def _folded_text(text: str) -> str:
    """The same, with a space between them: worked out once per run of characters, as texts repeat themselves."""
    return " ".join(filter(None, map(_folded_run, text.split())))


def _folded_run(run: str) -> str:
    return _remembered_run(run) if len(run) <= _REMEMBERED_CHARACTERS else _fold_run(run)


@lru_cache(maxsize=20_000)
def _remembered_run(run: str) -> str:
    return _fold_run(run)


def _fold_run(run: str) -> str:
    # Plain ASCII needs lower case only, and references, each met once, don't fill the cache of folded words.
    if run.isascii():
        return " ".join(WORD.findall(run)).lower()
    return " ".join(fold_words(run[:_FOLDED_CHARACTERS]))


def _texts(record: TenderRecord) -> Iterator[str]:
    yield record.title
    if record.buyer and record.buyer.name:
        yield record.buyer.name
        yield " ".join(f"{BUYER_MARK}{word}" for word in fold_words(record.buyer.name))
    yield " ".join(f"{CPV_MARK}{code}" for code in cpv_codes(record))
    yield from record.activities
    for lot in record.lots[:1_000]:
        yield lot.title
    yield record.id
    yield record.description
    for lot in record.lots[:1_000]:
        yield lot.description


def cpv_codes(record: TenderRecord) -> list[str]:
    """The CPV codes of a tender and of its lots, each once, in the order they come."""
    codes = [*record.cpv, *(code for lot in record.lots for code in lot.cpv)]
    return list(dict.fromkeys(codes))[:1_000]
