"""Delimited text: ``,``, ``;``, tab or ``|``, UTF-8 or Windows-1252, as spreadsheets of any country save it."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator

from scrapers.files.columns import PLAIN, CellError, Columns, Dialect
from scrapers.files.contract import HEADING_ROWS, Rejected, Row, Side
from scrapers.files.encoding import csv_encoding
from scrapers.files.errors import ColumnsMissing, FileUnreadable
from scrapers.files.input_file import InputFile, lines

DELIMITERS = (",", ";", "\t", "|")


def best_columns(heading: str, side: Side, dialect: Dialect = PLAIN) -> tuple[str, Columns]:
    """The delimiter under which a heading line names the most fields, and the columns it then has."""
    choices = [(mark, Columns(_cells(heading, mark), side, dialect)) for mark in DELIMITERS]
    return max(choices, key=lambda choice: (choice[1].known, len(choice[1].paths)))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def csv_rows(source: InputFile, side: Side, dialect: Dialect = PLAIN) -> Iterator[Row | Rejected]:
    """Read a table row by row. A quoted cell may hold line breaks; a row's number is that of its first line."""
    encoding = csv_encoding(source)
    csv.field_size_limit(source.limits.line)
    with source.open() as stream:
        text = _Lines(source, lines(stream, source.limits.line), encoding)
        delimiter, columns = _heading(text, side, dialect)
        table = csv.reader(text, delimiter=delimiter, strict=True)
        while True:
            start = text.number + 1
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error as error:
                yield Rejected(start, "csv.invalid", _csv_reason(error), text.last)
                continue
            if any(cell.strip() for cell in cells):
                yield _row(columns, cells, start)


def _heading(text: _Lines, side: Side, dialect: Dialect) -> tuple[str, Columns]:
    """The delimiter and the columns by the first line that names all required fields; titles may stand above it."""
    best: Columns | None = None
    try:
        for line in itertools.islice((line for line in text if line.strip()), HEADING_ROWS):
            delimiter, columns = best_columns(line, side, dialect)
            if not columns.missing:
                return delimiter, columns
            best = columns if best is None or columns.known > best.known else best
    except csv.Error as error:
        raise FileUnreadable(f"has no heading row: {_csv_reason(error)}") from None
    missing = " and ".join(best.missing) if best else "anything"
    raise ColumnsMissing(f"has no column for {missing} in its heading row")


def _row(columns: Columns, cells: list[str], line: int) -> Row | Rejected:
    excerpt = " | ".join(cells)
    if any(cell.strip() for cell in cells[len(columns.paths) :]):
        return Rejected(line, "csv.too_many_cells", f"{len(cells)} cells for {len(columns.paths)} columns", excerpt)
    try:
        return Row(line, columns.record(cells))
    except CellError as error:
        return Rejected(line, "field.invalid", str(error), excerpt)


def _csv_reason(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote is opened here and never closed"
    return f"is not a row of delimited text ({error})"


class _Lines:
    """Decoded lines with their number; a line over the limit is an error of that row, as csv's own are."""

    def __init__(self, source: InputFile, raw: Iterator[bytes | None], encoding: str) -> None:
        self._raw = raw
        self._encoding = encoding
        self._limit = source.limits.line
        self.number = 0
        self.last = ""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._raw)
        self.number += 1
        if line is None:
            raise csv.Error(f"longer than {self._limit} bytes")
        self.last = line.decode(self._encoding if self.number == 1 else self._encoding.removesuffix("-sig"))
        return self.last
