"""The keyboard reaches everything, in order, and one sees where one is."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.support.chromium import window
from tests.support.crawl import own_kinds
from tests.support.site import Site, Who

_MISSED = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
  .filter(one => one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && !("reached" in one.dataset)
    && !(one.type === "radio" && one.form?.querySelector(`[name="${one.name}"][data-reached]`)))
  .map(one => one.outerHTML.slice(0, 120))"""
_HERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  one.dataset.reached = "yes";
  const shape = one.closest("svg") && one.querySelector("polygon, path, rect, circle");
  const drawn = shape ? parseFloat(getComputedStyle(shape).strokeWidth) : 0;
  const outlined = style.outlineStyle !== "none" ? parseFloat(style.outlineWidth) : 0;
  return {name: one.outerHTML.slice(0, 120), outlined: Math.max(drawn, outlined) >= 2,
          seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight};
}"""
MOST_STOPS = 150
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize("who", ["founder", "officer", "incubator", "operator"])
async def test_tabs_reach_everything_and_are_seen(site: Site, chromium: Browser, who: Who) -> None:
    wrong: list[str] = []
    async with window(chromium, site, who, "ar") as shown:
        for visited in own_kinds(site, who).values():
            await shown.open_whole(visited.path)  # a part that comes late takes the focus with it
            for stop in range(MOST_STOPS):
                await shown.page.keyboard.press("Tab")
                here = await shown.page.evaluate(_HERE)
                if here is None:
                    break
                if stop == 0 and 'class="skip"' not in here["name"]:
                    wrong.append(f"{visited.path}: begins with {here['name']}")
                if not (here["outlined"] and here["seen"]):
                    wrong.append(f"{visited.path}: not seen: {here['name']}")
            else:
                continue  # longer than anybody tabs: what is held is its beginning
            wrong += [f"{visited.path}: not reached: {one}" for one in await shown.page.evaluate(_MISSED)]
    assert not wrong, "\n".join(wrong)


async def test_the_skip_link_leads_past_the_menu(site: Site, chromium: Browser) -> None:
    async with window(chromium, site, "founder", "fr") as shown:
        await shown.open("/")
        await shown.page.keyboard.press("Tab")
        await shown.page.keyboard.press("Enter")
        assert await shown.page.evaluate("() => document.activeElement.id") == "main"
        await shown.page.keyboard.press("Tab")
        assert await shown.page.evaluate("() => !!document.activeElement.closest('main')")
