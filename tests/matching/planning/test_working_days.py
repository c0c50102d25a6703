"""Working days are counted back over weekends, holidays, and days that the moon decides."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.planning.working_days import ONE_DAY, WorkingDays

DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
CALENDARS = st.builds(
    WorkingDays,
    holidays=st.frozensets(DAYS, max_size=30),
    uncertain=st.frozensets(DAYS, max_size=10),
    weekend=st.frozensets(st.integers(0, 6), max_size=3),
)


def test_a_monday_deadline_is_prepared_on_friday() -> None:
    assert WorkingDays().before(dt.date(2026, 11, 23), 1) == dt.date(2026, 11, 20)


def test_holidays_push_the_start_further_back() -> None:
    independence = WorkingDays(holidays=frozenset({dt.date(2026, 11, 18)}))
    assert independence.before(dt.date(2026, 11, 20), 2) == dt.date(2026, 11, 17)
    assert WorkingDays().before(dt.date(2026, 11, 20), 2) == dt.date(2026, 11, 18)


def test_no_plan_rests_on_the_days_around_a_feast_that_is_only_forecast() -> None:
    feast = WorkingDays(uncertain=frozenset({dt.date(2027, 3, 10)}))
    assert [feast.works(dt.date(2027, 3, day)) for day in (8, 9, 10, 11, 12)] == [True, False, False, False, True]


@given(CALENDARS, DAYS, st.integers(0, 40))
def test_exactly_so_many_working_days_lie_between(days: WorkingDays, deadline: dt.date, count: int) -> None:
    start = days.before(deadline, count)
    assert days.works(start)
    assert days.between(start, deadline) == max(1, count)


@given(CALENDARS, DAYS, DAYS)
def test_days_between_are_those_that_one_meets_walking(days: WorkingDays, first: dt.date, end: dt.date) -> None:
    walked = (first + n * ONE_DAY for n in range((end - first).days))
    assert days.between(first, end) == sum(map(days.works, walked))


@given(CALENDARS, DAYS, st.integers(0, 40))
def test_more_holidays_never_let_one_start_later(days: WorkingDays, deadline: dt.date, count: int) -> None:
    start = days.before(deadline, count)
    more = WorkingDays(days.holidays | {start}, days.uncertain, days.weekend)
    assert more.before(deadline, count) < start


@given(CALENDARS, DAYS)
def test_nothing_is_left_once_the_day_has_come(days: WorkingDays, day: dt.date) -> None:
    assert days.between(day, day) == days.between(day, day - ONE_DAY) == 0


def test_a_week_without_a_working_day_is_refused() -> None:
    with pytest.raises(ValueError, match="a day"):
        WorkingDays(weekend=frozenset(range(7)))
