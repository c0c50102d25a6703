"""The file in which an incubator writes its startups down: empty, with its headings and one fictional row."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final

from app.files.export import csv_text
from scrapers.files.columns import SYNONYMS

COLUMNS: Final[Mapping[str, str]] = {
    "id": "atlas-irrigation",
    "name": "Atlas Irrigation (exemple fictif)",
    "description": "Capteurs et pilotage de l'irrigation goutte à goutte pour les exploitations du Souss.",
    "sectors": "agritech|IoT",
    "technologies": "LoRaWAN|capteurs",
    "cpv": "43323000",
    "regions": "Souss-Massa|Marrakech-Safi",
    "city": "Agadir",
    "country": "MA",
    "languages": "fr;ar",
    "founded": "2021",
    "employees": "12",
    "turnover.amount": "1250000",
    "turnover.currency": "MAD",
    "labels": "Jeune entreprise innovante",
    "certifications": "ISO 9001",
    "references.1.title": "Télégestion de forages",
    "references.1.buyer": "Commune de Biougra",
    "website": "https://atlas-irrigation.example",
}
"""The headings, each with what the example says under it."""

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MARK: Final = "\N{BYTE ORDER MARK}"  # so that a spreadsheet reads accents and Arabic rightly


def also_understood(column: str) -> Sequence[str]:
    """Other headings that stand for a column."""
    return [heading for heading, path in SYNONYMS["startup"].items() if path == column]


def template_csv() -> bytes:
    """The file as CSV."""
    return (_MARK + "".join(csv_text([tuple(COLUMNS.values())], headings=tuple(COLUMNS)))).encode()


def template_xlsx() -> bytes:
    """The file as a workbook; every cell is text."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("startups")
    sheet.append(list(COLUMNS))
    sheet.append(list(COLUMNS.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
