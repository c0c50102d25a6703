"""Reasons of refusals, told column by column."""

from __future__ import annotations

from app.web.progress.wording import Fault, faults


def test_each_fault_has_its_column_and_its_words() -> None:
    found = faults("name: field required; employees: input should be greater than or equal to 0; and 3 more", "fr")
    assert [(one.column, one.words) for one in found] == [
        ("name", "manque"),
        ("employees", "est trop petit (limite 0)"),
        (None, "et 3 autres"),
    ]


def test_what_is_not_known_is_told_as_it_came() -> None:
    odd = 'x.y: <b>; something else: "y"'
    assert faults(odd, "ar") == [Fault("x.y", None, '<b>; something else: "y"')]
    assert faults("no column here", "ar") == [Fault(None, None, "no column here")]
