"""What each role comes for, from the first page to its end, in each language: by a mouse, a keyboard and a back button.

Forms lead on to pages that may be reloaded: back and reload send nothing twice.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from playwright.async_api import Browser, expect

from tests.support.chromium import NARROW, WIDE, Window, window
from tests.support.site import PASSWORD, Site, Who

LANGS = ("ar", "fr", "en")
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def sign_in(shown: Window, who: Who) -> None:
    """By the form, as people do."""
    await shown.open("/")
    await shown.page.locator("header a[href='/sign-in']").click()
    form = shown.page.locator("main form:has(input[type=password])")
    await form.locator("input[type=email]").fill(f"{who}@people.example")
    await form.locator("input[type=password]").fill(PASSWORD)
    await form.locator("button").first.click()
    await expect(shown.page.locator("form[action='/sign-out']")).to_be_visible()


async def back_and_again(shown: Window) -> None:
    """Reload, go back, go on again: none of it asks whether to send something a second time."""
    here = shown.path
    answer = await shown.page.reload()
    assert answer is not None
    assert (answer.status, answer.request.method) == (200, "GET")
    await shown.page.go_back()
    await shown.page.go_forward()
    assert shown.path == here


@pytest.mark.parametrize("lang", LANGS)
async def test_a_founder_finds_keeps_and_lets_go_of_a_call(site: Site, chromium: Browser, lang: str) -> None:
    async with window(chromium, site, "anonymous", lang, NARROW) as shown:
        page = shown.page
        await sign_in(shown, "founder")
        await expect(page.locator("html")).to_have_attribute("lang", lang)
        await page.locator("main article a[href^='/tenders/']").first.click()
        await expect(page.locator("h1")).to_be_visible()
        call = shown.path
        await page.locator("button[name=kind][value=saved]").click()
        undo = page.locator("form[action$='/undecide'] button")
        await expect(undo).to_be_visible()
        await back_and_again(shown)
        await expect(undo).to_be_visible()
        await undo.click()
        await expect(page.locator("button[name=kind][value=saved]")).to_be_visible()
        for view in ("eligibility", "plan", "routes", "partners"):
            await page.locator(f"nav.tabs a[href^='{call.partition('?')[0]}/{view}']").click()
            await expect(page.locator("main h2").first).to_be_visible()
        await shown.open("/tenders?q=irrigation")
        assert await page.locator("main article a[href^='/tenders/']").count() > 0
        await page.locator("form[action='/sign-out'] button").click()
        await expect(page.locator("a[href='/sign-in']").first).to_be_visible()
        assert shown.troubles == []


@pytest.mark.parametrize("lang", LANGS)
async def test_an_officer_drafts_publishes_and_shortlists(site: Site, chromium: Browser, lang: str) -> None:
    async with window(chromium, site, "anonymous", lang, WIDE) as shown:
        page = shown.page
        await sign_in(shown, "officer")
        await page.locator("main a[href='/calls/new']").first.click()
        await page.locator("#f-title").fill("Capteurs d’humidité du sol pour les jardins de la commune")
        await page.locator("#f-description").fill("Fourniture et pose de sondes d’humidité, LoRaWAN, télégestion.")
        await page.locator("#f-category").select_option("goods")
        await page.locator("#f-deadline_day").fill(str(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=40)))
        await page.locator("#f-deadline_time").fill("10:00")
        await page.locator("#f-place").fill("Souss-Massa")
        await page.locator("#f-value_amount").fill("180000")
        await page.locator("#call .actions button[value=save]").click()
        await page.wait_for_url(re.compile(r"/calls/[0-9a-f-]{36}$"))
        call = shown.path
        await back_and_again(shown)
        await shown.open(f"{call}/step/publish")
        await page.locator("main form.actions button").click()
        await page.wait_for_url(f"**{call}*")
        await back_and_again(shown)
        await shown.open(f"{call}/candidates")
        await expect(page.locator("article.candidate").first).to_be_visible(timeout=20_000)
        keep = page.locator("article.candidate").first.locator("form:has(input[value=shortlisted]) button").first
        async with page.expect_response(lambda answer: answer.request.method == "POST"):
            await keep.click()
        await shown.open(f"{call}/shortlist")
        await expect(
            page.locator("main a[href*='/startups/'], main article, main table tbody tr").first
        ).to_be_visible()
        assert shown.troubles == []


async def test_two_officers_change_one_call_and_nothing_is_lost(site: Site, chromium: Browser) -> None:
    async with window(chromium, site, "officer", "fr") as one, window(chromium, site, "officer", "fr") as other:
        await one.open("/calls/new")
        await one.page.locator("#f-title").fill(f"Appel à deux mains {uuid.uuid4().hex[:6]}")
        await one.page.locator("#f-description").fill("Première description.")
        await one.page.locator("#call .actions button[value=save]").click()
        await one.page.wait_for_url(re.compile(r"/calls/[0-9a-f-]{36}$"))
        call = one.path
        for shown in (one, other):
            await shown.open(f"{call}/edit")
        await one.page.locator("#f-description").fill("Description de la première personne.")
        await one.page.locator("#call .actions button[value=save]").click()
        await one.page.wait_for_url(f"**{call}*")
        await other.page.locator("#f-title").fill("Titre de la seconde personne")
        await other.page.locator("#f-description").fill("Description de la seconde personne.")
        await other.page.locator("#call .actions button[value=save]").click()
        shown_words = await other.page.locator("main").inner_text()
        assert "Description de la première personne." in shown_words
        values = await other.page.locator("main :is(input, textarea)").evaluate_all("all => all.map(one => one.value)")
        assert any("Description de la seconde personne." in value for value in [*values, shown_words])
        await one.open(call)
        assert "Description de la première personne." in await one.page.locator("main").inner_text()


@pytest.mark.parametrize("lang", LANGS)
async def test_an_incubator_brings_a_cohort_in(site: Site, chromium: Browser, lang: str) -> None:
    name = f"Pousse {uuid.uuid4().hex[:6]}"
    table = f"id,name,description,country\nc-{lang},{name},Applications mobiles pour les communes,MA\n,,sans nom,MA\n"
    async with window(chromium, site, "anonymous", lang, WIDE) as shown:
        page = shown.page
        await sign_in(shown, "incubator")
        await page.locator("nav.menu a[href='/cohort/import']").click()
        file = {"name": "cohorte.csv", "mimeType": "text/csv", "buffer": table.encode()}
        await page.locator("main input[type=file]").set_input_files(files=[file])  # type: ignore[list-item]
        await page.locator("main form[enctype] button").click()
        begin = page.locator("main form[action$='/begin'] button")
        await expect(begin).to_be_visible()
        await expect(page.locator("main")).to_contain_text(name)
        await back_and_again(shown)
        await begin.click()
        await page.wait_for_url("**/imports/**")
        for _ in range(40):
            await shown.open(f"/cohort?q={name.split()[1]}")
            if name in await page.locator("main").inner_text():
                break
            await page.wait_for_timeout(250)
        await expect(page.locator("main")).to_contain_text(name)
        assert shown.troubles == []


@pytest.mark.parametrize("lang", LANGS)
async def test_an_operator_looks_after_sources_and_organisations(site: Site, chromium: Browser, lang: str) -> None:
    async with window(chromium, site, "anonymous", lang, WIDE) as shown:
        page = shown.page
        await sign_in(shown, "operator")
        await page.locator("main a[href^='/operate/sources/']").first.click()
        await expect(page.locator("h1")).to_be_visible()
        await page.locator("nav.menu a[href='/operate/sources']").click()
        for switch in ("halt", "resume"):
            await page.locator(f"main form[action='/operate/sources/{switch}'] button").click()
            await expect(page.locator("#notice .good")).to_be_visible()
            await back_and_again(shown)
        await page.locator("nav.menu a[href='/operate/organisations']").click()
        await page.locator("main a[href='/operate/organisations/new']").click()
        await page.locator("main input[name=name]").fill(f"Commune fictive {lang}")
        await page.locator("#f-kind").select_option("buyer")
        await page.locator("#f-mail").fill(f"achats.{lang}@commune.example")
        await page.locator("main form[action='/operate/organisations/new'] button").click()
        await expect(page.locator("main")).to_contain_text(f"Commune fictive {lang}")
        await back_and_again(shown)
        assert shown.troubles == []
