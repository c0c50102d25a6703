"""What came of a call, folded into one record and one status."""

from __future__ import annotations

import pytest

from app.models.tender import TenderStatus
from app.sources.folding import Fold, Stored, completed, status_of
from scrapers.records import TenderRecord

P, C, A, X = TenderStatus.PUBLISHED, TenderStatus.CLOSED, TenderStatus.AWARDED, TenderStatus.CANCELLED


def call(**fields: object) -> TenderRecord:
    return TenderRecord.model_validate({"id": "1", "title": "A", **fields})


def folded(*records: TenderRecord) -> dict[str, object]:
    fold = Fold()
    for record in records:
        fold.add(record)
    return dict(fold.records["1"])


def test_a_later_notice_replaces_an_earlier_one() -> None:
    assert folded(call(place="Rabat"), call(title="B")) == {"id": "1", "title": "B"}


def test_an_update_completes_what_came_before() -> None:
    assert folded(call(place="Rabat"), call(title="B", delta=True)) == {"id": "1", "title": "B", "place": "Rabat"}


def test_an_update_of_an_update_is_still_one() -> None:
    made = folded(call(place="Rabat", delta=True), call(title="B", delta=True))
    assert made == {"id": "1", "title": "B", "place": "Rabat", "delta": True}


def test_an_update_is_laid_over_what_the_database_holds() -> None:
    fold = Fold()
    fold.add(call(title="B", delta=True))
    assert fold.updates() == ["1"]
    given = fold.gathered({"1": Stored(P, None, {"id": "1", "title": "A", "place": "Rabat"})})
    assert given.records == [b'{"id":"1","title":"B","place":"Rabat"}']
    assert given.statuses == [P]


def test_lots_are_completed_one_by_one() -> None:
    before = {"lots": [{"id": "1", "title": "Roof", "value": 5}, {"id": "2", "title": "Walls"}]}
    update = {"lots": [{"id": "2", "title": "Walls, higher"}, {"id": "3", "title": "Doors"}]}
    assert completed(before, update)["lots"] == [
        {"id": "1", "title": "Roof", "value": 5}, {"id": "2", "title": "Walls, higher"}, {"id": "3", "title": "Doors"},
    ]  # fmt: skip


def test_how_an_old_time_was_found_does_not_stand_beside_a_new_one() -> None:
    before = {"deadline": "2026-12-01", "deadline_basis": "day", "deadline_text": "1 December"}
    assert completed(before, {"deadline": "2026-12-05T10:00:00Z"}) == {"deadline": "2026-12-05T10:00:00Z"}


@pytest.mark.parametrize(
    ("said", "known", "stands"),
    [
        (None, None, P),
        ("active", None, P),
        ("cancelled", None, X),
        ("complete", (P, "active"), A),
        ("active", (X, "cancelled"), P),  # the source takes its own word back
        ("active", (A, "active"), A),  # left standing after an award
        (None, (C, None), C),  # taken from the list
        (None, (X, "cancelled"), X),  # says nothing any more
        ("cancelled", (C, None), X),
        ("cancelled", (A, "active"), X),
    ],
)
def test_where_a_call_stands(
    said: str | None, known: tuple[TenderStatus, str | None] | None, stands: TenderStatus
) -> None:
    record = {"id": "1", "title": "A"} | ({"status": said} if said else {})
    assert status_of(record, Stored(*known) if known else None) is stands
