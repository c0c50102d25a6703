"""Dates told as a distance from today, so that the sample set never grows old."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict

ZONE: Final = ZoneInfo("Africa/Casablanca")
"""UTC+1, and UTC during Ramadan: the same hour on the wall is not the same instant all year round."""

_SATURDAY: Final = 5


def _wall_clock(value: dt.time) -> dt.time:
    if value.tzinfo is not None:
        raise ValueError("is an hour on the wall in Casablanca; it takes no zone")
    return value


class DayOffset(BaseModel):
    """``{"days": 12, "at": "10:00"}``: twelve days from today at ten in Casablanca; ``at`` is midnight if absent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int
    at: Annotated[dt.time, AfterValidator(_wall_clock)] = dt.time(0)

    def resolve(self, today: dt.date) -> dt.datetime:
        """The instant meant, timezone-aware.

        No office opens bids at the weekend: the day moves away from ``today`` to the nearest working day, so what
        was past stays past and what was to come stays to come. Offset 0 is today, whatever the day.
        """
        day = today + dt.timedelta(days=self.days)
        step = dt.timedelta(days=1 if self.days > 0 else -1)
        while self.days and day.weekday() >= _SATURDAY:
            day += step
        return dt.datetime.combine(day, self.at, tzinfo=ZONE)
