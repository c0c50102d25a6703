"""The working days of a country, from the tables of `holidays`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import holidays

from matching.planning.working_days import WorkingDays

_FORECAST: Final = "(estimated)"
_KNOWN: Final = frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=64)
def working_days_of(country: str | None, year: int) -> WorkingDays:
    """The working days of a country in a year and the two beside it; of an unknown country only weekends are known.

    Feasts that follow the moon are forecast until it is sighted: they come as ``uncertain``.
    """
    if country not in _KNOWN:
        return WorkingDays()
    named = holidays.country_holidays(country, years=[year - 1, year, year + 1], language="en_US")
    forecast = frozenset(day for day, name in named.items() if _FORECAST in name)
    return WorkingDays(
        frozenset(named) - forecast, forecast, frozenset(named.weekend) if named.weekend else frozenset()
    )
