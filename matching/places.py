"""Place names and codes to words that can be compared: the place itself and what it lies in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

from matching.text import fold

_WORD: Final = re.compile(r"[^\W_]+")
_NUTS: Final = re.compile(r"[a-z]{2}[a-z0-9]?\d[a-z0-9]?")
_COMMUNE_DIGITS: Final = 5


@lru_cache(maxsize=1)
def _regions() -> Mapping[str, Mapping[str, str]]:
    """For each country the region of each of its places, from ``data/places.toml``."""
    raw = (files("matching") / "data" / "places.toml").read_text("utf-8")
    return {
        country: {member: region for region, members in regions.items() for member in members}
        for country, regions in tomllib.loads(raw).items()
    }


def place_words(country: str | None, *places: str | None) -> list[str]:
    """Folded words of place names, with those of every level above them that is known.

    A French commune or postcode has its department (69123: 69123, 69), a NUTS code its parents (FRK26: FRK26, FRK2,
    FRK), a department, a Moroccan province or prefecture its region.
    """
    found: list[str] = []
    for place in places:
        for word in _WORD.findall(fold(place or "")):
            if len(word) == _COMMUNE_DIGITS and word.isdecimal():
                found += [word, word[:2]]
            elif _NUTS.fullmatch(word):
                found += [word[:length] for length in range(len(word), 2, -1)]
            elif len(word) > 1:
                found.append(word)
    regions = _regions().get((country or "").upper(), {})
    return found + [regions[word] for word in found if word in regions]


@lru_cache(maxsize=8_192)
def region_of(country: str | None, place: str | None) -> str | None:
    """The region that a place lies in, ``None`` where it isn't known."""
    regions = set(_regions().get((country or "").upper(), {}).values())
    return next((word for word in place_words(country, place) if word in regions), None)
