"""The first three minutes of a founder."""

from __future__ import annotations

import pytest

from app.kit.i18n import translate
from app.members.roles import Role
from tests.support.api import Api
from tests.support.decks import pdf
from tests.support.factories import tender
from tests.support.pages import signed_in, stranger

ABOUT = (
    "Nous développons des applications mobiles et des plateformes web pour les communes de Souss-Massa.\n"
    "Nos équipes d'Agadir assurent aussi la cybersécurité et les tests d'intrusion."
)


async def test_a_few_lines_become_a_profile_that_is_corrected_and_shown_only_by_consent(shared: Api) -> None:
    firm = await shared.person("startup", "Atlas Numérique (fictif)")
    browser = await signed_in(shared, firm.id, Role.MEMBER)
    page = await browser.get("/profile/new")
    check = await browser.submit(page, "/profile/new", {"about": ABOUT, "city": "Agadir"})
    assert check.response.url.path == "/profile/new/check"
    assert check.status == 200
    form = next(one for one in check.root.forms if "/profile/new/check" in one.get("action"))
    assert form.fields["name"] == "Atlas Numérique (fictif)"
    assert form.fields["city"] == "Agadir"
    ticked = [one.get("value") for one in form.inputs["region"] if one.get("checked") is not None]
    assert ticked == ["Souss-Massa"]
    assert "applications mobiles" in form.fields["technologies"].lower()
    hidden = (await firm.client.get("/v1/startups")).json()["items"][0]
    assert hidden["listed"] is False
    action = form.get("action")
    after = await browser.submit(
        check, action, {"sectors": "Édition de logiciels", "region": ["Souss-Massa", "Oriental"], "places": "Dakar"}
    )
    assert after.response.url.path == "/profile/new/first"
    told = (await firm.client.get(f"/v1/startups/{hidden['id']}")).json()
    assert told["regions"] == ["Souss-Massa", "Oriental", "Dakar"]
    assert told["sectors"] == ["Édition de logiciels"]
    assert told["listed"] is False
    check = await browser.get("/profile/new/check")
    await browser.submit(check, "/profile/new/check", {"listed": "true"})
    assert (await firm.client.get(f"/v1/startups/{hidden['id']}")).json()["listed"] is True


async def test_the_first_matches_come_by_themselves_and_the_page_ends_to_look(shared: Api) -> None:
    firm, buyer = await shared.person("startup", "Oasis Mobile (fictif)"), await shared.person("buyer")
    browser = await signed_in(shared, firm.id, lang="ar")
    page = await browser.get("/profile/new")
    await browser.submit(page, "/profile/new", {"about": ABOUT})
    waiting = await browser.get("/profile/new/first")
    again = waiting.all("//*[@hx-get]")[0].get("hx-get")
    assert again == "/profile/new/first?look=1"
    assert "/profile/new/first" in waiting.links()  # without JavaScript
    assert not (await browser.get("/profile/new/first?look=30")).all("//*[@hx-get]")
    title = "تطوير تطبيق <b>mobile</b> Développement d'une application mobile"
    async with shared.worker():
        call = await buyer.client.post("/v1/tenders", json=tender(title) | {"status": "published"})
        assert call.status_code == 201
    found = await browser.get("/profile/new/first")
    assert found.text("//h2/a") == title
    assert not found.all("//h2//b")
    assert translate("reason.base", "ar") not in found.text("//main")


@pytest.mark.parametrize(
    "sent", [{"about": "  "}, {"about": "x" * 20_001}, {"about": "x", "website": "javascript:alert(1)"}]
)
async def test_what_cannot_be_taken_is_shown_again_as_it_was_typed(shared: Api, sent: dict[str, str]) -> None:
    firm = await shared.person("startup")
    browser = await signed_in(shared, firm.id)
    refused = await browser.submit(await browser.get("/profile/new"), "/profile/new", sent)
    assert refused.status == 422
    assert refused.all("//*[@role='alert']")
    assert refused.all("//textarea[@name='about']")[0].text.strip() == sent["about"].strip()
    assert (await firm.client.get("/v1/startups")).json()["items"] == []


async def test_a_deck_is_read_and_a_broken_one_is_refused_with_the_reason(shared: Api) -> None:
    firm = await shared.person("startup", "Deck (fictif)")
    browser = await signed_in(shared, firm.id)
    page = await browser.get("/profile/new")
    for content in (b"%PDF-1.7 broken", b"MZ\x90 not a document", b"\xd0\xcf\x11\xe0 old"):
        refused = await browser.submit(page, "/profile/new", files={"deck": ("../<b>deck.pdf", content)})
        assert refused.status == 422
        assert refused.all("//p[@id='e-deck']")
    deck = pdf(ABOUT.replace("\n", " "))
    check = await browser.submit(page, "/profile/new", files={"deck": ("présentation.pdf", deck)})
    assert "proposal=" in str(check.response.url)
    assert "présentation.pdf" in check.text()
    assert "applications mobiles" in check.all("//textarea[@name='description']")[0].text


async def test_the_same_form_sent_twice_makes_one_profile(shared: Api) -> None:
    firm = await shared.person("startup")
    browser = await signed_in(shared, firm.id)
    page = await browser.get("/profile/new")
    for _ in range(2):
        assert (await browser.submit(page, "/profile/new", {"about": ABOUT})).status == 200
    assert len((await firm.client.get("/v1/startups")).json()["items"]) == 1
    assert "/profile/new/check" in (await browser.get("/profile/new")).links()


async def test_what_is_understood_is_told_while_typing_and_nothing_is_kept(shared: Api) -> None:
    firm = await shared.person("startup")
    browser = await signed_in(shared, firm.id, lang="en")
    await browser.submit(await browser.get("/profile/new"), "/profile/new", {"about": ABOUT})
    part = await browser.post("/profile/new/understood", {"description": "Water treatment plants and pumping stations"})
    assert part.status == 200
    assert not part.all("//main")
    assert "ater" in part.text("//ul")
    kept = (await firm.client.get("/v1/startups")).json()["items"][0]
    assert kept["version"] == 1


async def test_others_and_readers_begin_no_profile(shared: Api) -> None:
    firm, buyer = await shared.person("startup"), await shared.person("buyer")
    reader = await signed_in(shared, firm.id, Role.READER)
    assert (await reader.get("/profile/new")).status == 403
    assert (await reader.post("/profile/new", {"about": ABOUT})).status == 403
    assert "/profile/new" not in (await reader.get("/profile")).links()
    assert (await (await signed_in(shared, buyer.id)).get("/profile/new")).status == 404
    asked = await stranger(shared).client.get("/profile/new", headers={"Accept": "text/html"})
    assert asked.headers["location"].startswith("/sign-in?next=")
