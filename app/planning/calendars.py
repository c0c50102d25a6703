"""The working days of a country, from the tables of `holidays`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import holidays

from app.kit.i18n import Lang
from matching.planning.working_days import WorkingDays

_FORECAST: Final = "(estimated)"
_KNOWN: Final = frozenset(holidays.list_supported_countries())

_LANGUAGES: Final[Mapping[Lang, str]] = MappingProxyType({"ar": "ar", "fr": "fr", "en": "en_US"})


@dataclass(frozen=True, slots=True)
class Holiday:
    """A free day and what it is called. ``forecast``: it follows the moon, and may be a day earlier or later."""

    name: str
    forecast: bool


@lru_cache(maxsize=64)
def holidays_of(country: str, year: int, lang: Lang) -> Mapping[dt.date, Holiday]:
    """The holidays of a country in a year by name; none of an unknown country."""
    if country not in _KNOWN:
        return MappingProxyType({})
    named = holidays.country_holidays(country, years=[year], language=_LANGUAGES[lang])
    free = working_days_of(country, year)
    # The tables mark forecasts by a word in brackets after the name.
    return MappingProxyType({
        day: Holiday(name.partition(" (")[0] if day in free.uncertain else name, day in free.uncertain)
        for day, name in named.items()
    })  # fmt: skip


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
