"""A lot's number is said once."""

from __future__ import annotations

import pytest

from app.web.lot_titles import tells_number


@pytest.mark.parametrize(
    ("title", "lot", "told"),
    [
        ("Lot 1 : sondes", "1", True),
        ("LOT N°01 - sondes", "1", True),
        ("الحصة رقم 2: أجهزة", "2", True),
        ("Lot 12 : sondes", "1", False),
        ("Lotissement 1", "1", False),
        ("Sondes (lot 1)", "1", False),
        ("Lot (a+", "(a+", True),
        ("Lot", "", False),
    ],
)
def test_a_title_that_tells_the_number_of_its_lot(title: str, lot: str, told: bool) -> None:
    assert tells_number(title, lot) is told
