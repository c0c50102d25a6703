"""A source that stops filling its fields, or stops bringing anything, against its own past."""

from __future__ import annotations

import datetime as dt

from app.db.base import JsonObject
from app.sources.drifting import drift_of
from app.sources.repository import PastRun
from scrapers.drift import Fills

MONDAY = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def past(days: float, records: int, *, placed: float = 0.9, drifted: bool = False) -> PastRun:
    fills: JsonObject = {"records": records, "filled": {"place": int(records * placed)}}
    return PastRun(MONDAY - days * DAY, fills, drifted)


def after(
    now: Fills, runs: list[PastRun], before: list[JsonObject] | None = None, *, complete: bool = True
) -> list[str]:
    return [str(each["field"]) for each in drift_of(now, MONDAY, runs, before or [], complete=complete)]


def test_a_field_that_stops_filling_drifts() -> None:
    assert after(Fills(60, {"place": 3}), [past(n, 50) for n in range(1, 8)]) == ["place"]
    assert after(Fills(60, {"place": 55}), [past(n, 50) for n in range(1, 8)]) == []


def test_it_does_not_become_usual_by_staying_away() -> None:
    runs = [past(n, 50, placed=0.0, drifted=True) for n in range(1, 8)] + [past(n, 50) for n in range(8, 15)]
    assert after(Fills(60, {"place": 0}), runs) == ["place"]


def test_a_small_run_tells_nothing_and_takes_nothing_back() -> None:
    runs = [past(n, 50) for n in range(1, 8)]
    known: list[JsonObject] = [{"field": "place", "before": 0.9, "now": 0.0}]
    assert after(Fills(5, {"place": 5}), runs, known) == ["place"]
    assert after(Fills(60, {"place": 55}), runs, known) == []


def test_a_weekend_without_calls_is_no_collapse() -> None:
    weekends = [past(7 * week + hours / 24, 0) for week in range(1, 5) for hours in (1, 3)]
    busy = [past(days, 100) for days in (1.5, 2.5, 3.5, 8.5, 9.5)]
    assert after(Fills(0, {}), [*weekends, *busy]) == []


def test_a_weekday_that_brings_nothing_of_what_it_used_to_bring_is_one() -> None:
    weekdays = [past(7 * week, 80) for week in range(1, 5)]
    assert after(Fills(2, {}), weekdays) == ["yield"]
    assert after(Fills(2, {}), [past(0.3, 70), *weekdays]) == []
    assert after(Fills(2, {}), weekdays, complete=False) == []


def test_a_partial_run_does_not_take_a_collapse_back() -> None:
    known: list[JsonObject] = [{"field": "yield", "before": 80.0, "now": 2.0}]
    assert after(Fills(2, {}), [], known, complete=False) == ["yield"]
    assert after(Fills(50, {}), [], known) == []
