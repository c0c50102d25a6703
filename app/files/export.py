"""Tables out, as CSV or XLSX, with every formula made plain text.

A cell that a spreadsheet would compute is an attack on whoever opens the file: text beginning with one of ``= + - @``,
a tab or a carriage return (or their full-width twins) gets an apostrophe before it. Numbers are left alone.
See https://owasp.org/www-community/attacks/CSV_Injection .
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import BinaryIO, TypeAlias

Cell: TypeAlias = str | int | float | Decimal | bool | dt.date | dt.datetime | None

XLSX_CELL_CHARACTERS = 32_767
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def neutral(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula."""
    start = text.lstrip(" \u00a0\u200b\ufeff")[:1]
    return f"'{text}" if start in _FORMULA_STARTS and start else text


def csv_text(rows: Iterable[Sequence[Cell]], *, headings: Sequence[str] = (), delimiter: str = ",") -> Iterator[str]:
    """Lines of a CSV file (RFC 4180, CRLF), the heading row first if there is one.

    Written as ``utf-8-sig`` Excel shows accents and Arabic rightly; as ``utf-8`` programs find the first heading.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    for row in itertools.chain([headings] if headings else [], rows):
        writer.writerow([_csv_cell(cell) for cell in row])
        yield _taken(buffer)


def write_xlsx(
    target: BinaryIO,
    rows: Iterable[Sequence[Cell]],
    *,
    headings: Sequence[str],
    title: str,
    right_to_left: bool = False,
) -> None:
    """Write one sheet, row by row; ``title`` names it. Text is stored as text, never as a formula.

    ``right_to_left``: the first column is the rightmost, as readers of Arabic expect.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    sheet.sheet_view.rightToLeft = right_to_left
    for row in itertools.chain([headings], rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=_xlsx_value(value))  # type: ignore[arg-type]  # the stubs know no date and no Decimal
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(target)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _csv_cell(value: Cell) -> str | int | float | Decimal:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    return neutral(value) if isinstance(value, str) else value


def _xlsx_value(value: Cell) -> str | int | float | Decimal | bool | dt.date | None:
    if isinstance(value, dt.datetime):
        return value.isoformat()  # a workbook knows no offsets
    if isinstance(value, str):
        return neutral(_NOT_XML.sub("\ufffd", value))[:XLSX_CELL_CHARACTERS]
    return value
