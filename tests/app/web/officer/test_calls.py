"""A buyer's calls as pages: written, changed by two, published, amended, mirrored; and who may not."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import FAR, startup, tender
from tests.support.pages import Browser, Shown, signed_in

HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"
TEXT = "Audit de sécurité des systèmes d'information, tests d'intrusion et supervision SOC."
SUBJECT = "Audit de la sécurité du système d'information"
ASKED = "Chiffre d'affaires annuel minimum : 2 000 000 MAD.\nRéférences : au moins 2 attestations similaires."


@pytest.fixture(scope="module")
async def house(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("officer_pages") as database, running_api(database) as api:
        yield api


@pytest.fixture(scope="module")
async def buyer(house: Api) -> Person:
    return await house.person("buyer", "Commune de Salé")


@pytest.fixture(scope="module")
async def officer(house: Api, buyer: Person) -> Browser:
    return await signed_in(house, buyer.id, Role.MEMBER)


async def drafted(browser: Browser, **typed: str) -> str:
    """A new draft; its path."""
    form = await browser.get("/calls/new")
    sent = {"title": "Achat de capteurs", "deadline_day": "2099-12-31", "do": "save", **typed}
    shown = await browser.submit(form, "/calls/new", sent)
    assert shown.status == 200, shown.text()
    return shown.response.url.path


async def record(buyer: Person, path: str) -> dict[str, object]:
    found: dict[str, object] = (await buyer.client.get(f"/v1/tenders/{path.rpartition('/')[2]}")).json()
    return found


def numbers(shown: Shown) -> list[str]:
    """Who passes, who can't be told, who is shut out."""
    return [one.text_content() for one in shown.all("(//*[@id='mirror']//table)[1]//tbody//td")]


def fields(shown: Shown) -> list[str]:
    return [one.text_content() for one in shown.all("//fieldset[contains(@class, 'conflict')]/legend/bdi")]


async def test_a_form_says_the_whole_record_and_keeps_what_it_does_not_show(officer: Browser, buyer: Person) -> None:
    path = await drafted(
        officer, title=HOSTILE, description="Un\r\nbesoin", value_amount="250 000,50", deadline_time="12:00",
        category="goods", place="Salé", cpv="30200000 48000000", activities="Eau\r\nCapteurs", reserved_sme="true",
        bond_amount="5000", conditions=ASKED, procedure="Appel d'offres ouvert simplifié", lot_title="Lot un",
    )  # fmt: skip
    told = await record(buyer, path)
    assert told["title"] == HOSTILE
    assert told["value"] == {"amount": 250000.5, "currency": "MAD"}
    assert told["deadline"] == "2099-12-31T12:00:00+01:00"
    assert told["cpv"] == ["30200000", "48000000"]
    assert (told["description"], told["activities"]) == ("Un\nbesoin", ["Eau", "Capteurs"])
    assert (told["lots"], told["conditions"]) == ([{"id": "1", "title": "Lot un"}], ASKED)

    call = f"/v1/tenders/{path.rpartition('/')[2]}"
    etag = (await buyer.client.get(call)).headers["etag"]
    more = {
        "lots": [{"id": "1", "title": "Lot un", "cpv": ["30200000"]}],
        "value": {"amount": 250000.5, "currency": "MAD", "tax_included": True},
        "own": "x",
    }
    headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    assert (await buyer.client.patch(call, json=more, headers=headers)).status_code == 200
    await officer.submit(await officer.get(f"{path}/edit"), f"{path}/edit", {"title": "Autre", "do": "save"})
    after = await record(buyer, path)
    assert {name: after[name] for name in more} == more
    assert after["title"] == "Autre"


async def test_what_is_wrong_stands_at_its_field_and_everything_typed_stays(officer: Browser) -> None:
    form = await officer.get("/calls/new")
    typed = {"title": "", "description": HOSTILE, "value_amount": "1.000.000", "deadline_day": "31/12/2099",
             "cpv": "abc", "lot_title": ["", "b"], "lot_id": ["1", "2"], "lot_amount": ["", "x"],
             "lot_description": ["", ""], "lot_currency": ["MAD", "MAD"], "url": "javascript:alert(1)", "do": "save"}  # fmt: skip
    shown = await officer.submit(form, "/calls/new", typed)
    assert shown.status == 422
    ids = {link.get("href") for link in shown.all("//*[@id='errors']//a")}
    assert {"#f-title", "#f-value_amount", "#f-deadline_day", "#f-cpv", "#f-lot-0"} <= ids
    assert all(shown.all(f"//*[@id='{link[1:]}']") for link in ids)
    assert shown.all("//textarea[@name='description']")[0].text.strip() == HOSTILE
    assert shown.all("//input[@name='value_amount']")[0].get("value") == "1.000.000"


async def test_rows_of_lots_come_and_go_without_scripts(officer: Browser) -> None:
    form = await officer.get("/calls/new")
    once = await officer.submit(form, "/calls/new", {"title": "Avec lots", "do": "add-lot"})
    twice = await officer.submit(once, "/calls/new", {"lot_title": "Un", "do": "add-lot"})
    assert [one.get("value") for one in twice.all("//input[@name='lot_title']")] == ["Un", ""]
    less = await officer.submit(twice, "/calls/new", {"do": "drop-lot-0"})
    assert [one.get("value") for one in less.all("//input[@name='lot_id']")] == ["2"]
    assert less.all("//input[@name='title']")[0].get("value") == "Avec lots"


async def test_a_second_press_makes_no_second_call(officer: Browser) -> None:
    form = await officer.get("/calls/new")
    sent = {"title": "Une fois", "do": "save"}
    assert (await officer.submit(form, "/calls/new", sent)).status == 200
    again = await officer.submit(form, "/calls/new", sent)
    assert again.status == 422
    assert again.all("//input[@name='title']")[0].get("value") == "Une fois"


async def test_two_people_see_each_others_changes_and_lose_nothing(
    house: Api, officer: Browser, buyer: Person
) -> None:  # fmt: skip
    path = await drafted(officer, description="Ancien", value_amount="100")
    edit = f"{path}/edit"
    other = await signed_in(house, buyer.id, Role.MEMBER, name="Brahim")
    mine, theirs = await officer.get(edit), await other.get(edit)
    await other.submit(theirs, edit, {"title": "Leur titre", "description": "Leur texte", "do": "save"})
    clash = await officer.submit(mine, edit, {"description": "Mon texte\r\nlong", "value_amount": "200", "do": "save"})
    assert clash.status == 409
    assert set(fields(clash)) == {"Intitulé", "Description", "Montant estimé"}
    assert len(clash.all("//legend//*[contains(@class, 'unsure')]")) == 1
    assert "Mon texte long" in clash.text()
    assert "Leur texte" in clash.text()
    assert (await record(buyer, path))["description"] == "Leur texte"

    # A third version while they choose: asked again, with what was typed.
    await other.submit(await other.get(edit), edit, {"place": "Fès", "do": "save"})
    clash = await officer.submit(clash, edit, {"take.description": "mine", "do": "merge"})
    assert clash.status == 409
    done = await officer.submit(clash, edit, {"take.description": "mine", "do": "merge"})
    assert done.status == 200
    told = await record(buyer, path)
    assert (told["title"], told["description"], told["place"]) == ("Leur titre", "Mon texte\nlong", "Fès")
    assert told["value"] == {"amount": 200, "currency": "MAD"}


async def test_a_published_call_is_amended_after_a_look_and_walks_to_its_end(officer: Browser, buyer: Person) -> None:
    path = await drafted(
        officer, sector="public", procedure="Appel d'offres ouvert", deadline_day="2026-12-01", deadline_time="10:00"
    )
    ask = await officer.get(f"{path}/step/publish")
    assert "21" in ask.text("//section[@aria-labelledby='law']")
    await officer.submit(
        await officer.get(f"{path}/edit"), f"{path}/edit", {"deadline_day": "2099-12-01", "do": "save"}
    )
    stale = await officer.submit(ask, f"{path}/step/publish")
    assert stale.response.url.path == f"{path}/step/publish"
    assert (await record(buyer, path))["status"] == "draft"
    done = await officer.submit(stale, f"{path}/step/publish")
    assert (done.response.url.path, (await record(buyer, path))["status"]) == (path, "published")

    edit = f"{path}/edit"
    review = await officer.submit(await officer.get(edit), edit, {"title": "Corrigé", "do": "save"})
    assert [one.text_content() for one in review.all("//tbody/tr/th")] == ["Intitulé"]
    assert (await record(buyer, path))["title"] == "Achat de capteurs"
    back = await officer.submit(review, edit, {"do": "preview"})
    assert back.all("//input[@name='title']")[0].get("value") == "Corrigé"
    assert (await officer.submit(review, edit, {"do": "send"})).response.url.path == path
    versions = await officer.get(f"{path}/versions")
    assert "Corrigé" in versions.text("//ol[contains(@class, 'plain-list')]/li[1]")
    await officer.submit(await officer.get(f"{path}/step/close"), f"{path}/step/close")
    await officer.submit(await officer.get(f"{path}/step/cancel"), f"{path}/step/cancel")
    assert (await record(buyer, path))["status"] == "cancelled"
    assert (await officer.get(edit)).response.url.path == path, "what can't be amended any more leads back"
    assert (await officer.get(f"{path}/step/publish")).response.url.path == path, "a step that is taken leads back"

    gone = await drafted(officer)
    listed = await officer.submit(await officer.get(f"{gone}/step/delete"), f"{gone}/step/delete")
    assert listed.response.url.path == "/calls"
    assert (await officer.get(gone)).status == 404
    found = await officer.get("/calls?q=corrige&state=cancelled")
    assert len(found.all("//tbody/tr")) == 1
    assert (await officer.get("/calls?q=nirgendwo")).all("//*[@class='empty']")


async def test_the_mirror_counts_what_is_tried_and_what_is_typed(house: Api, officer: Browser) -> None:
    owner = await house.person("startup", "Groupe")
    for n in range(8):
        firm = startup(f"{TEXT} Équipe {n}.", turnover={"amount": 300_000, "currency": "MAD"})
        assert (await owner.client.post("/v1/startups", json=firm)).status_code == 201
    await house.ranker.index.catch_up()
    path = await drafted(officer, title=SUBJECT, conditions=ASKED, value_amount="9000")
    shown = await officer.get(f"{path}/mirror")
    assert shown.status == 200
    assert shown.all("//*[@id='mirror']//*[name()='svg']")
    trial = next(one for one in shown.root.forms if one.get("action") == f"{path}/mirror")
    assert trial.method == "GET"
    turnover = next(name for name in trial.fields if name.startswith("a."))
    assert numbers(shown) == ["0", "0", "8"]
    drops = "&".join(f"drop={box.get('value')}" for box in shown.all("//input[@name='drop']"))
    assert numbers(await officer.get(f"{path}/mirror?{drops}")) == ["8", "0", "0"]
    references = next(name for name in trial.fields if name.startswith("c."))
    less = await officer.get(f"{path}/mirror?{turnover}=1000&{references}=0")
    assert numbers(less) == ["8", "0", "0"]
    wrong = await officer.get(f"{path}/mirror?{turnover}=1.000&drop=nothing&a.x=1")
    assert (wrong.status, len(wrong.all("//*[@aria-invalid='true']"))) == (200, 1)

    before = (await officer.client.get(f"{path}/audit.jsonl")).text.splitlines()
    edited = await officer.submit(await officer.get(f"{path}/edit"), f"{path}/edit", {"conditions": "", "do": "mirror"})
    assert numbers(edited) == ["8", "0", "0"]
    (looked,) = (await officer.client.get(f"{path}/audit.jsonl")).text.splitlines()[len(before) :]
    assert (json.loads(looked)["action"], json.loads(looked)["details"]) == ("mirror_viewed", {"typed": ["conditions"]})

    form = await officer.get("/calls/new")
    typed = {"title": SUBJECT, "conditions": ASKED, "do": "mirror", "reference": "R-1"}
    plain = await officer.submit(form, "/calls/new", typed)
    assert plain.all("//*[@id='mirror']//table")
    token = form.all("//input[@name='csrf_token']")[0].get("value")
    live = await officer.post("/calls/new", {**typed, "csrf_token": token}, **{"HX-Request": "true"})
    assert live.status == 200
    assert "<html" not in live.response.text
    assert "<svg" in live.response.text


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_every_page_speaks_each_language_with_few_queries(
    house: Api, officer: Browser, buyer: Person, lang: str
) -> None:  # fmt: skip
    path = await drafted(
        officer, title=HOSTILE, description=HOSTILE, conditions=f"{ASKED} {HOSTILE}", lot_title=HOSTILE
    )
    browser = await signed_in(house, buyer.id, lang=lang)
    for page in (
        "/calls", "/calls?state=draft&q=x", "/calls/new", path, f"{path}/edit", f"{path}/preview", f"{path}/versions",
        f"{path}/mirror", f"{path}/step/publish", f"{path}/step/delete",
    ):  # fmt: skip
        with capture_logs() as logged:
            shown = await browser.get(page)
        assert shown.status == 200, page
        assert shown.root.get("lang") == lang
        assert next(line["queries"] for line in logged if line["event"] == "request.done") <= 12, page
        assert len(shown.all("//h1")) == 1
        assert "web." not in shown.text("//body").replace("www.", "")
        assert "<script>alert" not in shown.response.text
        assert "49" not in shown.text("//h1")


async def test_readers_change_nothing_and_others_see_no_draft(house: Api, officer: Browser, buyer: Person) -> None:
    path = await drafted(officer)
    reader = await signed_in(house, buyer.id, Role.READER)
    for page in (path, f"{path}/preview", f"{path}/versions", f"{path}/mirror", "/calls"):
        shown = await reader.get(page)
        assert shown.status == 200
        assert not [link for link in shown.links() if "/edit" in link or "/step/" in link or "/new" in link]
    stranger = await signed_in(house, (await house.person("buyer", "Autre")).id)
    founder = await signed_in(house, (await house.person("startup", "Jeune")).id)
    changes = (
        "/edit", "/step/publish", "/step/delete", "/documents", f"/files/{uuid.uuid4()}/delete",
    )  # fmt: skip
    for page in ("", "/edit", "/preview", "/versions", "/mirror", "/step/publish"):
        assert (await stranger.get(path + page)).status == 404
        assert (await founder.get(path + page)).status == 404
    for page in changes:
        assert (await reader.post(path + page, {"version": "1", "title": "x"})).status == 403
        assert (await stranger.post(path + page, {"version": "1", "title": "x"})).status in (404, 422)
        assert (await founder.post(path + page, {"version": "1"})).status == 404
    assert (await reader.post("/calls/new", {"title": "x"})).status == 403
    assert (await record(buyer, path))["version"] == 1
    assert (await officer.get(f"/calls/{uuid.uuid4()}")).status == 404
    assert (await officer.get("/calls/none")).status == 404


async def test_a_document_is_sent_and_taken_away(officer: Browser, buyer: Person) -> None:
    path = await drafted(officer)
    shown = await officer.get(path)
    files = {"file": ("cps.txt", b"Caution provisoire : 20 000 MAD.", "text/plain")}
    shown = await officer.submit(shown, f"{path}/documents", files=files)
    assert "cps.txt" in shown.text("//section[@aria-labelledby='documents']")
    form = next(one for one in shown.root.forms if (one.get("action") or "").endswith("/delete"))
    shown = await officer.submit(shown, form.get("action"))
    assert "cps.txt" not in shown.text("//section[@aria-labelledby='documents']")


async def test_hostile_numbers_and_versions_break_nothing(officer: Browser) -> None:
    path = await drafted(officer)
    assert tender()["deadline"] == FAR
    for version in ("0", "-1", "9" * 40, "١", "x", ""):
        assert (await officer.post(f"{path}/edit", {"version": version, "title": "x"})).status == 404
    for typed in ({"deadline_day": "9999-12-31"}, {"deadline_day": "0001-01-01", "deadline_time": "00:00"},
                  {"value_amount": "9" * 30}, {"value_amount": "١٢"}, {"value_currency": "ÄÖÜ", "value_amount": "1"},
                  {"title": "a\x00b"}, {"do": "drop-lot-99999999"}, {"do": "drop-lot-3"}, {"place": "x" * 9_000}):  # fmt: skip
        answer = await officer.post(f"{path}/edit", {"version": "1", "title": "x", "do": "save", **typed})
        assert answer.status in (200, 303, 422), typed
        if answer.status == 303:
            path = await drafted(officer)
