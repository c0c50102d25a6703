"""What a version of a profile says changed, as the reader writes sums and countries."""

from __future__ import annotations

import pytest

from app.db.base import JsonObject
from app.web.founder.changes import changes, told


def test_a_version_is_told_in_the_words_of_the_form() -> None:
    before: JsonObject = {"country": "FR", "id": "s-1"}
    after: JsonObject = {
        "country": "MA",
        "turnover": {"amount": 3100000, "currency": "MAD"},
        "fictional": True,
        "id": "s-2",
    }
    assert [(each.field, each.before, each.after) for each in changes(before, after, "fr")] == [
        ("country", "France", "Maroc"),
        ("turnover", "", "3\u202f100\u202f000\xa0MAD"),
    ]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999999", "1e-999999", "<b>", "", True, None])
def test_what_is_no_sum_is_told_as_it_stands(amount: str | bool | None) -> None:
    assert told("cash", {"amount": amount, "currency": "MAD"}, "fr") == f"{amount} MAD"
