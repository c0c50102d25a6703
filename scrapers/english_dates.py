"""Dates as the development banks and the United Nations write them: ``08-Jun-2026``, ``26-Aug-2026 23:59 (GMT 3.00)``.

Months are English whatever the locale of this machine; offsets are decimal hours (``GMT 5.50`` is +05:30).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ](\d{4})", re.ASCII)
_STAMP = re.compile(
    _DAY.pattern + r"\s+(\d{1,2}):(\d{2})\s*\(\s*(?:GMT|UTC)\s*([+-]?\d{1,2}(?:\.\d{1,2})?)?\s*\)", re.ASCII
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp]\.?[Mm]\.?)?", re.ASCII)
_FARTHEST: Final = 14.0


def english_day(text: str) -> dt.date:
    """Read ``08-Jun-2026`` or ``8 June 2026``. Raises ValueError."""
    found = _DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError("is not a day as in 08-Jun-2026")
    day, month, year = found.groups()
    try:
        return dt.date(int(year), _MONTHS.index(month.casefold()) + 1, int(day))
    except ValueError:
        raise ValueError("is not a day as in 08-Jun-2026") from None


def english_stamp(text: str) -> dt.datetime:
    """Read ``26-Aug-2026 23:59 (GMT 3.00)``; without a number behind it, GMT is meant itself. Raises ValueError."""
    found = _STAMP.fullmatch(" ".join(text.split()))
    if found is None:
        raise ValueError("is not a time as in 26-Aug-2026 23:59 (GMT 3.00)")
    offset = float(found[6] or 0)
    if abs(offset) > _FARTHEST or int(found[4]) > 23 or int(found[5]) > 59:
        raise ValueError("is not a time of any zone")
    zone = dt.timezone(dt.timedelta(hours=offset))
    day = english_day("-".join(found.group(1, 2, 3)))
    return dt.datetime.combine(day, dt.time(int(found[4]), int(found[5])), tzinfo=zone)


def clock_time(text: str) -> dt.time:
    """Read ``10:00``, ``10:00:00`` or ``2:30 PM``. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError("is not a time of the day")
    hour, half = int(found[1]), (found[4] or "").casefold()[:1]
    if half and not 1 <= hour <= 12:
        raise ValueError("is not a time of the day")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return dt.time(hour, int(found[2]), int(found[3] or 0))
