"""What the operator sees and does."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.app.web.operator.conftest import HOSTILE, NAME, Site
from tests.support.pages import signed_in, stranger

MOST_STATEMENTS = 12


def pages_of(site: Site) -> list[str]:
    here = f"/operate/sources/{NAME}"
    return [
        "/operate/sources", here, *(f"{here}/runs/{run}" for run in site.runs), "/operate/organisations",
        "/operate/organisations?kind=operator&q=op", f"/operate/organisations/{site.operator.id}", "/operate/health",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_every_page_speaks_each_language_in_few_statements(site: Site, lang: str) -> None:
    browser = await signed_in(site.api, site.operator.id, Role.READER, lang=lang)
    for path in pages_of(site):
        with capture_logs() as logs:
            shown = await browser.get(path)
        assert (path, shown.status) == (path, 200)
        assert (path, shown.root.get("lang"), shown.text().count("web.")) == (path, lang, 0)
        (done,) = [line for line in logs if line["event"] == "request.done"]
        assert (path, done["queries"] <= MOST_STATEMENTS) == (path, True)
        assert HOSTILE not in shown.response.text


async def test_nobody_else_sees_any_of_it(site: Site) -> None:
    for kind in ("startup", "buyer", "incubator"):
        other = await signed_in(site.api, (await site.api.person(kind)).id)
        for path in [*pages_of(site), "/operate/organisations/new", f"/operate/sources/{NAME}/progress"]:
            assert (path, (await other.get(path)).status) == (path, 404)
        for path in ("/operate/sources/halt", f"/operate/sources/{NAME}/crawl", "/operate/organisations/new"):
            assert (path, (await other.post(path, {})).status) == (path, 404)
    answer = await stranger(site.api).client.get("/operate/health", headers={"Accept": "text/html"})
    assert answer.headers["location"].startswith("/sign-in")


async def test_a_source_tells_its_runs_refusals_and_drift_as_text(site: Site) -> None:
    browser = await signed_in(site.api, site.operator.id, lang="en")
    shown = await browser.get(f"/operate/sources/{NAME}")
    assert "1 field drifts" in shown.text()
    assert len(shown.all("//section[@aria-labelledby='runs-title']//tbody/tr")) == 3
    assert "120 of 300" in shown.text("//div[@id='progress']")
    run = await browser.get(f"/operate/sources/{NAME}/runs/{site.runs[1]}?limit=1")
    assert HOSTILE in run.text("//pre")
    assert "98" in run.text("//table")
    following = run.all("//nav[@class='pager']//a[@rel='next']")[0].get("href")
    assert "n-1" in (await browser.get(following)).text()
    assert (await browser.get(f"/operate/sources/other/runs/{site.runs[1]}")).status == 404
    assert (await browser.get("/operate/sources/nothing")).status == 404


async def test_sources_are_halted_resumed_restarted_and_asked_by_members_only(site: Site) -> None:
    here = f"/operate/sources/{NAME}"
    reader = await signed_in(site.api, site.operator.id, Role.READER)
    assert not (await reader.get(here)).all("//main//form[@method='post']")
    for what in ("halt", "resume", "restart", "crawl"):
        assert (await reader.post(f"{here}/{what}", {})).status == 403
    member = await signed_in(site.api, site.operator.id, Role.MEMBER, lang="en")
    halted = await member.submit(await member.get(here), f"{here}/halt", {"reason": f"why {HOSTILE}"})
    assert "Halted since" in halted.text()
    assert HOSTILE in halted.text()
    resumed = await member.submit(halted, f"{here}/resume")
    assert "Halted since" not in resumed.text()
    restarted = await member.submit(resumed, f"{here}/restart")
    assert "Drifting" not in restarted.text("//main/p[1]")
    await member.submit(restarted, f"{here}/crawl")
    await member.submit(restarted, f"{here}/crawl")
    queued = "SELECT count(*) FROM pgqueuer.pgqueuer WHERE dedupe_key = $1"
    assert await site.api.runtime.hot.fetchval(queued, f"crawl_source:{NAME}") == 1
    assert (await member.post("/operate/sources/nothing/halt", {})).status == 404


async def test_a_crawl_that_was_asked_for_is_followed_before_a_worker_has_it(site: Site) -> None:
    here = "/operate/sources/uk_contracts_finder"
    browser = await signed_in(site.api, site.operator.id, lang="en")
    before = await browser.get(here)
    assert not before.all("//div[@sse-connect]")
    told = await browser.client.get(f"{here}/progress")  # nothing is under way: it ends by itself
    assert told.text.endswith("event: end\ndata: \n\n")
    asked = await browser.submit(before, f"{here}/crawl")
    assert asked.all("//div[@id='progress']")[0].get("sse-connect") == f"{here}/progress"
    assert "Waiting for a worker" in asked.text("//div[@id='progress']")


async def test_a_new_organisation_comes_with_the_link_of_its_first_administrator(site: Site) -> None:
    new = "/operate/organisations/new"
    member = await signed_in(site.api, site.operator.id, Role.MEMBER)
    assert (await member.get(new)).status == 403
    admin = await signed_in(site.api, site.operator.id, Role.ADMIN, lang="en")
    form = await admin.get(new)
    wrong = await admin.submit(form, new, {"kind": "buyer", "name": "Commune", "country": "Maroc", "mail": "nobody"})
    assert wrong.status == 422
    assert {a.get("href") for a in wrong.all("//div[@id='errors']//a")} == {"#f-country", "#f-mail"}
    name = f"Commune {HOSTILE}"
    made = await admin.submit(form, new, {"kind": "buyer", "name": name, "mail": "first@commune.example"})
    assert (made.status, made.text("//h1")) == (200, name)
    link = made.text("//code[@class='token']")
    found = await stranger(site.api).get(link.removeprefix("http://safqa.test"))
    assert found.status == 200
    assert "first@commune.example" in found.response.text
    listed = await admin.get("/operate/organisations?q=commune")
    assert len(listed.all("//tbody/tr")) == 1
    again = await admin.submit(made, made.response.url.path + "/invite", {"mail": "first@commune.example"})
    assert again.status == 200
