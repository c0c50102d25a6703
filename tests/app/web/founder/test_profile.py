"""A profile on pages: shown, edited, edited by two, its history, listing, export, erasing."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.support.api import Api, Person
from tests.support.factories import startup
from tests.support.pages import Browser, signed_in

SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
WHOLE = {
    "name": f"Firme {SCRIPT}", "description": f"Applications mobiles {SCRIPT}\nالأمن السيبراني", "sectors": [SCRIPT], "cpv": ["72000000"],
    "regions": ["Souss-Massa", SCRIPT], "city": SCRIPT, "languages": ["fr", "ber"], "founded": 2021, "employees": 12,
    "turnover": {"amount": "1234567890123456.5", "currency": "MAD"}, "labels": [{"name": SCRIPT, "since": "2024"}],
    "certifications": ["ISO 9001"], "website": "javascript:alert(1)", "own_field": {"kept": [1, 2]},
    "references": [{"title": SCRIPT, "buyer": "Commune", "value": {"amount": 100000, "currency": "MAD"}, "extra": 1}],
}  # fmt: skip
PAGES = ("/profile", "/profile/edit", "/profile/understood", "/profile/history", "/profile/history/1", "/profile/erase",
         "/profile/new", "/profile/new/check", "/profile/new/first", "/evidence", "/evidence/facts")  # fmt: skip


async def founder(shared: Api, lang: str = "fr", **fields: object) -> tuple[Person, Browser, str]:
    firm = await shared.person("startup", "Firme (fictive)")
    made = await firm.client.post("/v1/startups", json=startup(**fields))
    assert made.status_code == 201, made.text
    return firm, await signed_in(shared, firm.id, Role.MEMBER, lang=lang), f"/v1/startups/{made.json()['id']}"


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_every_page_stands_in_each_language_with_few_statements_and_no_script(shared: Api, lang: str) -> None:
    _, browser, _ = await founder(shared, lang, **WHOLE)
    for path in PAGES:
        with capture_logs() as logs:
            page = await browser.get(path)
        assert (path, page.status) == (path, 200)
        assert page.root.get("lang") == lang
        assert len(page.all("//h1")) == 1, path
        assert not page.all("//main//script | //main//img | //*[@onerror]"), path
        assert not [link for link in page.links() if link.startswith("javascript")]
        assert "web." not in page.text("//body").replace("web.founder@", ""), path
        done = [log for log in logs if log["event"] == "request.done"]
        assert done[-1]["queries"] <= 12, (path, done[-1])


async def test_a_form_sent_back_as_it_came_changes_nothing_and_keeps_what_it_does_not_show(shared: Api) -> None:
    firm, browser, path = await founder(shared, **WHOLE)
    before = (await firm.client.get(path)).json()
    after = await browser.submit(await browser.get("/profile/edit"), "/profile/edit")
    assert after.response.url.path == "/profile"
    assert (await firm.client.get(path)).json() == before
    sent = {
        "employees": "14",
        "technologies": "LoRaWAN\n\n IoT \nLoRaWAN",
        "label-1-name": "Technopark",
        "reference-0-amount": "250 000,5",
    }
    await browser.submit(await browser.get("/profile/edit"), "/profile/edit", sent)
    told = (await firm.client.get(path)).json()
    assert (told["version"], told["employees"], told["technologies"]) == (2, 14, ["LoRaWAN", "IoT"])
    assert [(one["name"], one.get("since")) for one in told["labels"]] == [(SCRIPT, "2024"), ("Technopark", None)]
    assert told["references"][0]["value"] == {"amount": 250000.5, "currency": "MAD"}
    assert (told["references"][0]["extra"], told["own_field"], told["turnover"]) == (
        1,
        before["own_field"],
        before["turnover"],
    )
    page = await browser.get("/profile/history/2")
    assert "12" in page.text("//table")
    assert "14" in page.text("//table")


async def test_what_is_wrong_is_told_at_its_field(shared: Api) -> None:
    _, browser, _ = await founder(shared)
    sent = {
        "name": " ",
        "employees": "a dozen",
        "cpv": "72000000\n12",
        "turnover": "x",
        "reference-0-date": "31/12/2025",
        "reference-0-title": "T",
    }
    page = await browser.submit(await browser.get("/profile/edit"), "/profile/edit", sent)
    assert page.status == 422
    for field in ("name", "employees", "cpv", "turnover", "reference-0-date"):
        assert page.all(f"//*[@id='e-{field}']"), field
    assert page.all("//input[@name='employees']")[0].get("value") == "a dozen"
    assert page.all("//textarea[@name='cpv']")[0].text.strip() == "72000000\n12"
    huge = await browser.post("/profile/edit", {"name": "x", "description": "é" * 3_000_000, "version": "1"})
    assert huge.status in {413, 422}


async def test_two_people_at_one_profile_see_both_changes_and_lose_none(shared: Api) -> None:
    firm, first, path = await founder(shared, city="Agadir", employees=3)
    second = await signed_in(shared, firm.id, Role.ADMIN)
    mine, theirs = await first.get("/profile/edit"), await second.get("/profile/edit")
    await second.submit(theirs, "/profile/edit", {"city": "Rabat", "employees": "5"})
    clash = await first.submit(mine, "/profile/edit", {"city": "Fès", "description": "Nouveau texte"})
    assert clash.status == 409
    assert "Rabat" in clash.text("//table")
    value = {one.get("name"): one.get("value") for one in clash.all("//main//input")}
    assert (value["city"], value["employees"], value["version"]) == ("Fès", "5", "2")
    assert (await firm.client.get(path)).json()["city"] == "Rabat"
    await first.submit(clash, "/profile/edit")
    told = (await firm.client.get(path)).json()
    assert (told["city"], told["employees"], told["description"]) == ("Fès", 5, "Nouveau texte")


async def test_listing_export_and_erasing_need_a_word_each(shared: Api) -> None:
    firm, browser, path = await founder(shared, name="Oasis Numérique")
    page = await browser.submit(await browser.get("/profile"), "/profile/listing")
    assert "Caché" in page.text("//aside")
    assert (await firm.client.get(path)).json()["listed"] is False
    export = await browser.client.get("/profile/export")
    assert export.json()["startup"]["name"] == "Oasis Numérique"
    assert "attachment" in export.headers["content-disposition"]
    page = await browser.get("/profile/erase")
    assert (await browser.submit(page, "/profile/erase", {"name": "Oasis"})).status == 422
    after = await browser.submit(page, "/profile/erase", {"name": " oasis numérique "})
    assert "/profile/new" in after.links()
    assert (await firm.client.get(path)).status_code == 404


async def test_several_startups_are_chosen_among_and_a_stranger_s_is_none(shared: Api) -> None:
    firm, browser, path = await founder(shared, name="Alpha")
    await firm.client.post("/v1/startups", json=startup(name="Beta"))
    _, stranger, theirs = await founder(shared)
    alpha = path.rpartition("/")[2]
    page = await browser.get(f"/profile?startup={alpha}")
    assert (page.text("//h1"), page.all("//select[@name='startup']/option[@selected]")[0].text) == ("Alpha", "Alpha")
    assert f"/profile/edit?startup={alpha}" in page.links()
    for wrong in (theirs.rpartition("/")[2], "x", "../x", "00000000-0000-0000-0000-000000000000"):
        for name in ("/profile", "/evidence", "/profile/history", "/profile/export"):
            assert (await browser.get(f"{name}?startup={wrong}")).status == 404
        assert (await browser.post(f"/profile/erase?startup={wrong}", {"name": "Alpha"})).status == 404
    assert (await stranger.get(f"/profile?startup={alpha}")).status == 404


async def test_readers_see_the_profile_and_change_nothing(shared: Api) -> None:
    firm, _, _ = await founder(shared)
    reader = await signed_in(shared, firm.id, Role.READER)
    page = await reader.get("/profile")
    assert page.status == 200
    assert not {"/profile/edit", "/profile/erase"} & set(page.links())
    for path in ("/profile/edit", "/profile/erase"):
        assert (await reader.get(path)).status == 403
    for path in ("/profile/edit", "/profile/listing", "/profile/erase", "/profile/new/check"):
        assert (await reader.post(path, {"listed": "true"})).status == 403
