"""When a delivery is tried again, and when an endpoint is given up. Pure: the time and the dice are passed in."""

from __future__ import annotations

import datetime as dt
import email.utils
from typing import Final

DELAYS: Final = tuple(
    dt.timedelta(seconds=seconds) for seconds in (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""Before each attempt, counted from the one before (Standard Webhooks): ten attempts in some three days."""
GIVEN_UP_AFTER: Final = dt.timedelta(days=5)
"""An endpoint that only failed for so long is disabled."""
_JITTER = 0.2
_AT_LEAST_WHEN_BUSY = dt.timedelta(minutes=1)
_LONGEST_REST = dt.timedelta(hours=1)
LONGEST_BREATHER: Final = dt.timedelta(minutes=1)
_BUSY = frozenset({429, 502, 503, 504})


def next_delay(tries: int, dice: float) -> dt.timedelta | None:
    """How long to wait after ``tries`` failed attempts; ``None`` when there is no further one.

    ``dice``: from 0 to 1; up to a fifth is added, so that what failed together does not come back together.
    """
    if tries >= len(DELAYS):
        return None
    return DELAYS[tries] * (1 + _JITTER * dice)


def rest(status: int | None, retry_after: str | None, now: dt.datetime) -> dt.timedelta | None:
    """How long an endpoint is left alone after this answer; ``None``: it did not ask for it.

    ``Retry-After`` is honoured up to an hour; whoever is busy without saying how long is given a minute.
    """
    if status not in _BUSY:
        return None
    asked = _asked(retry_after, now)
    if asked is None:
        return _AT_LEAST_WHEN_BUSY if status == 429 else None
    return min(max(asked, dt.timedelta(seconds=1)), _LONGEST_REST)


def breather(failing: dt.timedelta) -> dt.timedelta:
    """How long an endpoint that has failed for some time is left alone after each failure: a tenth of it, up to a
    minute. What waits for a dead one neither uses up its attempts nor our time.
    """
    return min(failing / 10, LONGEST_BREATHER)


def _asked(retry_after: str | None, now: dt.datetime) -> dt.timedelta | None:
    """Seconds, or the date of RFC 9110; ``None`` for anything else."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return dt.timedelta(seconds=int(retry_after))
    try:
        when = email.utils.parsedate_to_datetime(retry_after)
    except (ValueError, TypeError):
        return None
    return when - now if when.tzinfo is not None else None
