"""What regions are known for, from ``data/specialities.toml``: concepts, with all that are narrower than them."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from matching.errors import LexiconError
from matching.lexicon import Lexicon, default_lexicon
from matching.places import region_of
from matching.types import StartupDoc

MAIN_SHARE: Final = 0.5
"""A tender is about the concepts that count at least this share of its foremost one."""

MAX_REGIONS: Final = 52
"""Regions are bits of a number that a float holds exactly."""


class Specialities:
    """The specialities of regions. Immutable, safe to share. Sets of regions are numbers with a bit for each."""

    def __init__(self, lexicon: Lexicon, listed: Mapping[str, Iterable[str]], version: str = "") -> None:
        self.version = version
        self.regions = tuple(listed)
        self._number = {region: n for n, region in enumerate(self.regions)}
        self._listed = {region: tuple(concepts) for region, concepts in listed.items()}
        bits: dict[str, int] = {}
        for region, concepts in self._listed.items():
            for concept in concepts:
                bits[concept] = bits.get(concept, 0) | 1 << self._number[region]
        self._above = {concept.id: _and_above(lexicon, concept.id) for concept in lexicon.concepts}
        self._known_for = {
            concept: known for concept, above in self._above.items() if (known := _any(bits.get(a, 0) for a in above))
        }

    def regions_for(self, concepts: Mapping[str, float]) -> int:
        """The regions known for what a tender is mostly about, given how much each of its concepts counts."""
        least = MAIN_SHARE * max(concepts.values(), default=0.0)
        return _any(self._known_for.get(concept, 0) for concept, count in concepts.items() if count >= least)

    def number_of(self, startup: StartupDoc) -> int | None:
        """The number of the region where a startup is, or has delivered most; ``None`` for none that is listed."""
        home = home_of(startup)
        return self._number.get(home.region) if home else None

    def named(self, region: str, concepts: Iterable[str]) -> str | None:
        """The speciality of a region, as it is listed, under which one of these concepts falls."""
        listed = self._listed.get(region, ())
        under = {above for concept in concepts for above in self._above.get(concept, ())}
        return next((speciality for speciality in listed if speciality in under), None)


class Home(NamedTuple):
    """A place as a record names it, and the region it lies in."""

    place: str
    region: str


def home_of(startup: StartupDoc) -> Home | None:
    """Where a startup is (its city, else its regions), else where it has won most; ``None`` where that isn't known."""
    for place in (startup.city, *startup.regions):
        if place and (region := region_of(startup.country, place)):
            return Home(place, region)
    won = [
        Home(win.place, region)
        for win in startup.references
        if win.place and (region := region_of(startup.country, win.place))
    ]
    if not won:
        return None
    often = Counter(home.region for home in won).most_common(1)[0][0]
    return next(home for home in won if home.region == often)


def _and_above(lexicon: Lexicon, concept: str) -> frozenset[str]:
    """A concept and everything broader."""
    found: set[str] = set()
    waiting = [concept]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += lexicon.concepts[lexicon.number[each]].broader
    return frozenset(found)


def _any(sets: Iterable[int]) -> int:
    found = 0
    for each in sets:
        found |= each
    return found


def load_specialities(file: Traversable, lexicon: Lexicon) -> Specialities:
    """Read a file of specialities. Raises ``LexiconError`` naming the region."""
    raw = file.read_bytes()
    try:
        tables = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LexiconError(f"{file.name}: {error}") from error
    listed: dict[str, tuple[str, ...]] = {}
    for country, regions in tables.items():
        for region, concepts in regions.items():
            if unknown := [concept for concept in concepts if concept not in lexicon.number]:
                raise LexiconError(f"{file.name}: {country}.{region}: unknown concept {unknown[0]!r}")
            listed[region] = tuple(concepts)
    if len(listed) > MAX_REGIONS:
        raise LexiconError(f"{file.name}: {len(listed)} regions; at most {MAX_REGIONS}")
    return Specialities(lexicon, listed, hashlib.sha256(raw).hexdigest()[:12])


@lru_cache(maxsize=1)
def default_specialities() -> Specialities:
    """The specialities that ship, in the lexicon that ships."""
    return load_specialities(files("matching") / "data" / "specialities.toml", default_lexicon())
