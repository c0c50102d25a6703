"""The map's shapes: every region once, nothing overlaps, and the shade follows the count."""

from __future__ import annotations

from app.tenders.regions import regions
from app.web.charts.morocco import HEIGHT, SHADES, WIDTH, RegionCount, tiles


def region(code: str, count: int | None) -> RegionCount:
    return RegionCount(code, f"R-{code}", count, str(count), f"R: {count}", "/pool")


def test_every_region_has_a_hexagon_of_its_own_inside_the_chart() -> None:
    made = tiles([region(each.code, 1) for each in regions()], "09")
    assert len({(tile.x, tile.y) for tile in made}) == 12
    for tile in made:
        for point in tile.points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
        neighbours = [other for other in made if abs(other.x - tile.x) + abs(other.y - tile.y) < 130]
        assert len(neighbours) > 1  # none is an island
    assert [tile.region.code for tile in made if tile.chosen] == ["09"]


def test_a_shade_follows_the_count_and_what_is_not_told_has_none() -> None:
    counted = [0, None, 1, 10, 1_000]
    shades = [tile.shade for tile in tiles([region(f"{n + 1:02}", count) for n, count in enumerate(counted)])]
    assert shades[:2] == [0, 0]
    assert shades[2:] == sorted(shades[2:])
    assert (shades[2], shades[-1]) == (1, SHADES - 1)
    assert tiles([region("01", None)])[0].shade == 0
    assert tiles([region("01", 1)])[0].short == "R"
