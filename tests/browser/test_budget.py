"""What a first visit costs on a weak connection: bytes and requests, of everything that comes."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.support.chromium import NARROW, window
from tests.support.site import Site, Who

MOST_BYTES = 100_000
MOST_REQUESTS = 8
pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
@pytest.mark.parametrize(("who", "path"), [("anonymous", "/sign-in"), ("founder", "/")])
async def test_a_first_page_with_a_cold_cache(site: Site, chromium: Browser, who: Who, path: str, lang: str) -> None:
    async with window(chromium, site, who, lang, NARROW) as shown:
        devtools = await shown.context.new_cdp_session(shown.page)
        await devtools.send("Network.enable")
        sent: list[float] = []
        devtools.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
        assert await shown.open(path) == 200
        await shown.page.wait_for_load_state("networkidle")
        assert shown.troubles == []
        assert sum(sent) <= MOST_BYTES
        assert len(shown.requests) <= MOST_REQUESTS
        assert len(sent) >= 3, "the page, its stylesheet and its script"
