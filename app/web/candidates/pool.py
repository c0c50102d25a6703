"""The pool of startups as a map and two charts: what is counted, as it may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.kit.i18n import Lang, format_number, translate
from app.openness.schemas import LEAST_TOLD
from app.openness.telling import told, told_parts
from app.startups.counting import Counts
from app.tenders.place_names import region_in
from app.tenders.regions import Region, region_of, regions
from app.web.candidates.filters import SIZES, Filters
from app.web.charts.bars import lengths
from app.web.charts.morocco import RegionCount, Tile, tiles
from app.web.rendering import link

SIZE_BOUNDS: Final = tuple(least for least, _ in SIZES.values())
MOST_SECTORS: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its words, its number as it is told, where it leads, its bar (see ``app.web.charts.bars``)."""

    words: str
    said: str
    href: str | None
    bar: float = 0.0


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose startups are counted. ``path``: where a filter leads; ``call``: whose candidates, if not all;
    ``small_hidden``: whether counts of one and two are not told, as in the mirror (see ``app.openness.telling``).
    """

    path: str
    call: str | None = None
    small_hidden: bool = False


@dataclass(frozen=True, slots=True)
class PoolView:
    """What the page shows."""

    total: int | None
    map: Sequence[Tile]
    elsewhere: Line
    sectors: Sequence[Line]
    sizes: Sequence[Line]


def by_region(counts: Counts) -> tuple[dict[str, int], int]:
    """Startups by the French name of each region they name, themselves or by a place in it; and those who name none."""
    found = {region.name_fr: 0 for region in regions()}
    elsewhere = 0
    for (country, places), count in counts.places.items():
        there = {region for place in places if (region := region_of(place, country)) is not None}
        for region in there:
            found[region] += count
        elsewhere += 0 if there else count
    return found, elsewhere


def top_sectors(counts: Counts) -> list[tuple[str, int]]:
    """The folded sectors that most startups name, the most frequent first."""
    found: dict[str, int] = {}
    for sectors, count in counts.sectors.items():
        for sector in sectors:
            found[sector] = found.get(sector, 0) + count
    return sorted(found.items(), key=lambda each: (-each[1], each[0]))[:MOST_SECTORS]


def pool_view(counts: Counts, written: Mapping[str, str], filters: Filters, whose: Whose, lang: Lang) -> PoolView:
    """Counts as shapes and lines. ``written``: how profiles write the folded sectors."""
    saying = _Saying(whose, filters, lang)
    there, elsewhere = by_region(counts)
    sectors = top_sectors(counts)
    named = [(written.get(key, key), key, saying.one(count)) for key, count in sectors]
    sizes = saying.parts({name: counts.sizes.get(at, 0) for at, name in enumerate((*SIZES, "unknown"))} | {
        "unknown": counts.sizes.get(None, 0)
    })  # fmt: skip
    words = {name: translate(f"web.candidates.size.{name}", lang) for name in sizes}
    return PoolView(
        total=saying.one(counts.total),
        map=tiles(
            [saying.region(each, there[each.name_fr]) for each in regions()],
            next((each.code for each in regions() if each.name_fr == filters.region), None),
        ),
        elsewhere=Line(translate("web.candidates.pool.elsewhere", lang), saying.said(saying.one(elsewhere)), None),
        sectors=[
            Line(word, saying.said(count), saying.href(sector=key), bar)
            for (word, key, count), bar in zip(named, lengths([count for _, _, count in named]), strict=True)
        ],
        sizes=[
            Line(words[name], saying.said(count), saying.href(size=name) if name in SIZES else None, bar)
            for (name, count), bar in zip(sizes.items(), lengths(list(sizes.values())), strict=True)
        ],
    )


@dataclass(frozen=True, slots=True)
class _Saying:
    """How counts are told, and where they lead."""

    whose: Whose
    filters: Filters
    lang: Lang

    def one(self, count: int) -> int | None:
        return told(count) if self.whose.small_hidden else count

    def parts(self, counts: Mapping[str, int]) -> Mapping[str, int | None]:
        return told_parts(counts) if self.whose.small_hidden else counts

    def said(self, count: int | None) -> str:
        if count is None:
            return translate("web.candidates.pool.hidden", self.lang)
        return format_number(count, self.lang)

    def href(self, **changes: str) -> str:
        kept = {"call": self.whose.call} if self.whose.call else {}
        return link(self.whose.path, **kept, **self.filters.link(**changes))

    def region(self, region: Region, count: int) -> RegionCount:
        name = region_in(region, self.lang)
        shown = self.one(count)
        short = f"<{LEAST_TOLD}" if shown is None else format_number(shown, self.lang)
        return RegionCount(region.code, name, shown, short, f"{name}: {short}", self.href(region=region.name_fr))
