"""What the readers take and give: formats, limits, accepted records and rejected rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from scrapers.records import StartupRecord, TenderRecord

Side: TypeAlias = Literal["tender", "startup"]
Unit: TypeAlias = Literal["line", "record"]

EXCERPT_CHARACTERS = 2_000
MIB = 1024 * 1024


class Format(StrEnum):
    """What a file turned out to hold. Each may also come compressed with gzip, except XLSX."""

    JSONL = "jsonl"
    JSON_ARRAY = "json-array"
    JSON_OBJECT = "json-object"
    CSV = "csv"
    XLSX = "xlsx"
    OCDS_RELEASES = "ocds-release-package"
    OCDS_RECORDS = "ocds-record-package"
    OCDS_DOCUMENT = "ocds-document"
    OCDS_ARRAY = "ocds-array"
    OCDS_LINES = "ocds-lines"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Sizes in bytes; ``cpu_seconds`` and ``memory`` bind the reading process only.

    ``file`` and ``unpacked`` cap what is read, before and after decompression; ``waiting_seconds`` is how long the
    parent waits for the reading process in all, the parent's own work not counted.
    """

    file: int = 512 * MIB
    unpacked: int = 1024 * MIB
    line: int = 16 * MIB
    workbook: int = 256 * MIB
    workbook_ratio: int = 200
    workbook_entries: int = 2_000
    memory: int = 1024 * MIB
    cpu_seconds: int = 600
    waiting_seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """``zone``: the IANA zone of times written without one; ``None`` takes the zone of each record's country."""

    zone: str | None = None
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True)
class Accepted:
    """A valid record. ``line`` is its line (or row) number from 1, or its position in a JSON array or package.

    ``notice``: the publisher's own JSON where it holds more than the record does (OCDS), else ``None``.
    """

    record: TenderRecord | StartupRecord
    line: int
    notice: bytes | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not a record: kept, counted, and never a reason to stop.

    ``code`` is stable (``field.invalid``, ``id.duplicate`` ...), ``reason`` an English sentence naming the field,
    ``excerpt`` the beginning of what was read.
    """

    line: int
    code: str
    reason: str
    excerpt: str = ""
    unit: Unit = "line"


@dataclass(frozen=True, slots=True)
class Row:
    """What a format's reader hands to validation: one object, where it stood, and how it read."""

    line: int
    fields: dict[str, object]
    raw: bytes | None = None
    unit: Unit = "line"
    notice: bytes | None = None
