"""Deadlines by month, and what would open more calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from app.members.roles import Role
from app.web.founder.months import Month, weeks
from tests.support.api import Api, Person
from tests.support.factories import startup, tender
from tests.support.pages import Browser, signed_in

TEXT = "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC."
ASKS = "Audit de sécurité. Le concurrent doit produire deux (2) attestations de référence similaires."
TITLE = "Audit de sécurité et tests d'intrusion <i>lot</i>"


@pytest.fixture(scope="module")
async def market(shared: Api) -> tuple[Person, str, str]:
    """A firm with two calls that fit it: one is saved, one dismissed."""
    buyer, firm = await shared.person("buyer"), await shared.person("startup", "Firme (fictive)")
    calls = []
    async with shared.worker():
        made = await firm.client.post("/v1/startups", json=startup(TEXT))
        path = f"/v1/startups/{made.json()['id']}"
        for day in ("2098-08-20", "2098-08-21"):
            asked = tender(f"{TITLE} {day}", description=ASKS, deadline=f"{day}T23:30:00+01:00", status="published")
            calls.append((await buyer.client.post("/v1/tenders", json=asked)).json()["id"])
    told = (await firm.client.get(f"{path}/evidence")).headers["ETag"]
    papers = {"documents": [{"kind": "tax_certificate", "expires": "2098-08-31"}], "complete": ["references"]}
    await firm.client.put(f"{path}/evidence", json=papers, headers={"If-Match": told})
    for call, kind in zip(calls, ("saved", "dismissed"), strict=True):
        decided = await firm.client.put(f"{path}/decisions/{call}", json={"kind": kind})
        assert decided.status_code == 200, decided.text
    await shared.ranker.index.catch_up()
    return firm, made.json()["id"], calls[0]


async def browse(shared: Api, firm: Person, lang: str = "fr") -> Browser:
    return await signed_in(shared, firm.id, Role.READER, lang=lang)


async def test_a_month_shows_calls_papers_holidays_and_the_way_on(shared: Api, market: tuple[Person, str, str]) -> None:
    firm, _, call = market
    browser = await browse(shared, firm, "ar")
    with capture_logs() as logs:
        page = await browser.get("/calendar?month=2098-08")
    assert (page.status, page.text("//table/caption")) == (200, "غشت 2098")
    assert [log["queries"] <= 12 for log in logs if log["event"] == "request.done"] == [True]
    days = {day.get("id"): " ".join(day.text_content().split()) for day in page.all("//section[@id]")}
    assert list(days) == ["d20", "d31"]
    assert TITLE in days["d20"]
    assert "ثورة الملك" in page.text("//table")
    assert f"/tenders/{call}" in page.links()
    assert {"/calendar?month=2098-07", "/calendar?month=2098-09", "/alerts"} <= set(page.links())
    assert not page.all("//main//i")
    empty = await browser.get("/calendar?month=2098-09")
    assert not empty.all("//section[@id]")
    assert "/matches" in empty.links()
    assert (await browser.get("/calendar")).status == 200
    for wrong in ("2098-13", "x", "2098-8", "٢٠٩٨-٠٨", "9999-12", "2098-08-01"):
        assert (await browser.get(f"/calendar?month={wrong}")).status == 404


async def test_openings_come_after_the_page_and_without_javascript_by_a_link(
    shared: Api, market: tuple[Person, str, str]
) -> None:
    firm, _, call = market
    browser = await browse(shared, firm, "en")
    page = await browser.get("/openings")
    assert page.all("//*[@hx-get]")[0].get("hx-get") == "/openings/list"
    assert "/openings/list" in page.links()
    with capture_logs() as logs:
        found = await browser.get("/openings/list")
    assert [log["queries"] <= 12 for log in logs if log["event"] == "request.done"] == [True]
    assert not found.all("//*[@hx-get]")
    assert "partner who" in found.text("//h2")
    assert f"/tenders/{call}" in found.links()
    for lang in ("ar", "fr"):
        assert (await (await browse(shared, firm, lang)).get("/openings/list")).status == 200


async def test_others_see_no_calendar_and_no_openings(shared: Api, market: tuple[Person, str, str]) -> None:
    _, startup_id, _ = market
    new, buyer = await shared.person("startup", "Nouvelle (fictive)"), await shared.person("buyer")
    stranger, officer = await browse(shared, new), await browse(shared, buyer)
    for path in ("/calendar", "/openings", "/openings/list"):
        assert (await stranger.get(path)).status == 200  # that there is no profile yet
        assert (await stranger.get(f"{path}?startup={startup_id}")).status == 404
        assert (await officer.get(path)).status == 404


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(-30, 30))
def test_months_hold_each_of_their_days_once_and_follow_each_other(year: int, number: int, by: int) -> None:
    month = Month(year, number)
    assert Month.read(str(month)) == month
    assert month.moved(by).moved(-by) == month
    days = [day.date for week in weeks(month, month.first, (), (), "fr") for day in week if day.inside]
    assert (days[0], len(days)) == (month.first, (month.moved(1).first - month.first).days)
    assert month.begins < month.moved(1).begins
