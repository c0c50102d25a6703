"""Counting working days back from a deadline, over weekends, holidays, and holidays whose day the moon decides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

ONE_DAY: Final = dt.timedelta(days=1)
DAYS_OF_A_WEEK: Final = 7
SATURDAY_AND_SUNDAY: Final = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days on which offices of a country work.

    ``weekend`` holds ``date.weekday()`` numbers. ``uncertain`` are holidays that are only forecast (the moon is
    sighted days before): the day before and the day after each are taken as free too, so that no plan rests on them.
    """

    holidays: frozenset[dt.date] = frozenset()
    uncertain: frozenset[dt.date] = frozenset()
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY

    def __post_init__(self) -> None:
        if len(self.weekend) >= DAYS_OF_A_WEEK:
            raise ValueError("must leave a day of the week to work on")

    def works(self, day: dt.date) -> bool:
        """Whether one can count on offices working that day."""
        return not (
            day.weekday() in self.weekend
            or day in self.holidays
            or day in self.uncertain
            or day + ONE_DAY in self.uncertain
            or day - ONE_DAY in self.uncertain
        )

    def before(self, day: dt.date, working_days: int) -> dt.date:
        """The latest day to start what takes so many whole working days and must be done before ``day`` begins.

        With 0 it is the last working day before ``day``, on which a thing of a moment is done.
        """
        left = max(1, working_days)
        while True:
            day -= ONE_DAY
            if self.works(day):
                left -= 1
                if left == 0:
                    return day

    def between(self, first: dt.date, end: dt.date) -> int:
        """How many working days there are from ``first``, included, to ``end``, which is not.

        Weeks are counted and not walked: a deadline may be in the year 9999.
        """
        weeks, rest = divmod(max(0, (end - first).days), DAYS_OF_A_WEEK)
        beyond = sum((first.weekday() + n) % DAYS_OF_A_WEEK not in self.weekend for n in range(rest))
        around = (day + n * ONE_DAY for day in self.uncertain for n in (-1, 0, 1))
        free = {day for day in (*self.holidays, *around) if first <= day < end and day.weekday() not in self.weekend}
        return weeks * (DAYS_OF_A_WEEK - len(self.weekend)) + beyond - len(free)
