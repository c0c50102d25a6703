"""No cell of ours is ever computed by a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.files.export import csv_text, neutral, write_xlsx

DANGEROUS = "=+-@\t\r＝＋－＠"


@pytest.mark.parametrize("start", DANGEROUS)
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\ufeff"])
def test_a_formula_becomes_text(start: str, before: str) -> None:
    assert neutral(f"{before}{start}1+1") == f"'{before}{start}1+1"


def test_ordinary_text_and_numbers_stay_as_they_are() -> None:
    for text in ("", "Étude", "a=b", "1+1", "'quoted", "صفقة"):
        assert neutral(text) == text
    [line] = csv_text([[-5, Decimal("-1.50"), None, True, dt.date(2026, 1, 2), "-5"]])
    assert line == "-5,-1.50,,true,2026-01-02,'-5\r\n"


@given(
    st.lists(
        st.lists(
            st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_csv_reads_back_with_no_formula_in_it(rows: list[list[str]]) -> None:
    text = "".join(csv_text(rows, headings=["a", "b"]))
    found = list(csv.reader(io.StringIO(text, newline="")))
    assert found[0] == ["a", "b"]
    for row, cells in zip(rows, found[1:], strict=True):
        for written, cell in zip(row, cells, strict=True):
            assert cell.removeprefix("'") == written.removeprefix("'")
            assert cell[:1] not in set(DANGEROUS) or not cell


def test_a_workbook_holds_text_never_formulas() -> None:
    out = io.BytesIO()
    rows = [["=1+1", -5, Decimal("2.5"), None, dt.date(2026, 1, 2), "bad \x01 \ud800 text", "x" * 40_000]]
    write_xlsx(
        out,
        rows,
        headings=["=head", "b", "c", "d", "e", "f", "g"],
        title="a/b: [very] long title, longer than a sheet may have",
    )
    book = load_workbook(out)
    assert book.active is not None
    header, row = list(book.active.iter_rows())
    assert header[0].value == "'=head"
    assert [cell.data_type for cell in row] == ["s", "n", "n", "n", "d", "s", "s"]
    assert row[0].value == "'=1+1"
    assert len(str(row[6].value)) == 32_767
