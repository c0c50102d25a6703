"""Delimited text: ``,``, ``;`` or tab, UTF-8 or Windows-1252, as spreadsheets of any country save it."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from app.files.columns import CellError, Columns
from app.files.contract import Rejected, Row, Side
from app.files.encoding import csv_encoding
from app.files.errors import FileUnreadable
from app.files.source import Source, lines

DELIMITERS = (",", ";", "\t")


def best_columns(heading: str, side: Side) -> tuple[str, Columns]:
    """The delimiter under which a heading line names the most fields, and the columns it then has."""
    choices = [(mark, Columns(_cells(heading, mark), side)) for mark in DELIMITERS]
    return max(choices, key=lambda choice: (choice[1].known, len(choice[1].paths)))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def csv_rows(source: Source, side: Side) -> Iterator[Row | Rejected]:
    """Read a table row by row. A quoted cell may hold line breaks; a row's number is that of its first line."""
    encoding = csv_encoding(source)
    csv.field_size_limit(source.limits.line)
    with source.open() as stream:
        text = _Lines(source, lines(stream, source.limits.line), encoding)
        heading = next((line for line in text if line.strip()), "")
        delimiter, columns = best_columns(heading, side)
        if columns.missing:
            raise FileUnreadable(f"has no column for {' and '.join(columns.missing)} in its heading row")
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

    def __init__(self, source: Source, raw: Iterator[bytes | None], encoding: str) -> None:
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
