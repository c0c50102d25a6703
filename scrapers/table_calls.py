"""Rows of tables as calls: the sender's habits, what was declared for all of its rows, and times with their zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from scrapers.base import Read
from scrapers.errors import RecordRejected, SourceChanged, SourceMisconfigured
from scrapers.files.columns import Dialect, field_of, folded
from scrapers.files.contract import MIB, Limits, Rejected, Row
from scrapers.files.csv_rows import csv_rows
from scrapers.files.encoding import refuse_wide_text
from scrapers.files.errors import FileError, FileUnreadable
from scrapers.files.input_file import InputFile
from scrapers.files.xlsx_rows import xlsx_rows
from scrapers.normalise import Edge, country_code, to_instant, zone_of_country
from scrapers.records import TenderRecord

LIMITS = Limits(file=32 * MIB, unpacked=64 * MIB, line=MIB, workbook=128 * MIB, workbook_entries=500)
MOST_ROWS = 100_000
_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0"
_EDGES: tuple[tuple[str, Edge], ...] = (("published", "start"), ("deadline", "end"))
_EVERY = ("country", "language", "sector")


@dataclass(frozen=True, slots=True)
class TableHabits:
    """``every``: fields of each row that does not tell them itself; ``currency``: that of amounts without one."""

    dialect: Dialect
    zone: ZoneInfo | None = None
    currency: str | None = None
    every: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def told(cls, settings: Mapping[str, str]) -> TableHabits:
        """The habits that an operator declares. Raises SourceMisconfigured."""
        decimal = settings.get("decimal")
        if decimal not in {None, ",", "."}:
            raise SourceMisconfigured('decimal is "," or "."')
        every = {name: settings[name] for name in _EVERY if settings.get(name)}
        if "country" in every:
            every["country"] = told_country(every["country"])
        if every.get("sector", "public") not in {"public", "private"}:
            raise SourceMisconfigured('sector is "public" or "private"')
        currency = settings.get("currency")
        if currency is not None and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise SourceMisconfigured("currency is an ISO 4217 code, such as MAD")
        mark: Literal[",", "."] | None = "," if decimal == "," else "." if decimal == "." else None
        dialect = Dialect(_headings(settings.get("columns", "")), mark, texts=True)
        return cls(dialect, told_zone(settings.get("zone")), currency and currency.upper(), every)


def told_zone(name: str | None) -> ZoneInfo | None:
    """A zone by its IANA name. Raises SourceMisconfigured."""
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SourceMisconfigured(f"zone: {name!r} is not the name of a time zone") from None


def told_country(written: str) -> str:
    """A country by its code or name. Raises SourceMisconfigured."""
    try:
        return country_code(written)
    except ValueError as error:
        raise SourceMisconfigured(f"country: {written!r} {error}") from None


def _headings(written: str) -> dict[str, str]:
    """``N° interne = id; Libellé = title`` as folded headings and fields."""
    found: dict[str, str] = {}
    for pair in written.replace("\n", ";").split(";"):
        if not pair.strip():
            continue
        heading, _, path = (part.strip() for part in pair.rpartition("="))
        if not heading or field_of(path, "tender") != path.casefold():
            raise SourceMisconfigured(f"columns: {pair.strip()!r} is not HEADING=FIELD with a field of a tender")
        found[folded(heading)] = path.casefold()
    return found


def calls_of(body: bytes, name: str, habits: TableHabits) -> Iterator[Read]:
    """The calls of a table, and the rows that are none, each with its row, column and reason.

    Raises SourceChanged where it is no table, or lacks a required column; what was good before that stays good.
    """
    seen: set[str] = set()
    try:
        file = InputFile.of(body, name, LIMITS)
        for count, row in enumerate(_rows(file, habits.dialect)):
            if count >= MOST_ROWS:
                raise SourceChanged(f"{name} has more than {MOST_ROWS:,} rows: divide it")
            yield _read(row, habits, seen)
    except FileError as error:
        raise SourceChanged(f"{name} {error.reason}") from None


def _rows(file: InputFile, dialect: Dialect) -> Iterator[Row | Rejected]:
    head = file.head(1_000)
    if head.startswith(_OLE):
        raise FileUnreadable("is an old or an encrypted Office file; save it as XLSX")
    if head.startswith(_ZIP):
        if file.compressed:
            raise FileUnreadable("is a zip archive inside a gzip file")
        return xlsx_rows(file, "tender", dialect)
    refuse_wide_text(head)
    return csv_rows(file, "tender", dialect)


def _read(row: Row | Rejected, habits: TableHabits, seen: set[str]) -> Read:
    if isinstance(row, Rejected):
        return RecordRejected(row.code, f"row {row.line}: {row.reason}", row.excerpt)
    fields: dict[str, object] = {**habits.every, **row.fields}
    for name in ("value", "bond"):
        _settle_money(fields, name, habits.currency)
    _settle_times(fields, habits.zone)
    try:
        record = TenderRecord.model_validate(fields)
    except ValidationError as error:
        return RecordRejected("field.invalid", f"row {row.line}: {_fault(error)}", _told(row))
    if record.id in seen:
        reason = f"row {row.line}: id: {record.id!r} stands earlier in the file"
        return RecordRejected("id.duplicate", reason, _told(row))
    seen.add(record.id)
    return fields


def _told(row: Row) -> str:
    return " | ".join(f"{name}: {value}" for name, value in row.fields.items())


def _fault(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "missing":
        return f"{first['loc'][0]}: is empty"
    column = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function-"))
    return f"{column}: {first['msg'].removeprefix('Value error, ')}"


def _settle_money(fields: dict[str, object], name: str, currency: str | None) -> None:
    """An amount of zero is unknown; one without a currency is no amount of anything, and is noted."""
    money = fields.get(name)
    if not isinstance(money, dict) or "amount" not in money:
        return
    if not money["amount"]:
        del fields[name]
    elif "currency" not in money:
        if currency:
            fields[name] = {**money, "currency": currency}
        else:
            del fields[name]
            _note(fields, f"{name}: {money['amount']} has no currency")


def _settle_times(fields: dict[str, object], zone: ZoneInfo | None) -> None:
    """Times of the clock become instants of their zone; a day stays a day."""
    country = fields.get("country")
    local = zone or zone_of_country(country if isinstance(country, str) else None)
    for name, edge in _EDGES:
        when = fields.get(name)
        if not isinstance(when, dt.datetime):
            if isinstance(when, dt.date):
                fields[name], fields[f"{name}_basis"] = when.isoformat(), "day"
            continue
        try:
            instant, fields[f"{name}_basis"] = to_instant(when, local, edge)
            fields[name] = instant.isoformat()
        except ValueError as error:
            del fields[name]
            _note(fields, f"{name}: {when.isoformat(' ')} {error}")


def _note(fields: dict[str, object], reason: str) -> None:
    noted = fields.get("unreadable")
    fields["unreadable"] = [*(noted if isinstance(noted, list) else []), reason]
