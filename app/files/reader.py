"""Any file that Safqa reads, as a stream of records and of rows refused with their reason.

This runs in the process that calls it and trusts the operating system for nothing: for a stranger's file use
``app.files.sandbox``, which runs this in a child with limits on memory and time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.files.contract import Accepted, Format, ReadOptions, Rejected, Row, Side
from app.files.detect import detect as detect_format
from app.files.errors import FileError, FileTooHeavy, FileUnreadable
from app.files.validate import Validator
from scrapers.files.input_file import InputFile

_OCDS = frozenset({
    Format.OCDS_RELEASES, Format.OCDS_RECORDS, Format.OCDS_DOCUMENT, Format.OCDS_ARRAY, Format.OCDS_LINES,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that was found readable, with its format."""

    source: InputFile
    format: Format


def detect(path: Path, side: Side, options: ReadOptions = ReadOptions()) -> Opened:  # noqa: B008 - frozen
    """Find out what a file holds without reading the whole of it. Raises FileError."""
    source = InputFile.check(path, options.limits)
    found = detect_format(source, side)
    if side == "startup" and found in _OCDS:
        raise FileUnreadable("is an OCDS file: those hold tenders, not startups")
    return Opened(source, found)


def read_records(path: Path, side: Side, options: ReadOptions = ReadOptions()) -> Iterator[Accepted | Rejected]:  # noqa: B008
    """Stream the records of a file. Raises FileError where the file as a whole is unusable, possibly halfway."""
    try:
        opened = detect(path, side, options)
        validator = Validator(side, _zone(options.zone))
        for row in _rows(opened, side):
            yield row if isinstance(row, Rejected) else validator.check(row)
    except MemoryError:
        raise FileTooHeavy("needs more memory than reading one file may take") from None


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FileError(f"cannot be read: {name!r} is not the name of a time zone") from None


def _rows(opened: Opened, side: Side) -> Iterator[Row | Rejected]:
    source = opened.source
    if opened.format is Format.CSV:
        from scrapers.files.csv_rows import csv_rows

        return csv_rows(source, side)
    if opened.format is Format.XLSX:
        from scrapers.files.xlsx_rows import xlsx_rows

        return xlsx_rows(source, side)
    if opened.format in _OCDS:
        from app.files.ocds_rows import ocds_rows

        return ocds_rows(source, opened.format)
    from app.files.json_rows import array_items, line_objects

    if opened.format is Format.JSONL:
        return line_objects(source)
    return array_items(source, "item" if opened.format is Format.JSON_ARRAY else "")
