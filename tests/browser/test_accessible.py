"""Every kind of page is accessible, quiet and still: in three languages, light and dark, narrow and wide.

What it looked like is kept in build/screenshots.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from playwright.async_api import Browser, FloatRect, Page

from tests.support.chromium import NARROW, WIDE, window
from tests.support.crawl import by_kind, crawl, kind_of, own_kinds
from tests.support.site import EVERYBODY, Site, Who

ROOT = Path(__file__).resolve().parents[2]
LANGS = ("ar", "fr", "en")
SCREENSHOTS = ROOT / "build" / "screenshots"
LONGEST_PICTURE = 2_400
MOST_SHIFT = 0.02
"""What comes in late stands below; a footer may make room for it."""
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
Scheme: TypeAlias = Literal["light", "dark"]
Look: TypeAlias = tuple[tuple[int, int], Scheme]
ALL: tuple[Look, ...] = ((NARROW, "light"), (WIDE, "dark"), (NARROW, "dark"), (WIDE, "light"))
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
_SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 60);
})"""
_TOO_WIDE = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return [];
  return [...document.querySelectorAll("body *")].filter(one => {
    const box = one.getBoundingClientRect();
    return (box.right > page.clientWidth + 1 || box.left < -1) && !one.closest(".scroll, .unseen, .skip");
  }).slice(0, 3).map(one => one.outerHTML.slice(0, 120));
}"""
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


async def faults_of(page: Page) -> list[str]:
    """What axe finds, one line for each element."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("rules => axe.run(document, rules)", RULES)
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} {node['html'][:160]} {_why(node)}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def _why(node: dict[str, list[dict[str, str]]]) -> str:
    return "; ".join(check["message"] for part in ("any", "all") for check in node[part])[:200]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("who", EVERYBODY)
async def test_every_kind_of_page(site: Site, chromium: Browser, who: Who, lang: str) -> None:
    """Each once: language, width and scheme change from page to page. `make soak` looks at each in every way."""
    turn = LANGS.index(lang)
    kinds = enumerate(own_kinds(site, who).values())
    looks = {page.path: (ALL[at % 4],) for at, page in kinds if at % len(LANGS) == turn}
    await _look(site, chromium, who, lang, looks)


@pytest.mark.soak
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("who", EVERYBODY)
async def test_every_kind_of_page_in_every_way(site: Site, chromium: Browser, who: Who, lang: str) -> None:
    await _look(site, chromium, who, lang, {page.path: ALL for page in by_kind(crawl(site, who)).values()})


async def _look(site: Site, chromium: Browser, who: Who, lang: str, looks: Mapping[str, Sequence[Look]]) -> None:
    wrong: list[str] = []
    async with window(chromium, site, who, lang) as shown:
        for path, ways in looks.items():
            for size, scheme in ways:
                await shown.page.emulate_media(color_scheme=scheme)
                await shown.page.set_viewport_size({"width": size[0], "height": size[1]})
                await shown.open_whole(path)
                wrong += [f"{path} ({size[0]} {scheme}): {fault}" for fault in await _faults(shown.page)]
                await _picture(shown.page, size, f"{who}-{lang}-{size[0]}-{scheme}-{_name(path)}")
        wrong += shown.troubles
    assert not wrong, "\n".join(wrong)


async def _faults(page: Page) -> list[str]:
    shift = await page.evaluate(_SHIFTS)
    return [
        *await faults_of(page),
        *[f"wider than the window: {one}" for one in await page.evaluate(_TOO_WIDE)],
        *([f"moved by {shift:.3f} while it was loaded"] if shift > MOST_SHIFT else []),
    ]


def _name(path: str) -> str:
    return re.sub(r"[^a-z-]+", "_", kind_of(path).partition("?")[0].strip("/").replace("*", "x")) or "start"


async def _picture(page: Page, size: tuple[int, int], name: str) -> None:
    length = min(await page.evaluate("() => document.documentElement.scrollHeight"), LONGEST_PICTURE)
    clip: FloatRect = {"x": 0, "y": 0, "width": size[0], "height": length}
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, clip=clip, animations="disabled")
