"""The views of one call."""

from __future__ import annotations

import pytest

from tests.app.web.tender.conftest import Market
from tests.support.pages import signed_in

VIEWS = ("", "/eligibility", "/plan", "/routes", "/partners", "/consortia")


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_every_view_of_a_call_speaks_the_readers_language(market: Market, lang: str) -> None:
    browser = await signed_in(market.api, market.firm.id, lang=lang)
    for view in VIEWS:
        shown = await browser.get(f"/tenders/{market.call}{view}")
        assert shown.status == 200, shown.text()
        assert (shown.root.get("lang"), shown.root.get("dir")) == (lang, "rtl" if lang == "ar" else "ltr")
        assert "web." not in shown.text("//body")
        assert len(shown.all("//h1")) == 1
