"""Rows of a form, of which a stranger may send as many as a form may have fields."""

from __future__ import annotations

import pytest

from app.web.forms import Form
from app.web.founder import rows


def test_thousands_of_empty_rows_are_not_each_held_against_all_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    form = Form({f"label-{at}-name": [""] for at in range(2_000)})
    looked: list[int] = []
    monkeypatch.setattr(rows, "is_filled", lambda *at: looked.append(at[2]))
    assert rows.rows_of(form, "label", "name") == range(rows.SPARE_ROWS)
    assert len(looked) <= rows.MOST_ROWS
    monkeypatch.undo()
    filled = Form({f"label-{at}-name": ["x"] for at in range(2_000)})
    assert rows.rows_of(filled, "label", "name") == range(rows.MOST_ROWS + rows.SPARE_ROWS)
