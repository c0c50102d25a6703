"""The official CPV table from its file: a sheet with a ``CODE`` column and one column for each language.

Read as the EU publishes it, as XLSX or saved from there as CSV: codes with their check digit or without, columns named
by their language (``FR``, ``EN`` ...), of which those that Safqa reads are taken.
"""

from __future__ import annotations

import contextlib
import csv
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.files.contract import MIB, Limits
from app.files.errors import FileError, FileTooHeavy, FileUnreadable
from matching.cpv import CpvTable
from matching.lexicon import LANGS
from matching.stemming import Lang
from scrapers.files.csv_rows import DELIMITERS
from scrapers.files.encoding import csv_encoding, refuse_wide_text
from scrapers.files.input_file import InputFile, lines
from scrapers.files.xlsx_rows import MAX_COLUMNS, check_archive

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

MAX_ROWS: Final = 20_000
"""Rows of a table; the official one has 9,454."""

MAX_LABEL: Final = 1_000
"""Characters of a label; the longest official one has about three hundred."""

_LIMITS: Final = Limits(file=64 * MIB, unpacked=64 * MIB, line=MIB, workbook=128 * MIB)
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_HEADING_ROWS: Final = 20
_CODE: Final = re.compile(r"([0-9]{8})(?:-[0-9])?")


def read_cpv_table(path: Path) -> CpvTable:
    """The table of a CSV or XLSX file, also CSV compressed with gzip.

    Raises:
        FileError: it can't be read; the reason is one line that names the row and the column.
    """
    source = InputFile.check(path, _LIMITS)
    head = source.head(len(_ZIP))
    if head.startswith(_OLE):
        raise FileUnreadable("is an old or an encrypted Office file; save it as XLSX")
    if head.startswith(_ZIP):
        return _in_workbook(source)
    return _table(_csv_rows(source))


def _csv_rows(source: InputFile) -> Iterator[tuple[int, Sequence[object]]]:
    refuse_wide_text(source.head(_LIMITS.line))
    encoding = csv_encoding(source)
    csv.field_size_limit(_LIMITS.line)
    with source.open() as stream:
        text = _decoded(lines(stream, _LIMITS.line), encoding)
        heading = next(text, "")
        delimiter = max(DELIMITERS, key=heading.count)
        table = csv.reader(_with_first(heading, text), delimiter=delimiter, strict=True)
        while True:
            row = table.line_num + 1
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error as error:
                raise FileUnreadable(f"has in row {row} what is no row of delimited text ({error})") from None
            yield row, cells


def _with_first(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def _decoded(raw: Iterator[bytes | None], encoding: str) -> Iterator[str]:
    for number, line in enumerate(raw, start=1):
        if line is None:
            raise FileTooHeavy(f"has in row {number} more than {_LIMITS.line} bytes")
        yield line.decode(encoding if number == 1 else encoding.removesuffix("-sig"))


def _in_workbook(source: InputFile) -> CpvTable:
    """The table of the first visible sheet that has its headings."""
    check_archive(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know are of no concern
        try:
            return _first_table(source)
        except (FileError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - openpyxl lets through whatever its XML and its models raise
            raise FileUnreadable(f"is a damaged workbook ({type(error).__name__})") from None


def _first_table(source: InputFile) -> CpvTable:
    from openpyxl import load_workbook

    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(source.path.open("rb"))
        book: Workbook = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        stack.callback(book.close)
        missing = FileUnreadable("has no visible sheet")
        for sheet in (sheet for sheet in book.worksheets if sheet.sheet_state == "visible"):
            try:
                return _table(enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), start=1))
            except _NoHeading as error:
                missing = error
        raise missing


class _NoHeading(FileUnreadable):
    """No row among the first ones names the columns that are needed."""


def _table(rows: Iterator[tuple[int, Sequence[object]]]) -> CpvTable:
    code_at, columns = _headings(rows)
    labels: dict[str, dict[Lang, str]] = {}
    for row, cells in rows:
        if not any(_text(cell) for cell in cells):
            continue
        code = _code(row, cells[code_at] if code_at < len(cells) else None)
        if code in labels:
            raise FileUnreadable(f"has in row {row}, column CODE, {code} for the second time")
        if len(labels) == MAX_ROWS:
            raise FileTooHeavy(f"has more than {MAX_ROWS:,} codes")
        found = {lang: _label(row, lang, cells[at]) for lang, at in columns.items() if at < len(cells)}
        labels[code] = {lang: label for lang, label in found.items() if label}
    if not labels:
        raise FileUnreadable("has no code below its headings")
    return CpvTable.of(labels)


def _headings(rows: Iterator[tuple[int, Sequence[object]]]) -> tuple[int, dict[Lang, int]]:
    """Where the codes stand, and the labels of each language."""
    for row, cells in rows:
        names = [_text(cell).casefold() for cell in cells]
        if "code" in names:
            columns = {lang: names.index(lang) for lang in LANGS if lang in names}
            if not columns:
                raise _NoHeading(f"has in row {row} no column for a language that is read: FR, AR or EN")
            return names.index("code"), columns
        if row >= _HEADING_ROWS:
            break
    raise _NoHeading(f"has no column CODE in its first {_HEADING_ROWS} rows")


def _code(row: int, cell: object) -> str:
    # A spreadsheet takes codes for numbers and drops the zeros they begin with.
    text = f"{cell:08d}" if isinstance(cell, int) else _text(cell)
    found = _CODE.fullmatch(text)
    if found is None:
        raise FileUnreadable(f"has in row {row}, column CODE, {text[:40]!r}, which is no CPV code of 8 digits")
    return found[1]


def _label(row: int, lang: Lang, cell: object) -> str:
    text = " ".join(_text(cell).split())
    if len(text) > MAX_LABEL:
        raise FileTooHeavy(f"has in row {row}, column {lang.upper()}, more than {MAX_LABEL:,} characters")
    return text


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
