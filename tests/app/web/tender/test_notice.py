"""Notices of any shape, in words."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.i18n import Lang
from app.models.tender import TenderStatus
from app.tenders.repository import VersionStep
from app.tenders.schemas import TenderOut
from app.web.tender.notice import amount_told, notice_of
from app.web.tender.timeline import timeline_of

NOW = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "title", "url", "name", "amount", "currency", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
fields = st.sampled_from(["title", "deadline", "published", "value", "bond", "lots", "buyer", "cpv", "x", "language"])
changes = st.dictionaries(fields, json | st.fixed_dictionaries({"old": json, "new": json}), max_size=4)


def _call(**extra: object) -> TenderOut:
    plain = dict.fromkeys(TenderOut.model_fields)
    known = {"id": "00000000-0000-0000-0000-000000000001", "external_id": "1", "ocid": "o", "status": "published",
             "version": 1, "title": "Audit", "description": "", "activities": [], "cpv": [], "lots": [],
             "simplified_grounds": [], "updated_at": NOW, "created_at": NOW}  # fmt: skip
    return TenderOut.model_validate({**plain, **known, **extra})


@given(json, json, json)
def test_documents_and_languages_of_any_shape_are_shown_or_left_out(one: object, other: object, third: object) -> None:
    shown = notice_of(_call(documents=one, documents_url=other, submission_languages=third, buyers=one), "fr")
    assert all(each.url and len(each.name) <= 300 for each in shown.attachments)
    assert all(isinstance(each, str) and each for each in shown.languages)


@given(changes, st.sampled_from(get_args(Lang)))
def test_changes_of_any_shape_are_told(told: dict[str, object], lang: Lang) -> None:
    step = VersionStep(2, TenderStatus.PUBLISHED, NOW, told)  # type: ignore[arg-type]
    (shown,) = timeline_of([step], lang)
    assert all(one.sentence and not one.sentence.startswith("web.") for one in shown.changes)


@pytest.mark.parametrize(
    ("field", "old", "new", "expected"),
    [
        ("deadline", None, "2026-12-01", "Deadline now stated: 1 December 2026"),
        ("deadline", "2026-12-01T10:00:00+01:00", None, "Deadline no longer stated (was: 1 December 2026 10:00)"),
        ("deadline", "2026-12-01", "2026-12-09", "Deadline: from “1 December 2026” to “9 December 2026”"),
        ("bond", {"amount": 0, "currency": "MAD"}, {"amount": 5000, "currency": "MAD"},
         "Provisional bond now stated: MAD\xa05,000"),
        ("lots", [{"id": "1", "title": "a"}], [], "1 lot removed"),
        ("lots", [{"id": "1", "title": "a"}], [{"id": "1", "title": "b"}], "1 lot changed"),
        ("procedure", "a", "b", "Changed: Procedure"),
        ("secret_field", "a", "b", "Something else changed"),
    ],
)  # fmt: skip
def test_a_change_is_told_by_what_it_means(field: str, old: object, new: object, expected: str) -> None:
    step = VersionStep(2, TenderStatus.PUBLISHED, NOW, {field: {"old": old, "new": new}})  # type: ignore[dict-item]
    assert [one.sentence for one in timeline_of([step], "en")[0].changes] == [expected]


def test_a_status_is_told_where_it_changed() -> None:
    kinds = (TenderStatus.CANCELLED, TenderStatus.PUBLISHED, TenderStatus.PUBLISHED, TenderStatus.DRAFT)
    steps = [VersionStep(4 - at, kind, NOW, {}) for at, kind in enumerate(kinds)]
    assert [step.status for step in timeline_of(steps, "en")] == ["cancelled", None, "published", "draft"]


@pytest.mark.parametrize(
    "told", [None, 5, {"amount": 0, "currency": "MAD"}, {"amount": "x", "currency": "MAD"}, {"amount": True,
             "currency": "MAD"}, {"amount": "NaN", "currency": "MAD"}, {"amount": 5}, {"amount": -1, "currency": "MAD"}],
)  # fmt: skip
def test_an_amount_that_is_none_is_unknown(told: object) -> None:
    assert amount_told(told) is None  # type: ignore[arg-type]


def test_a_book_is_shown_in_part_and_said_to_be() -> None:
    long = notice_of(_call(description="mot " * 50_000), "fr")
    assert long.cut
    assert sum(len(piece.text) for piece in long.description) <= 60_001
    assert not notice_of(_call(description="court"), "fr").cut
