"""Offsets become the instants a reader in Casablanca would expect."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.sample.dates import ZONE, DayOffset

ELEVEN_THIRTY = dt.time(11, 30)


def offset(days: int, at: str = "00:00") -> DayOffset:
    return DayOffset.model_validate({"days": days, "at": at})


def test_the_hour_is_the_one_on_the_wall_in_casablanca_in_and_out_of_ramadan() -> None:
    # Ramadan 2026: the clocks went back to UTC on 15 February and forward again on 22 March.
    before, during, after = (
        offset(days, "10:00").resolve(dt.date(2026, 2, 12)).astimezone(dt.UTC) for days in (1, 5, 40)
    )
    assert before == dt.datetime(2026, 2, 13, 9, tzinfo=dt.UTC)
    assert during == dt.datetime(2026, 2, 17, 10, tzinfo=dt.UTC)
    assert after == dt.datetime(2026, 3, 24, 9, tzinfo=dt.UTC)


def test_a_month_end_and_a_leap_day_are_crossed() -> None:
    assert offset(1).resolve(dt.date(2028, 2, 28)).date() == dt.date(2028, 2, 29)
    assert offset(-1).resolve(dt.date(2027, 1, 1)).date() == dt.date(2026, 12, 31)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(2, dt.date(2026, 11, 23)), (1, dt.date(2026, 11, 23)), (-5, dt.date(2026, 11, 13)), (-6, dt.date(2026, 11, 13))],
)
def test_a_weekend_moves_away_from_today(days: int, expected: dt.date) -> None:
    friday = dt.date(2026, 11, 20)
    assert offset(days).resolve(friday).date() == expected


@given(today=st.dates(dt.date(2020, 1, 1), dt.date(2050, 1, 1)), days=st.integers(-60, 60))
def test_any_day_resolves_to_a_working_day_on_its_own_side_of_today(today: dt.date, days: int) -> None:
    moment = offset(days, "11:30").resolve(today)
    assert moment.utcoffset() in {dt.timedelta(0), dt.timedelta(hours=1)}
    assert moment.astimezone(dt.UTC).astimezone(ZONE).time() == ELEVEN_THIRTY
    assert abs((moment.date() - today).days) in {abs(days), abs(days) + 1, abs(days) + 2}
    if days:
        assert moment.weekday() < 5
        assert (moment.date() > today) == (days > 0)
    else:
        assert moment.date() == today


@pytest.mark.parametrize("wrong", [{"days": "soon"}, {"days": 1, "at": "25:00"}, {"days": 1, "hour": 9}, {}])
def test_a_wrong_offset_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DayOffset.model_validate(wrong)


def test_an_hour_with_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="takes no zone"):
        DayOffset.model_validate({"days": 1, "at": "10:00+02:00"})
