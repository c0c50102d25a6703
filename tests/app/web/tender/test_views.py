"""The views of one call: in three languages, for each role, with a notice that means harm."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.app.web.tender.conftest import EVIL, TRADE, Market
from tests.support.factories import startup
from tests.support.pages import Browser, Shown, signed_in

VIEWS = ("", "/eligibility", "/plan", "/routes", "/ways", "/partners", "/consortia")
MOST_QUERIES = 12


async def _measured(browser: Browser, path: str) -> tuple[Shown, int]:
    with capture_logs() as logs:
        shown = await browser.get(path)
    return shown, next(line["queries"] for line in logs if line["event"] == "request.done")


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_every_view_speaks_the_readers_language_in_a_dozen_queries(market: Market, lang: str) -> None:
    browser = await signed_in(market.api, market.firm.id, lang=lang)
    for view in VIEWS:
        shown, queries = await _measured(browser, f"/tenders/{market.call}{view}")
        assert shown.status == 200, shown.text()
        assert (shown.root.get("lang"), shown.root.get("dir")) == (lang, "rtl" if lang == "ar" else "ltr")
        assert "web." not in shown.text("//body")
        assert len(shown.all("//h1")) == 1
        assert (view, queries) <= (view, MOST_QUERIES)
        levels = [
            int(heading.tag[1]) for heading in shown.all("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")
        ]
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels


async def test_a_founder_sees_why_a_call_fits_in_its_own_words(market: Market) -> None:
    browser = await signed_in(market.api, market.firm.id)
    shown = await browser.get(f"/tenders/{market.call}")
    assert {"Audit de la sécurité du système d'information", "tests d'intrusion"} & {
        mark.text for mark in shown.all("//h1//mark")
    }
    assert shown.all("//*[@id='description']/following-sibling::*//mark")
    fit = shown.text("//section[@aria-labelledby='fit']")
    assert "Atlas Sécurité" in fit
    assert "cybersécurité" in fit
    facts = shown.text("//section[@aria-labelledby='facts']")
    assert "500 000 MAD" in facts.replace("\u202f", " ").replace("\xa0", " ")
    lots = shown.text("//section[@aria-labelledby='lots']")
    assert "montant non précisé" in lots
    assert "Quantité" in lots


async def test_what_changed_is_told_in_words(market: Market) -> None:
    browser = await signed_in(market.api, market.firm.id)
    history = (await browser.get(f"/tenders/{market.call}")).text("//section[@id='history']")
    history = history.replace("\u202f", " ").replace("\xa0", " ")
    assert "Montant estimé : de « 450 000 MAD » à « 500 000 MAD »" in history
    assert re.search(r"Date limite : de « \d+ \w+ \d{4} \d\d:\d\d » à « \d+ \w+ \d{4} \d\d:\d\d »", history)
    assert "1 lot ajouté Formation" in history


async def test_what_a_call_asks_is_shown_with_its_passage_and_who_corrected_it(market: Market) -> None:
    browser = await signed_in(market.api, market.buyer.id)
    shown = await browser.get(f"/tenders/{market.call}/eligibility")
    asked = shown.text("//section[@aria-labelledby='asked']").replace("\u202f", " ").replace("\xa0", " ")
    assert "Caution provisoire 30 000 MAD Corrigé par l’acheteur" in asked
    assert "Trois attestations de références" in asked
    founder = await signed_in(market.api, market.firm.id)
    told = (await founder.get(f"/tenders/{market.call}/eligibility")).text("//section[@aria-labelledby='may-bid']")
    assert "conseil juridique" in told
    assert "décret n° 2-22-431" in told


async def test_a_paper_that_runs_out_is_to_be_watched_and_blocks_nothing(market: Market) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).date().isoformat()
    url = f"/v1/startups/{market.startup}/evidence"
    held = await market.firm.client.get(url)
    paper = {"documents": [{"kind": "tax_certificate", "expires": soon}]}
    made = await market.firm.client.patch(url, json=paper, headers={"If-Match": held.headers["etag"]})
    assert made.status_code == 200, made.text
    founder = await signed_in(market.api, market.firm.id)
    shown = await founder.get(f"/tenders/{market.call}/eligibility")
    (card,) = [one for one in shown.all("//section[@aria-labelledby='may-bid']//li") if "expire" in one.text_content()]
    assert "Attention" in card.text_content()
    assert "Bloquant" not in card.text_content()
    emptied = {"documents": []}
    await market.firm.client.patch(url, json=emptied, headers={"If-Match": made.headers["etag"]})


@pytest.mark.parametrize("who", ["firm", "buyer"])
async def test_script_in_any_field_of_a_notice_is_text_and_makes_no_link(market: Market, who: str) -> None:
    browser = await signed_in(market.api, getattr(market, who).id)
    for view in VIEWS if who == "firm" else VIEWS[:2]:
        shown = await browser.get(f"/tenders/{market.hostile}{view}")
        assert shown.status == 200
        assert EVIL in shown.text("//h1")
        assert not shown.all(
            "//script[not(@src)] | //img | //*[@onerror or @onmouseover or @srcdoc] | //iframe | //base"
        )
        sent = [shown.response.text, *(value for each in shown.root.iter() for value in each.attrib.values())]
        assert not re.search(r"<script>alert|<img src=x", sent[0])
        assert all(
            re.match(r"/(?!/)|#|https://(?:achats\.example/(?:cps\.pdf|avis/1)$|www\.)", link) for link in shown.links()
        )
        assert not any(re.match(r"\s*(?:javascript|data|vbscript):", value) for value in sent[1:])


async def test_a_strangers_draft_and_another_firms_startup_are_not_there(market: Market) -> None:
    founder = await signed_in(market.api, market.firm.id)
    for view in VIEWS:
        assert (await founder.get(f"/tenders/{market.draft}{view}")).status == 404
    owner = await signed_in(market.api, market.buyer.id)
    assert "Brouillon" in (await owner.get(f"/tenders/{market.draft}")).text()
    rival = await market.api.person("startup")
    made = await rival.client.post("/v1/startups", json=startup(TRADE))
    for view in VIEWS:
        assert (await founder.get(f"/tenders/{market.call}{view}?startup={made.json()['id']}")).status == 404
        assert (await founder.get(f"/tenders/{uuid.uuid4()}{view}")).status == 404
    assert (await founder.get("/tenders/1")).status == 404


@pytest.mark.parametrize("kind", ["buyer", "incubator", "operator"])
async def test_other_roles_read_the_notice_and_nothing_of_a_founders(market: Market, kind: str) -> None:
    other = await market.api.person(kind)
    browser = await signed_in(market.api, other.id, Role.READER)
    shown, queries = await _measured(browser, f"/tenders/{market.call}")
    assert (shown.status, queries <= MOST_QUERIES) == (200, True)
    assert not shown.all("//*[@id='fit'] | //*[@id='decide']")
    assert (await browser.get(f"/tenders/{market.call}/eligibility")).status == 200
    for view in VIEWS[2:]:
        assert (await browser.get(f"/tenders/{market.call}{view}")).status == 404


async def test_how_a_call_ended_and_where_else_it_stands(market: Market) -> None:
    browser = await signed_in(market.api, market.buyer.id)
    shown = await browser.get(f"/tenders/{market.hostile}")
    awards = shown.text("//section[@aria-labelledby='awards']").replace("\u202f", " ").replace("\xa0", " ")
    assert "90 000 MAD" in awards
    assert f"/tenders/{market.call}" in shown.links()
    assert "peut-être le même" in shown.text("//section[@aria-labelledby='source']")


async def test_one_of_several_startups_is_chosen_and_kept_in_every_link(market: Market) -> None:
    group = await market.api.person("startup", "Groupe")
    made = [(await group.client.post("/v1/startups", json=startup(TRADE, name=name))).json() for name in ("Un", "Deux")]
    browser = await signed_in(market.api, group.id)
    chosen = made[0]["id"]
    shown = await browser.get(f"/tenders/{market.call}?startup={chosen}")
    assert "Pour Un" in shown.text("//section[@aria-labelledby='fit']")
    tabs = shown.all("//nav[@class='tabs']//a/@href")
    assert len(tabs) == 5
    assert all(tab.endswith(f"?startup={chosen}") for tab in tabs)
    after = await browser.submit(shown, f"/tenders/{market.call}/decision", {"kind": "saved"})
    assert str(after.response.url).endswith(f"?startup={chosen}")
    other = await browser.get(f"/tenders/{market.call}?startup={made[1]['id']}")
    assert "Rien de décidé encore." in other.text("//*[@id='decide']")


async def test_a_partner_organisation_looks_for_a_startup_it_brought_in(market: Market) -> None:
    incubator = await market.api.person("incubator", "Pépinière")
    made = (await incubator.client.post("/v1/startups", json=startup(TRADE, name="Couvée"))).json()
    browser = await signed_in(market.api, incubator.id)
    for view in VIEWS:
        assert (await browser.get(f"/tenders/{market.call}{view}?startup={made['id']}")).status == 200
    assert (await browser.get(f"/tenders/{market.call}?startup={market.startup}")).status == 404
