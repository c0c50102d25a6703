"""When digests are made, and when a letter that did not get through is tried again."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from app.models.digest import DigestEvery

AGAIN: Final = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480))
"""The pauses after the attempts of a letter; after the last, it has failed."""
LEASE: Final = dt.timedelta(minutes=10)
"""How long a claim holds: more than sending may take."""
CONFIRM_WITHIN: Final = dt.timedelta(days=7)
BETWEEN_ASKING: Final = dt.timedelta(days=1)
"""The pause before an address is asked a second time; it doubles with each asking that nobody confirms."""
_MOST_DOUBLINGS = 6


def next_slot(every: DigestEvery, weekday: int, hour: int, zone: str, after: dt.datetime) -> dt.datetime:
    """The first time of a subscription that is later than ``after``, in UTC.

    An hour that a zone leaves out comes as late as the clock was put forward; one that it repeats comes once.
    """
    local = after.astimezone(ZoneInfo(zone))
    day = local.date()
    while True:
        if every is DigestEvery.DAILY or day.isoweekday() == weekday:
            slot = dt.datetime.combine(day, dt.time(hour), ZoneInfo(zone)).astimezone(dt.UTC)
            if slot > after:
                return slot
        day += dt.timedelta(days=1)


def ask_at(asked: int, asked_at: dt.datetime | None, now: dt.datetime) -> dt.datetime:
    """When an address that was asked ``asked`` times, at last at ``asked_at``, may be asked to confirm again."""
    if asked == 0 or asked_at is None:
        return now
    pause: dt.timedelta = BETWEEN_ASKING * 2 ** min(asked - 1, _MOST_DOUBLINGS)
    return max(now, asked_at + pause)
