"""CSV and XLSX as spreadsheets of this world save them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from app.files.contract import Accepted, Rejected, Side
from app.files.errors import ColumnsMissing, FileTooHeavy, FileUnreadable
from app.files.reader import read_records
from app.files.sandbox import read_sandboxed
from scrapers.fields import Record
from scrapers.files.columns import Columns, field_of
from scrapers.records import StartupRecord, TenderRecord


def rows(path: Path, side: Side = "tender") -> list[Accepted | Rejected]:
    return list(read_records(path, side))


def records(path: Path, side: Side = "tender") -> list[Record]:
    found = rows(path, side)
    assert all(isinstance(row, Accepted) for row in found), found
    return [row.record for row in found if isinstance(row, Accepted)]


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def tender(path: Path) -> TenderRecord:
    [record] = records(path)
    assert isinstance(record, TenderRecord)
    return record


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
    def test_every_delimiter_in_every_encoding_says_the_same(
        self, tmp_path: Path, delimiter: str, encoding: str
    ) -> None:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(["id", "title", "buyer.name", "cpv", "activities", "value.amount", "value.currency", "note"])
        writer.writerow(
            ["007", "Étude, œuvre ; phase 1\nsuite", "Société €", "03000000|72000000-5", "a | b", "1250.5", "MAD", "x"]
        )
        record = tender(table(tmp_path / "t.csv", out.getvalue(), encoding))
        assert record.id == "007"
        assert record.title == "Étude, œuvre ; phase 1\nsuite"
        assert record.buyer is not None
        assert record.buyer.name == "Société €"
        assert record.cpv == ("03000000", "72000000")
        assert record.activities == ("a", "b")
        assert record.value is not None
        assert record.value.amount == Decimal("1250.5")
        assert record.model_extra == {"note": "x"}

    def test_the_headings_of_a_french_spreadsheet(self, tmp_path: Path) -> None:
        text = (
            "Référence;Intitulé;Acheteur;Lieu d’exécution;Catégorie;Pays;Date limite;Budget;Devise;Réservé PME\n"
            "00123;Étude;ACME;Agadir;Fournitures;Maroc;30/09/2026 16:00;1 250 000,50;MAD;Oui\n"
            "00124;Étude;ACME;Fès;Travaux;المغرب;01.10.2026;;MAD;non\n"
        )
        first, second = records(table(tmp_path / "t.csv", text))
        assert isinstance(first, TenderRecord)
        assert isinstance(second, TenderRecord)
        assert (first.category, first.country, first.reserved_sme, first.place) == ("goods", "MA", True, "Agadir")
        assert first.value is not None
        assert first.value.amount == Decimal("1250000.50")
        assert isinstance(first.deadline, dt.datetime)
        assert first.deadline.isoformat() == "2026-09-30T16:00:00+01:00"
        assert (second.country, second.value, second.deadline_basis) == ("MA", None, "day")

    def test_arabic_headings_in_utf8(self, tmp_path: Path) -> None:
        record = tender(table(tmp_path / "t.csv", "المرجع,الموضوع,صاحب المشروع\n١,بناء مدرسة,جماعة أكادير\n"))
        assert (record.id, record.title) == ("١", "بناء مدرسة")

    def test_lots_and_references_in_numbered_columns_or_as_json(self, tmp_path: Path) -> None:
        lots = [{"id": "a", "title": "Lot a", "value": {"amount": 10, "currency": "MAD"}}]
        for name, row in (
            (
                "numbered.csv",
                "id,title,lots.1.id,lots.1.title,lots.1.value.amount,lots.1.value.currency\n1,x,a,Lot a,10,MAD\n",
            ),
            ("json.csv", "id,title,lots\n1,x," + json.dumps(json.dumps(lots)).replace('\\"', '""') + "\n"),
        ):
            record = tender(table(tmp_path / name, row))
            assert [lot.model_dump(exclude_defaults=True) for lot in record.lots] == [
                {"id": "a", "title": "Lot a", "value": {"amount": Decimal(10), "currency": "MAD"}}
            ]
        text = "id;name;labels;references.1.title;references.1.date;references.2.title\ns;S;JEI|SME;Audit;2024-05-01;Conseil\n"
        [startup] = records(table(tmp_path / "s.csv", text), "startup")
        assert isinstance(startup, StartupRecord)
        assert [label.name for label in startup.labels] == ["JEI", "SME"]
        assert [reference.title for reference in startup.references] == ["Audit", "Conseil"]
        assert startup.references[0].date == dt.date(2024, 5, 1)

    def test_bad_rows_are_refused_with_the_line_on_which_they_begin(self, tmp_path: Path) -> None:
        text = (
            "id,title,deadline,value.amount,value.currency\n"
            '1,"two\nlines",,,\n'
            "2,x,31/02/2026,,\n"
            "3,x,,1.250,MAD\n"
            "4,x,,1250,\n"
            "5,x,,,,too,many\n"
            '6,"x"y,,,\n'
            "7,good,,,\n"
            '8,"never closed,,,\n9,swallowed,,,\n'
        )
        found = rows(table(tmp_path / "t.csv", text))
        assert [(row.line, row.code, row.reason.split(":")[0][:30]) for row in found if isinstance(row, Rejected)] == [
            (4, "field.invalid", "deadline"),
            (5, "field.invalid", "value.amount"),
            (6, "field.invalid", "value.currency"),
            (7, "csv.too_many_cells", "7 cells for 5 columns"),
            (8, "csv.invalid", "is not a row of delimited text"),
            (10, "csv.invalid", "a quote is opened here and nev"),
        ]
        assert [row.line for row in found if isinstance(row, Accepted)] == [2, 9]

    def test_formulas_are_data(self, tmp_path: Path) -> None:
        assert tender(table(tmp_path / "t.csv", 'id;title\n1;"=HYPERLINK(""x"")"\n')).title == '=HYPERLINK("x")'

    def test_a_file_needs_its_required_columns(self, tmp_path: Path) -> None:
        with pytest.raises(ColumnsMissing, match="no column for title"):
            rows(table(tmp_path / "t.csv", "id,country\n1,MA\n"))


@pytest.mark.parametrize(
    ("heading", "side", "path"),
    [
        ("Buyer.Name", "tender", "buyer.name"),
        ("DATE LIMITE", "tender", "deadline"),
        ("lots.1.value.amount", "tender", "lots.1.value.amount"),
        ("lots.0.title", "tender", None),
        ("references.201.title", "startup", None),
        ("Raison sociale", "startup", "name"),
        ("Raison sociale", "tender", None),
        ("", "tender", None),
    ],
)
def test_headings(heading: str, side: Side, path: str | None) -> None:
    assert field_of(heading, side) == path


def test_a_heading_used_twice_keeps_both_columns() -> None:
    columns = Columns(["id", "title", "Intitulé"], "tender")
    assert columns.record(["1", "a", "b"]) == {"id": "1", "title": "a", "Intitulé": "b"}


AFTERNOON = dt.datetime(2026, 9, 30, 16, 0)  # noqa: DTZ001 - a workbook knows no zones
MIDNIGHT = dt.datetime(2026, 9, 30)  # noqa: DTZ001


def workbook(path: Path, *lines: list[object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    book.save(path)
    return path


class TestXlsx:
    def test_titles_dates_numbers_and_serials(self, tmp_path: Path) -> None:
        path = workbook(
            tmp_path / "calls.xlsx",
            ["Appels d'offres privés"],
            [],
            ["Référence", "Intitulé", "Date limite", "Budget", "Devise", "Note"],
            [123, "Étude", AFTERNOON, 1250000.5, "MAD", dt.date(2026, 1, 2)],
            ["00124", "Texte", "30/09/2026 16:00", "1 250 000,50", "MAD", True],
            ["00125", "Série", 46295.6667, None, "MAD"],
            ["00126", "Jour", MIDNIGHT],
            [None, None],
            ["00127", None],
            ["00128", "Erreur", "#REF!"],
        )
        found = rows(path)
        good = [row.record for row in found if isinstance(row, Accepted)]
        assert [(row.line, row.reason.split(":")[0]) for row in found if isinstance(row, Rejected)] == [
            (9, "title"), (10, "deadline"),
        ]  # fmt: skip
        assert [record.id for record in good] == ["123", "00124", "00125", "00126"]
        deadlines = [record.deadline for record in good if isinstance(record, TenderRecord)]
        assert [d.isoformat()[:16] for d in deadlines if isinstance(d, dt.datetime)] == ["2026-09-30T16:00"] * 3 + [
            "2026-09-30T23:59"
        ]
        assert good[0].model_extra == {"Note": "2026-01-02"}

    def test_hidden_sheets_are_passed_over(self, tmp_path: Path) -> None:
        book = Workbook()
        assert book.active is not None
        book.active.append(["id", "title"])
        book.active.append(["hidden", "x"])
        book.active.sheet_state = "hidden"
        second = book.create_sheet()
        second.append(["id", "title"])
        second.append(["seen", "x"])
        book.save(tmp_path / "t.xlsx")
        assert tender(tmp_path / "t.xlsx").id == "seen"

    def test_a_workbook_without_headings_names_what_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ColumnsMissing, match="no column for title"):
            rows(workbook(tmp_path / "t.xlsx", ["id", "country"], ["1", "MA"]))

    def test_a_zip_that_is_no_workbook(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
            archive.writestr("hello.txt", "hello")
        with pytest.raises(FileUnreadable, match="not an XLSX workbook"):
            rows(tmp_path / "t.xlsx")

    def test_a_workbook_cut_short(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "t.xlsx", ["id", "title"], ["1", "x"])
        path.write_bytes(path.read_bytes()[:-200])
        with pytest.raises(FileUnreadable, match="cut off"):
            rows(path)

    def test_a_zip_bomb_is_refused_before_it_unpacks(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "t.xlsx", ["id", "title"], ["1", "x"])
        with (
            zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
            archive.open("xl/media/bomb.bin", "w") as part,
        ):
            for _ in range(300):
                part.write(bytes(1_000_000))
        assert path.stat().st_size < 1_000_000
        with pytest.raises(FileTooHeavy, match="unpacks from"):
            rows(path)

    def test_a_part_that_lies_about_its_size_is_damage_not_memory(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "t.xlsx", ["id", "title"], *[[str(n), "x" * 50] for n in range(500)])
        data = bytearray(path.read_bytes())
        at = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
        data[at + 24 : at + 28] = (100).to_bytes(4, "little")  # the central directory's uncompressed size
        path.write_bytes(data)
        with pytest.raises(FileUnreadable, match="damaged"):
            rows(path)

    def test_entities_are_not_expanded(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "t.xlsx", ["id", "title"], ["1", "x"])
        evil = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><workbook>&b;</workbook>'
        copy = tmp_path / "evil.xlsx"
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
            for name in source.namelist():
                target.writestr(name, evil if name == "xl/workbook.xml" else source.read(name))
        # In the process that reads strangers' files: there, and only there, it is known which XML library is at work.
        with pytest.raises(FileUnreadable, match="damaged"):
            list(read_sandboxed(copy, "tender"))

    def test_macros_are_refused(self, tmp_path: Path) -> None:
        path = workbook(tmp_path / "t.xlsx", ["id", "title"], ["1", "x"])
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"x")
        with pytest.raises(FileUnreadable, match="macros"):
            rows(path)
