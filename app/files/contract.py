"""What the readers take and give: formats, limits, accepted records and rejected rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scrapers.files.contract import EXCERPT_CHARACTERS, MIB, Limits, Rejected, Row, Side, Unit
from scrapers.records import StartupRecord, TenderRecord

__all__ = [
    "EXCERPT_CHARACTERS", "MIB", "Accepted", "Format", "Limits", "ReadOptions", "Rejected", "Row", "Side", "Unit",
]  # fmt: skip


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
class ReadOptions:
    """``zone``: the IANA zone of times written without one; ``None`` takes the zone of each record's country."""

    zone: str | None = None
    limits: Limits = Limits()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Accepted:
    """A valid record. ``line`` is its line (or row) number from 1, or its position in a JSON array or package.

    ``notice``: the publisher's own JSON where it holds more than the record does (OCDS), else ``None``.
    """

    record: TenderRecord | StartupRecord
    line: int
    notice: bytes | None = None
