"""One startup's sheet, and the invitation to its founder."""

from __future__ import annotations

from app.members.roles import Role
from tests.app.web.incubator.conftest import HOSTILE, Cohort
from tests.support.pages import signed_in


async def test_a_sheet_shows_matches_deadlines_papers_and_no_strangers_link(cohort: Cohort) -> None:
    browser = await signed_in(cohort.api, cohort.incubator.id, lang="en")
    shown = await browser.get(f"/cohort/startups/{cohort.ids['f0']}")
    assert len(shown.all("//section[@aria-labelledby='matches-title']//tbody/tr")) >= 3
    assert "Tax certificate" in shown.text("//section[@aria-labelledby='papers-title']")
    assert HOSTILE in shown.text("//section[@aria-labelledby='matches-title']")  # as text
    assert not [href for href in shown.links() if href.startswith("javascript")]


async def test_a_founder_takes_over_by_a_code_that_is_shown_once(cohort: Cohort) -> None:
    sheet = f"/cohort/startups/{cohort.ids['t1']}"
    reader = await signed_in(cohort.api, cohort.incubator.id, Role.READER)
    assert (await reader.post(f"{sheet}/claim", {})).status == 403
    assert not (await reader.get(sheet)).all("//form[contains(@action,'/claim')]")
    member = await signed_in(cohort.api, cohort.incubator.id, Role.MEMBER)
    shown = await member.submit(await member.get(sheet), f"{sheet}/claim")
    token = shown.text("//code[@class='token']")
    assert token.startswith("sfqc_")
    member.client.cookies.delete("safqa_once")
    assert not (await member.get(sheet)).all("//code[@class='token']")
    firm = await cohort.api.person("startup", "Ma jeune pousse")
    founder = await signed_in(cohort.api, firm.id, lang="fr")
    wrong = await founder.submit(await founder.get("/claim"), "/claim", {"token": "sfqc_nothing"})
    assert wrong.status == 404
    assert wrong.all("//div[@id='errors']")
    answer = await founder.post("/claim", {"token": f" {token} "})
    assert (answer.status, answer.response.headers["location"]) == (303, "/profile")
    after = await member.get(sheet)
    assert not after.all("//form[contains(@action,'/claim')]")
    assert (await member.post(f"{sheet}/claim", {})).status == 409
    assert (await member.get("/claim")).status == 404
