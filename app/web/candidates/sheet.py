"""Candidates as a file for spreadsheets: CSV in UTF-8 with its mark, or XLSX, headed in the reader's language.

What a spreadsheet would run as a formula is told as text (``app.files.export``): names are strangers' words.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from app.files.export import Cell, csv_text, write_xlsx
from app.kit.i18n import Lang, translate
from app.web.candidates.listing import Row

COLUMNS: Final = (
    "rank", "name", "grade", "score", "eligibility", "in-the-way", "reasons", "region", "city", "employees", "sectors",
    "labels", "certifications", "decision", "id",
)  # fmt: skip
MOST_EXPORTED: Final = 300
"""Candidates of a file, the best ones."""

_PIECE_BYTES: Final = 64 * 1024


def headings(lang: Lang) -> list[str]:
    """The heads of the columns."""
    return [translate(f"web.candidates.column.{name}", lang) for name in COLUMNS]


def table_of(rows: Iterable[Row], names: Mapping[str, str], lang: Lang) -> Iterator[list[Cell]]:
    """The lines of the file. ``names``: regions in the reader's language."""
    for row in rows:
        yield _values(row, names, lang)


def _values(row: Row, names: Mapping[str, str], lang: Lang) -> list[Cell]:
    startup, found = row.item.startup, row.item.eligibility
    reasons = ("".join(piece.text for piece in reason.sentence) for reason in row.reasons)
    return [
        row.rank,
        startup.name,
        translate(f"grade.{row.item.grade}", lang),
        round(row.item.score, 3),
        translate(f"web.candidates.outcome.{found.outcome}", lang) if found else None,
        _joined(check.sentence for check in row.in_the_way),
        _joined(reasons),
        names.get(row.region or ""),
        startup.city,
        startup.employees,
        _joined(startup.sectors),
        _joined(label.name for label in startup.labels),
        _joined(startup.certifications),
        translate(f"web.candidates.decided.{row.item.decision}", lang) if row.item.decision else None,
        str(startup.id),
    ]


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(texts)


def csv_of(rows: Iterable[Sequence[Cell]], lang: Lang) -> Iterator[str]:
    """The file as CSV, line by line; its first character tells Excel that it is UTF-8."""
    yield "\ufeff"
    yield from csv_text(rows, headings=headings(lang))


def xlsx_of(rows: Iterable[Sequence[Cell]], lang: Lang) -> bytes:
    """The file as XLSX; read from right to left in Arabic."""
    target = io.BytesIO()
    title = translate("web.candidates.sheet", lang)
    write_xlsx(target, rows, headings=headings(lang), title=title, right_to_left=lang == "ar")
    return target.getvalue()


def in_pieces(content: bytes) -> Iterator[bytes]:
    """A file as it is sent, piece by piece."""
    for start in range(0, len(content), _PIECE_BYTES):
        yield content[start : start + _PIECE_BYTES]
