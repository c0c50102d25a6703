"""The CPV table from its file: as published, as spreadsheets save it, and as nobody should send it."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.files import cpv_table
from app.files.cpv_table import read_cpv_table
from app.files.errors import FileError
from matching.cpv import CpvTable

ROOT = Path(__file__).resolve().parents[3]
OFFICIAL = ROOT.parent / "shared" / "data" / "cpv_multilingual" / "cpv_fr_en.csv"
CSV = "CODE,BG,EN,FR\n72000000-5,да,Computing work,Travaux informatiques\n03100000-2,не,Crops,\n"
EXPECTED = {"72000000": {"fr": "Travaux informatiques", "en": "Computing work"}, "03100000": {"en": "Crops"}}


def read(folder: Path, content: bytes | str) -> CpvTable:
    path = folder / "cpv.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_cpv_table(path)


def refusal(folder: Path, content: bytes | str) -> str:
    with pytest.raises(FileError) as refused:
        read(folder, content)
    assert "\n" not in refused.value.reason
    return refused.value.reason


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        "\ufeff" + CSV,
        CSV.replace(",", ";"),
        CSV.replace(",", "\t").replace("\n", "\r\n"),
        CSV.replace("-5", "").replace("-2", ""),
        CSV.replace("CODE", "code").replace("FR", "fr"),
        "Nomenclature,,,\n\n" + CSV + ",,,\n",
        CSV.replace("Crops", '" Crops\n"'),
    ],
)
def test_a_table_however_it_was_saved(content: str, tmp_path: Path) -> None:
    assert read(tmp_path, content).labels == EXPECTED


def test_windows_text_and_gzip(tmp_path: Path) -> None:
    table = "CODE;FR\n72000000;Médias électroniques\n"
    assert read(tmp_path, table.encode("cp1252")).labels == {"72000000": {"fr": "Médias électroniques"}}
    assert read(tmp_path, gzip.compress(CSV.encode())).labels == EXPECTED


def test_a_workbook_whose_codes_are_numbers(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(["About this file"])
    sheet = book.create_sheet("CPV")
    for row in (["CODE", "BG", "EN", "FR"], ["72000000-5", "да", "Computing work", "Travaux informatiques"]):
        sheet.append(row)
    sheet.append([3100000, "не", "Crops", None])
    book.save(tmp_path / "cpv.csv")
    assert read_cpv_table(tmp_path / "cpv.csv").labels == EXPECTED


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        ("CODE,FR\n", "has no code below its headings"),
        ("ID,FR\n72000000,x\n", "has no column CODE in its first 20 rows"),
        ("CODE,DE\n72000000,x\n", "has in row 1 no column for a language that is read: FR, AR or EN"),
        ("CODE,FR\n72000000,x\n7200,y\n", "has in row 3, column CODE, '7200', which is no CPV code of 8 digits"),
        ("CODE,FR\n٧٢٠٠٠٠٠٠,x\n", "has in row 2, column CODE, '٧٢٠٠٠٠٠٠', which is no CPV code of 8 digits"),
        ("CODE,FR\n72000000,x\n72000000-5,y\n", "has in row 3, column CODE, 72000000 for the second time"),
        ("CODE,FR\n72000000," + "x" * 1001, "has in row 2, column FR, more than 1,000 characters"),
        ('CODE,FR\n72000000,"x', "has in row 2 what is no row of delimited text (unexpected end of data)"),
        ("CODE,FR\n72000000," + "x" * (1 << 20), "has in row 2 more than 1048576 bytes"),
        (CSV.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        (b"PK\x03\x04rubbish", "is a damaged zip archive, or one that was cut off before its end"),
        (b"\xd0\xcf\x11\xe0rubbish", "is an old or an encrypted Office file; save it as XLSX"),
    ],
)
def test_what_is_no_table_is_told_by_its_place(content: bytes | str, told: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, content) == told


def test_more_codes_than_a_table_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpv_table, "MAX_ROWS", 1)
    assert refusal(tmp_path, CSV) == "has more than 1 codes"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="does not exist"):
        read_cpv_table(tmp_path / "none.csv")


@given(
    content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: ("CODE,FR\n" + text).encode()))
)
def test_any_bytes_are_a_table_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    with contextlib.suppress(FileError):
        assert all(len(code) == 8 for code in read_cpv_table(path).labels)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the official table is not on this machine (../shared)")
def test_the_official_table() -> None:
    table = read_cpv_table(OFFICIAL)
    assert len(table.labels) == 9_454
    assert table.languages == ("fr", "en")
    assert all(labels.keys() == {"fr", "en"} for labels in table.labels.values())
