"""What a notice, a profile or an address bar says stays what it says: words. Nothing of it runs, leads away or frames.

The installation of these tests holds hostile notices and a hostile profile (tests/support/hostile.py), so the crawls
see them as well: a script that the policy stopped would be a trouble of its window.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import pytest
from lxml import html
from playwright.async_api import Browser

from tests.support.chromium import window
from tests.support.crawl import crawl
from tests.support.hostile import EVERYTHING
from tests.support.site import EVERYBODY, Site, Who

RUNS = (
    "//*[@*[starts-with(local-name(), 'on')]] | //script[not(@src)] | //style | //iframe | //object | //embed | //base"
)
LEADS = "//a/@href | //form/@action | //button/@formaction | //area/@href | //img/@src | //script/@src"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


def planted(text: str) -> Sequence[str]:
    """What would run on a page, or lead to where nothing of ours does."""
    root = html.fromstring(text)
    running = [html.tostring(one, encoding="unicode")[:160] for one in root.xpath(RUNS)]
    foreign = [
        str(url) for url in root.xpath(LEADS) if not str(url).strip().lower().startswith(("/", "#", "?", "https://", "http://", "mailto:"))
    ]  # fmt: skip
    return running + foreign


@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_that_was_stored_runs(site: Site, who: Who) -> None:
    pages = [page for page in crawl(site, who) if page.is_page]
    assert {page.path: found for page in pages if (found := planted(page.text))} == {}
    if who not in {"anonymous", "reader"}:
        assert any("pwned=1" in page.text for page in pages), "nothing hostile was looked at"


@pytest.mark.parametrize("who", EVERYBODY)
def test_nothing_that_is_asked_for_comes_back_as_more_than_words(site: Site, who: Who) -> None:
    wrong: dict[str, object] = {}
    with site.client(who) as client:
        for page in crawl(site, who):
            path, _, asked = page.path.partition("?")
            if not page.is_page or page.found_on.partition("?")[0] == path:
                continue
            names = {pair.partition("=")[0] for pair in asked.split("&") if pair} | {
                "q",
                "cursor",
                "next",
                "sort",
                "error",
            }
            answer = client.get(path + "?" + "&".join(f"{name}={quote(EVERYTHING)}" for name in sorted(names)))
            if answer.status_code >= 500:
                wrong[page.path] = answer.status_code
            elif answer.headers.get("content-type", "").startswith("text/html") and (found := planted(answer.text)):
                wrong[page.path] = found
    assert wrong == {}


@pytest.mark.parametrize("who", ["founder", "officer", "incubator", "operator"])
async def test_the_browser_runs_nothing_and_the_policy_had_nothing_to_stop(
    site: Site, chromium: Browser, who: Who
) -> None:
    looked = [page.path for page in crawl(site, who) if page.is_page and "pwned=1" in page.text]
    async with window(chromium, site, who) as shown:
        for path in looked:
            await shown.open(path)
            assert await shown.page.evaluate("() => typeof window.pwned") == "undefined", path
        assert shown.troubles == []


async def test_no_other_site_frames_a_page(site: Site, chromium: Browser) -> None:
    async with window(chromium, site, "founder") as shown:
        await shown.page.set_content(f'<iframe src="{site.url}/"></iframe>')
        frame = shown.page.frames[-1]
        assert "sign-out" not in await frame.content()
        assert any("frame" in trouble.lower() for trouble in shown.troubles)


def test_each_page_says_that_it_may_be_in_no_frame(site: Site) -> None:
    with site.client("founder") as client:
        for page in crawl(site, "founder"):
            if page.is_page and "?" not in page.path:
                policy = client.get(page.path, follow_redirects=True).headers["content-security-policy"]
                assert "frame-ancestors 'none'" in policy, page.path
                assert "unsafe" not in policy, page.path
