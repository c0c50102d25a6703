"""Working days come with the feasts of their country; those that the moon decides keep a day's distance."""

from __future__ import annotations

import datetime as dt

import pytest

from app.planning.calendars import working_days_of


@pytest.mark.parametrize(
    ("country", "day", "works"),
    [
        ("MA", dt.date(2026, 11, 18), False),  # Independence Day
        ("MA", dt.date(2026, 11, 19), True),
        ("FR", dt.date(2026, 11, 18), True),
        ("FR", dt.date(2026, 7, 14), False),
        ("EG", dt.date(2026, 11, 20), False),  # a Friday
        ("EG", dt.date(2026, 11, 22), True),  # a Sunday
        (None, dt.date(2026, 11, 18), True),
        ("XX", dt.date(2026, 11, 21), False),  # a Saturday
    ],
)
def test_days_of_a_country(country: str | None, day: dt.date, *, works: bool) -> None:
    assert working_days_of(country, 2026).works(day) is works


def test_a_deadline_after_the_end_of_ramadan_keeps_clear_of_the_feast() -> None:
    days = working_days_of("MA", 2026)  # the feast is forecast for 20 and 21 March
    assert [day for day in range(16, 26) if days.works(dt.date(2026, 3, day))] == [16, 17, 18, 23, 24, 25]
    assert days.before(dt.date(2026, 3, 23), 1) == dt.date(2026, 3, 18)


def test_a_plan_over_new_year_knows_both_years() -> None:
    assert working_days_of("MA", 2026).before(dt.date(2027, 1, 12), 2) == dt.date(2027, 1, 7)
    assert not working_days_of("MA", 2026).works(dt.date(2027, 1, 11))
