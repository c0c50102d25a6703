"""The system's Chromium, and windows of it as people have them."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

from tests.support.site import Site, Who

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
NARROW, WIDE = (360, 740), (1280, 900)


def chromium_path() -> str:
    """Where Chromium is. Skips the test where there is none, or fails it with SAFQA_REQUIRE_CHROMIUM=1."""
    given = os.environ.get("SAFQA_CHROMIUM")
    found = given or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is not None:
        return found
    said = "no Chromium: apt-get install chromium, or name one in SAFQA_CHROMIUM"
    if os.environ.get("SAFQA_REQUIRE_CHROMIUM") == "1":
        pytest.fail(said)
    pytest.skip(said)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """One Chromium for many windows."""
    path = chromium_path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Window:
    """A window on the site, and what went wrong in it. Nothing may: see :attr:`troubles`."""

    page: Page
    context: BrowserContext
    site: Site
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def open(self, path: str) -> int:
        """Go there; the status of the answer."""
        answer = await self.page.goto(self.site.url + path)
        assert answer is not None
        return answer.status

    async def open_whole(self, path: str) -> int:
        """Go there and wait for the parts that come late."""
        status = await self.open(path)
        await self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        return status

    @property
    def path(self) -> str:
        """Where it is, query included."""
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _said(self, message: ConsoleMessage) -> None:
        left_meanwhile = message.text.startswith(("htmx:afterRequest", "htmx:sendAbort", "htmx:sendError"))
        if message.type in {"error", "warning"} and not left_meanwhile:
            self.troubles.append(f"{self.path}: {message.text}")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((self.site.url + "/", "data:")):
            self.troubles.append(f"{self.path}: asked {request.url}")


@asynccontextmanager
async def window(
    browser: Browser,
    site: Site,
    who: Who = "anonymous",
    lang: str = "fr",
    size: tuple[int, int] = WIDE,
    *,
    scheme: Literal["light", "dark"] = "light",
    scripts: bool = True,
) -> AsyncIterator[Window]:
    """A window of somebody's, with a cold cache."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, java_script_enabled=scripts,
        reduced_motion="reduce",
    )  # fmt: skip
    await context.add_cookies(
        [{"name": name, "value": value, "url": site.url} for name, value in site.cookies(who, lang).items()]
    )
    page = await context.new_page()
    shown = Window(page, context, site)
    page.on("console", shown._said)
    page.on("pageerror", lambda error: shown.troubles.append(f"{shown.path}: {error}"))
    page.on("request", shown._asked)
    try:
        yield shown
    finally:
        await context.close()
