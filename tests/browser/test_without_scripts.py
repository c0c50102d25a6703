"""Without JavaScript everything is read, and forms work."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.support.chromium import NARROW, window
from tests.support.site import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.parametrize(("lang", "direction"), [("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")])
async def test_signing_in_reading_a_call_and_signing_out(
    site: Site, chromium: Browser, lang: str, direction: str
) -> None:
    async with window(chromium, site, "anonymous", lang, NARROW, scripts=False) as shown:
        page = shown.page
        assert await shown.open("/matches") == 200
        assert shown.path.startswith("/sign-in?")
        await page.locator("input[type=email]").fill("founder@people.example")
        await page.locator("input[type=password]").fill(PASSWORD)
        await page.locator("main form:has(input[type=password]) button").first.click()
        assert shown.path == "/matches"
        await expect(page.locator("html")).to_have_attribute("dir", direction)
        await page.locator("main a[href^='/tenders/']").first.click()
        await expect(page.locator("h1")).to_be_visible()
        await page.locator("form[action='/sign-out'] button").click()
        await shown.open("/matches")
        assert shown.path.startswith("/sign-in?")
        assert shown.troubles == []


async def test_a_search_is_a_form_whose_answer_has_an_address(site: Site, chromium: Browser) -> None:
    async with window(chromium, site, "founder", "fr", scripts=False) as shown:
        await shown.open("/tenders")
        await shown.page.locator("main input[name=q]").fill("irrigation")
        await shown.page.keyboard.press("Enter")
        await shown.page.wait_for_url("**/tenders?*q=irrigation*")
        found = await shown.page.locator("main a[href^='/tenders/']").count()
        assert found > 0
        await shown.page.reload()
        assert await shown.page.locator("main a[href^='/tenders/']").count() == found
