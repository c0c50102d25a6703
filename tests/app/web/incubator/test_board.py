"""The board of a cohort, its gaps and what would open most."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import InstrumentedAttribute
from structlog.testing import capture_logs

from app.db.base import JsonObject
from app.db.session import unit_of_work
from app.members.roles import Role
from app.models.startup import Startup
from app.models.startup_evidence import StartupEvidence
from tests.app.web.incubator.conftest import HOSTILE, Cohort
from tests.support.pages import Browser, Shown, signed_in, stranger

MOST_STATEMENTS = 12


async def counted(browser: Browser, path: str) -> tuple[Shown, int]:
    with capture_logs() as logs:
        shown = await browser.get(path)
    (done,) = [line for line in logs if line["event"] == "request.done"]
    return shown, done["queries"]


def names(shown: Shown) -> list[str]:
    return [a.text_content() for a in shown.all("//table//th[@scope='row']/a")]


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_every_page_speaks_each_language_in_few_statements(cohort: Cohort, lang: str) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, Role.READER, lang=lang)
    one = f"/cohort/startups/{cohort.ids['f0']}"
    paths = ["/cohort", "/cohort?sort=matches", "/cohort/gaps", "/cohort/openings", "/cohort/report", one, f"{one}/gaps", f"{one}/report"]  # fmt: skip
    for path in paths:
        shown, statements = await counted(browser, path)
        assert (path, shown.status) == (path, 200)
        assert shown.root.get("lang") == lang
        assert (path, shown.text().count("web.")) == (path, 0)  # no key that nobody said
        assert len(shown.all("//h1")) == 1
        assert (path, statements <= MOST_STATEMENTS) == (path, True), statements
        assert HOSTILE not in shown.response.text


async def test_the_board_tells_how_each_startup_stands(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, lang="en")
    shown = await browser.get("/cohort?sort=matches&limit=3")
    assert "8" in shown.text("//dl[contains(@class,'totals')]/div[1]/dd")
    assert shown.text("//dl[contains(@class,'totals')]/div[2]/dd") == "5"
    assert shown.text("//dl[contains(@class,'totals')]/div[4]/dd") == "3"
    assert shown.text("//dl[contains(@class,'totals')]/div[5]/dd") == "1"
    assert len(names(shown)) == 3
    seen = names(shown)
    while following := shown.all("//nav[@class='pager']/a[@rel='next']"):
        shown = await browser.get(following[0].get("href") + "&limit=3")
        seen += names(shown)
    assert len(seen) == len(set(seen)) == 8
    assert all(HOSTILE in name for name in seen[5:])  # those without a match come last


async def test_filters_stay_in_the_address(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id)
    assert len(names(await browser.get("/cohort?profile=thin"))) == 3
    assert len(names(await browser.get("/cohort?region=souss-massa&claimed=no&sort=changed"))) == 5
    claimed = names(await browser.get("/cohort?claimed=yes"))
    assert all(HOSTILE in name for name in claimed)  # at most the one that another test takes over
    assert len(names(await browser.get("/cohort?q=supervision&sort=nonsense"))) == 5
    assert (await browser.get("/cohort?cursor=forged")).status == 422


async def test_a_cohort_is_its_incubators_alone(cohort: Cohort) -> None:
    other = await signed_in(cohort.api, cohort.other.id)
    assert names(await other.get("/cohort")) == []
    for path in ("", "/gaps", "/report"):
        assert (await other.get(f"/cohort/startups/{cohort.ids['f0']}{path}")).status == 404
    assert (await other.post(f"/cohort/startups/{cohort.ids['f0']}/claim", {})).status == 404
    buyer = await signed_in(cohort.api, cohort.buyer.id)
    for path in ("/cohort", "/cohort/gaps", "/cohort/openings", "/cohort/report"):
        assert (await buyer.get(path)).status == 404
        assert (await stranger(cohort.api).client.get(path, headers={"Accept": "text/html"})).status_code == 303


async def followed(browser: Browser, path: str) -> Shown:
    """A page that is worked out beside requests, once it says that it is."""
    async with asyncio.timeout(20):
        while (shown := await browser.get(path)).all(f"//div[@hx-get='{path}']"):
            assert "compared" in shown.text("//p[@role='status']")
            await asyncio.sleep(0.05)
    return shown


async def test_gaps_name_papers_clauses_and_untold_facts(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, lang="en")
    found = (await followed(browser, "/cohort/gaps")).text("//div[@id='gaps']")
    assert "compared: 15" in found
    assert "5 startups have not given all their papers" in found
    assert "Social security certificate" in found
    assert "turnover by year" in found


async def test_what_a_startup_tells_meanwhile_is_in_the_next_look(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, lang="en")
    await followed(browser, "/cohort/gaps")
    told = {"documents": [], "complete": ["documents"]}
    path = f"/v1/startups/{cohort.ids['f4']}/evidence"
    answer = await cohort.incubator.client.put(path, json=told, headers={"If-Match": "*"})
    assert answer.status_code < 300, answer.text
    shown, statements = await counted(browser, "/cohort/gaps")
    lacking = shown.all("//tr[th[contains(., 'Social security certificate')]]/td[1]")
    assert [each.text_content() for each in lacking] == ["2"]
    assert statements <= MOST_STATEMENTS


async def test_openings_are_worked_out_beside_requests_and_told_in_few_statements(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, lang="en")
    await followed(browser, "/cohort/openings")
    shown, statements = await counted(browser, "/cohort/openings")
    assert "Startups: 8" in shown.text("//div[@id='found']")
    assert statements <= MOST_STATEMENTS
    other = await signed_in(cohort.api, cohort.other.id, lang="en")
    assert "No single change" in (await other.get("/cohort/openings")).text("//div[@id='found']")


async def stored(
    cohort: Cohort, what: InstrumentedAttribute[JsonObject], of: ColumnElement[bool], value: JsonObject
) -> JsonObject:
    """Put a value in place of one that stands in the database, as its next version; the former one."""
    table = what.class_
    async with unit_of_work(cohort.api.runtime.sessions) as session:
        before = await session.scalar(select(what).where(of))
        await session.execute(update(table).values({what: value, table.version: table.version + 1}).where(of))
    assert before is not None
    return before


async def test_a_startup_that_can_no_longer_be_read_is_left_out_and_said_to_be(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, lang="en")
    profile = await stored(cohort, Startup.record, Startup.id == cohort.ids["f1"], {"employees": "many"})
    evidence = await stored(
        cohort, StartupEvidence.document, StartupEvidence.startup_id == cohort.ids["f0"], {"documents": "all"}
    )
    try:
        openings = (await followed(browser, "/cohort/openings")).text("//div[@id='found']")
        gaps = (await followed(browser, "/cohort/gaps")).text("//div[@id='gaps']")
        said = "2 startups are left out: their stored profiles can no longer be read."
        assert said in openings
        assert "Startups: 6" in openings
        assert said in gaps
        assert "startups: 3" in gaps
    finally:
        await stored(cohort, Startup.record, Startup.id == cohort.ids["f1"], profile)
        await stored(cohort, StartupEvidence.document, StartupEvidence.startup_id == cohort.ids["f0"], evidence)
    assert "left out" not in (await followed(browser, "/cohort/openings")).text("//div[@id='found']")


async def test_asking_again_and_again_queues_one_ranking(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id)
    queued = "SELECT count(*) FROM pgqueuer.pgqueuer WHERE entrypoint = 'match_startups'"
    before = await cohort.api.runtime.hot.fetchval(queued)  # a founder who took over is ranked anew too
    for _ in range(3):
        assert (await browser.post("/cohort/matches", {})).status == 303
    assert await cohort.api.runtime.hot.fetchval(queued) == before + 1
