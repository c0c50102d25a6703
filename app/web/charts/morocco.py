"""The twelve regions of Morocco as hexagons: who borders whom roughly, and no claim about any line on a map.

Regions are told by their official codes (see ``app.tenders.regions``). A map is never mirrored: west stays west in
Arabic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_PLACES: Final[Mapping[str, tuple[int, int]]] = {
    "01": (6, 0),
    "04": (5, 1), "03": (7, 1), "02": (9, 1),
    "06": (4, 2), "05": (6, 2),
    "07": (5, 3), "08": (7, 3),
    "09": (4, 4),
    "10": (3, 5),
    "11": (2, 6),
    "12": (1, 7),
}  # fmt: skip
"""Column (in half hexagons) and row of each region."""

_HALF: Final = 46
_SIDE: Final = 53
_ROW: Final = 80
_EDGE: Final = 4
SHADES: Final = 5
WIDTH: Final = 10 * _HALF + 2 * _EDGE
HEIGHT: Final = 7 * _ROW + 2 * _SIDE + 2 * _EDGE


@dataclass(frozen=True, slots=True)
class RegionCount:
    """A region and its number. ``count``: ``None`` where it is not told; ``said``: the number as it is shown;
    ``told``: the whole in words, for whoever does not see the map.
    """

    code: str
    name: str
    count: int | None
    said: str
    told: str
    href: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A hexagon. ``shade``: 0 (nothing, or not told) to ``SHADES`` - 1; ``points`` as SVG has them."""

    region: RegionCount
    points: str
    x: int
    y: int
    shade: int
    chosen: bool

    @property
    def short(self) -> str:
        """The first part of a name that is made of several."""
        return self.region.name.split("-")[0].strip()


def tiles(regions: Sequence[RegionCount], chosen: str | None = None) -> list[Tile]:
    """The hexagons of regions, in the order given, which is the order of the keyboard. ``chosen``: a code."""
    most = max((region.count or 0 for region in regions), default=0)
    return [_tile(region, most, chosen=region.code == chosen) for region in regions]


def _tile(region: RegionCount, most: int, *, chosen: bool) -> Tile:
    column, row = _PLACES[region.code]
    x, y = _EDGE + column * _HALF, _EDGE + _SIDE + row * _ROW
    low = _SIDE // 2
    rim = ((0, -_SIDE), (_HALF, -low), (_HALF, low), (0, _SIDE), (-_HALF, low), (-_HALF, -low))
    points = " ".join(f"{x + across},{y + down}" for across, down in rim)
    shade = 0 if not region.count else 1 + min(SHADES - 2, (SHADES - 1) * (region.count - 1) // most)
    return Tile(region, points, x, y, shade, chosen)
