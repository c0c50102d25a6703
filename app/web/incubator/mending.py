"""The startups that an import refused, as a file to mend and to send again.

What a row said is known as far as its excerpt tells it: a row that could be read has its cells again, any other only
its number and what is wrong with it. The first column has no heading: such a column is passed over when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

import orjson

from app.files.export import csv_text
from app.kit.i18n import Lang
from app.models.import_run import RejectedRecord
from app.web.incubator.import_template import COLUMNS
from app.web.progress.wording import faults

MOST_MENDED: Final = 5_000
MOST_COLUMNS: Final = 100
"""Columns of the file beside the template's: rows may each name others, and every row has a cell in all of them."""

_MARK: Final = "\N{BYTE ORDER MARK}"  # so that a spreadsheet reads accents and Arabic rightly


def to_mend(rejected: Iterable[RejectedRecord], lang: Lang) -> bytes:
    """The file as CSV: what is wrong, then the cells under the headings of the template and the rows' own."""
    rows = [(row, dict(_cells(row.excerpt))) for row in rejected]
    own = dict.fromkeys(name for _, cells in rows for name in cells if name not in COLUMNS)
    headings = [*COLUMNS, *islice(own, MOST_COLUMNS)]
    lines = [(_wrong(row, lang), *(cells.get(name, "") for name in headings)) for row, cells in rows]
    return (_MARK + "".join(csv_text(lines, headings=("", *headings)))).encode()


def _wrong(row: RejectedRecord, lang: Lang) -> str:
    told = "; ".join(f"{one.column or ''} {one.words or one.told}".strip() for one in faults(row.reason, lang))
    return f"{row.line}: {told}"


def _cells(excerpt: str) -> Iterator[tuple[str, str]]:
    try:
        found = orjson.loads(excerpt)
    except orjson.JSONDecodeError:
        return
    if isinstance(found, dict):
        for name, value in found.items():
            yield from _flat(name, value)


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case None:
            return
        case str():
            yield name, value
        case Mapping():
            for part, below in value.items():
                yield from _flat(f"{name}.{part}", below)
        case list() if all(isinstance(one, str) and "|" not in one for one in value):
            yield name, "|".join(value)
        case _:
            yield name, orjson.dumps(value).decode()
