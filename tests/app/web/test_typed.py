"""What is typed into fields."""

from __future__ import annotations

import pytest

from app.web.founder import rows
from app.web.typed import Unreadable, amount_of


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", None),
        ("250 000", "250000"),
        ("250\u202f000,5", "250000.5"),
        ("1.25", "1.25"),
        ("0", "0"),
        ("١٢٣٫٥", "123.5"),
    ],
)
def test_an_amount_is_read_to_the_letter(typed: str, told: str | None) -> None:
    assert amount_of(typed, "x") == told


@pytest.mark.parametrize("typed", ["1.000", "1,000", "1e5", "-5", "12 MAD", "1.2.3", "NaN", "9" * 19])
def test_an_amount_that_may_be_another_is_refused(typed: str) -> None:
    with pytest.raises(Unreadable):
        amount_of(typed, "x")


@pytest.mark.parametrize(
    ("typed", "told"), [("", ""), ("1 200 000,50", "1200000.50"), ("١٢٣٫٥", "123.5"), ("1.000", "1.000"), ("x y", "xy")]
)
def test_an_amount_of_a_profile_that_is_none_is_left_for_its_record_to_refuse(typed: str, told: str) -> None:
    assert rows.amount_of(typed) == told
