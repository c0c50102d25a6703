"""XLSX workbooks, read cell by cell after the archive itself was found to be of a sane size.

The first visible sheet with a heading row is read; a title above the headings, blank rows and hidden sheets are
passed over. Formulas give the value that the spreadsheet stored with them, or nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import warnings
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

from scrapers.files.columns import PLAIN, CellError, Columns, Dialect
from scrapers.files.contract import HEADING_ROWS, Limits, Rejected, Row, Side
from scrapers.files.errors import ColumnsMissing, FileError, FileTooHeavy, FileUnreadable
from scrapers.files.input_file import InputFile, in_words

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook


class Cell(Protocol):
    """What a read-only cell shows: its value and its kind (``e`` for an error)."""

    @property
    def value(self) -> object:
        """A plain Python value, or None."""

    @property
    def data_type(self) -> str:
        """One letter."""


MAX_COLUMNS = 1_000
_DATES = frozenset({"published", "deadline"})


def xlsx_rows(source: InputFile, side: Side, dialect: Dialect = PLAIN) -> Iterator[Row | Rejected]:
    """Read the table of a workbook row by row, numbered as the spreadsheet numbers them."""
    check_archive(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know are of no concern
        try:
            yield from _rows(source, side, dialect)
        except (FileError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - openpyxl lets through whatever its XML and its models raise
            raise FileUnreadable(f"is a damaged workbook ({type(error).__name__})") from None


def check_archive(source: InputFile) -> None:
    """Refuse an archive that is no workbook, or that would unpack to more than its limits, before unpacking any."""
    limits: Limits = source.limits
    try:
        with source.raw() as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise FileUnreadable("is a damaged zip archive, or one that was cut off before its end") from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise FileUnreadable("is a zip archive but not an XLSX workbook")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise FileUnreadable("is a workbook with macros; save it as XLSX without them")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileUnreadable("is encrypted")
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > limits.workbook_entries:
        raise FileTooHeavy(f"has {len(entries)} parts; a workbook may have {limits.workbook_entries}")
    if size > limits.workbook or size > limits.workbook_ratio * packed + 1_000_000:
        raise FileTooHeavy(f"unpacks from {in_words(packed)} to {in_words(size)}, more than a workbook may")


def _rows(source: InputFile, side: Side, dialect: Dialect) -> Iterator[Row | Rejected]:
    from openpyxl import load_workbook

    # A stream, not a path: by its name openpyxl would refuse an upload that has no extension.
    with contextlib.ExitStack() as stack:
        stream = stack.enter_context(source.raw())
        book: Workbook = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        stack.callback(book.close)
        missing: list[str] = []
        for sheet in (sheet for sheet in book.worksheets if sheet.sheet_state == "visible"):
            table = enumerate(cast("Iterator[tuple[Cell, ...]]", sheet.iter_rows(max_col=MAX_COLUMNS)), start=1)
            for _number, cells in itertools.islice(table, HEADING_ROWS):
                columns = Columns([_heading(cell) for cell in cells], side, dialect)
                if not columns.missing:
                    yield from _table(table, columns, book.epoch)
                    return
                missing = columns.missing if columns.known else missing
        what = f"has no column for {' and '.join(missing)}" if missing else "has no heading row with known fields"
        raise ColumnsMissing(f"{what} in the first {HEADING_ROWS} rows of a visible sheet")


def _heading(cell: Cell) -> str:
    return "" if cell.value is None else str(cell.value)


def _table(
    table: Iterator[tuple[int, tuple[Cell, ...]]], columns: Columns, epoch: dt.datetime
) -> Iterator[Row | Rejected]:
    for number, cells in table:
        values = [cell.value for cell in cells]
        if all(value is None or value == "" for value in values):
            continue
        excerpt = " | ".join("" if value is None else str(value) for value in values).rstrip("| ")
        error = next((at for at, cell in enumerate(cells) if cell.data_type == "e" and at < len(columns.paths)), None)
        if error is not None:
            name = columns.paths[error][0]
            yield Rejected(number, "field.invalid", f"{name}: the cell holds the error {values[error]}", excerpt)
            continue
        try:
            yield Row(number, columns.record([_plain(value, columns, at, epoch) for at, value in enumerate(values)]))
        except CellError as reason:
            yield Rejected(number, "field.invalid", str(reason), excerpt)


def _plain(value: object, columns: Columns, at: int, epoch: dt.datetime) -> object:
    """Serial numbers in a date column are dates; times and durations are text."""
    if at < len(columns.paths) and columns.paths[at][0] in _DATES and isinstance(value, int | float):
        return _of_serial(value, columns.paths[at][0], epoch)
    if isinstance(value, dt.timedelta):
        return str(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time(0):
        return value.date()
    return value


def _of_serial(value: float, path: str, epoch: dt.datetime) -> dt.date:
    """The date of a serial number. One written to four places or fewer (8.6 s) means the minute next to it."""
    from openpyxl.utils.datetime import from_excel

    try:
        found = from_excel(value, epoch)
    except (ValueError, OverflowError, TypeError):
        found = None
    if not isinstance(found, dt.date):
        raise CellError(f"{path}: {value} is not the serial number of a date")
    if not isinstance(found, dt.datetime):
        return found
    places = len(repr(float(value)).partition(".")[2])
    step = dt.timedelta(minutes=1) if 1 < places <= 4 else dt.timedelta(seconds=1)
    midnight = dt.datetime.combine(found.date(), dt.time(0))
    whole = midnight + step * round((found - midnight) / step)
    return whole.date() if whole.time() == dt.time(0) else whole
