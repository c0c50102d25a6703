"""What is printed can be read without a hand on it; on a telephone the result of a form is never out of reach."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.support.chromium import NARROW, window
from tests.support.site import Site

_PRESSED = "nav, form, button, .button, .top, .foot, input"
_GROUND = """() => ["--ink", "--soft", "--card"]
  .map(one => getComputedStyle(document.documentElement).getPropertyValue(one))"""
pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def _call(site: Site) -> str:
    """A call that has candidates."""
    return next(path for path in site.doors["officer"] if "/compare?" in path).partition("/compare?")[0]


async def test_paper_has_nothing_to_press_and_nothing_folded(site: Site, chromium: Browser) -> None:
    async with window(chromium, site, "officer", "ar", scheme="dark") as shown:
        await shown.open_whole(f"{_call(site)}/candidates")
        dark = await shown.page.evaluate(_GROUND)
        await shown.page.emulate_media(media="print", color_scheme="dark")
        folded = shown.page.locator(".candidate details:not([open]):not(:has(form)) li")
        assert await folded.first.is_visible()
        assert await shown.page.locator(f"{_PRESSED} >> visible=true").count() == 0
        assert await shown.page.evaluate(_GROUND) != dark


async def test_how_the_pool_stands_stays_in_sight_and_leads_to_the_result(site: Site, chromium: Browser) -> None:
    async with window(chromium, site, "officer", "ar", NARROW) as shown:
        await shown.open_whole(f"{_call(site)}/edit")
        standing = shown.page.locator("#standing")
        await standing.locator(".badge").first.wait_for()
        await shown.page.locator("[name=conditions]").scroll_into_view_if_needed()
        assert await standing.locator("a").evaluate("one => one.getBoundingClientRect().top >= 0")
        await standing.locator("a").click()
        assert await shown.page.locator("#mirror-heading").evaluate(
            "one => one.getBoundingClientRect().bottom <= innerHeight"
        )
