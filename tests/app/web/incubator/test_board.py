"""The board of a cohort, its gaps and what would open most."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
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
    paths = ["/cohort", "/cohort?sort=matches", "/cohort/gaps", "/cohort/openings", "/cohort/openings/found",
             "/cohort/report", one, f"{one}/gaps", f"{one}/report"]  # fmt: skip
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
    for path in ("/cohort", "/cohort/gaps", "/cohort/openings", "/cohort/report", "/cohort/openings/found"):
        assert (await buyer.get(path)).status == 404
        assert (await stranger(cohort.api).client.get(path, headers={"Accept": "text/html"})).status_code == 303


async def test_gaps_name_papers_clauses_and_untold_facts(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, lang="en")
    shown = await browser.get("/cohort/gaps")
    found = shown.text("//div[@id='gaps']")
    assert "compared: 15" in found
    assert "5 startups have not told all their papers" in found
    assert "Social security certificate" in found
    assert "turnover by year" in found


async def test_asking_again_and_again_queues_one_ranking(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id)
    for _ in range(3):
        assert (await browser.post("/cohort/matches", {})).status == 303
    queued = "SELECT count(*) FROM pgqueuer.pgqueuer WHERE entrypoint = 'match_startups'"
    assert await cohort.api.runtime.hot.fetchval(queued) == 1
