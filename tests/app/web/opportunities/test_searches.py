"""Searches that an organisation keeps."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import structlog
from sqlalchemy import text

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.kit.ids import first_uuid, new_uuid
from app.members.roles import Role
from app.searches.service import MOST_SEARCHES
from tests.app.matches.test_live import CALL, SECURITY, entered
from tests.support.api import Api
from tests.support.factories import startup, tender
from tests.support.pages import signed_in


async def test_a_search_is_kept_opened_renamed_and_forgotten_by_its_organisation_alone(api: Api) -> None:
    firm, buyer = await api.person("startup", "Hissn"), await api.person("buyer")
    await entered(firm, "/v1/startups", startup(SECURITY, name="Hissn & <b>fils</b>"))
    await entered(buyer, "/v1/tenders", {**tender(CALL), "status": "published"})
    amina = await signed_in(api, firm.id, Role.MEMBER)
    assert (await amina.get("/searches")).all("//div[@class='empty']//a[@href='/tenders']")

    found = await amina.get("/tenders?q=audit&region=Oriental&category=services&order=newest")
    kept = await amina.submit(found, "/searches", {"name": "Audits <i>de</i> l'Est"})
    assert (kept.status, kept.response.url.path) == (200, "/searches")
    assert "Audits <i>de</i> l'Est" in kept.text("//article")
    assert "Rien de nouveau" in kept.text("//article")
    matches = await amina.get("/matches?sector=public&q=ignored")
    kept = await amina.submit(matches, "/searches", {"name": "Publics"})
    assert "Hissn & <b>fils</b>" in kept.text("//article[1]")

    # What comes in afterwards is new until the search is opened; what it doesn't ask for is not.
    for place in ("Oujda", "Rabat", "Oujda"):
        body = {**tender(CALL), "place": place, "category": "services", "status": "published"}
        await entered(buyer, "/v1/tenders", body)
    again = await amina.get("/searches")
    assert [row.text_content() for row in again.all("//article//span[contains(@class,'good')]")] == ["2 nouveaux"]
    forms = [form.get("action") for form in again.all("//form[contains(@action,'/open')]")]
    opened = await amina.submit(again, forms[1])
    assert str(opened.response.url.query, "ascii") == "q=audit&region=Oriental&category=services&order=newest"
    assert len(opened.all("//article")) == 2
    assert not (await amina.get("/searches")).all("//article//span[contains(@class,'good')]")

    search = forms[1].removesuffix("/open")
    renamed = await amina.submit(again, f"{search}/rename", {"name": "  Oriental "})
    assert renamed.text("//article[.//a[contains(@href,'Oriental')]]//h2") == "Oriental"
    assert (await amina.submit(renamed, f"{search}/rename", {"name": " "})).status == 422

    matching = forms[0].removesuffix("open") + "feed"
    assert (await amina.submit(again, matching)).all("//pre")
    made = await amina.submit(again, f"{search}/feed")
    atom, ics = (pre.text_content().strip() for pre in made.all("//pre"))
    path = atom.removeprefix("http://safqa.test")
    assert (await api.client.get(path)).text.count("<entry>") == 2
    assert (await api.client.get(ics.removeprefix("http://safqa.test"))).text.count("BEGIN:VEVENT") == 2
    assert "Une recherche gardée : Oriental" in (await amina.get("/alerts")).text()

    reader = await signed_in(api, firm.id, Role.READER)
    assert not (await reader.get("/searches")).all("//article//form")
    for other, status in ((reader, 403), (await signed_in(api, buyer.id), 404)):
        for action in ("open", "rename", "feed", "delete"):
            assert (await other.post(f"{search}/{action}", {"name": "x"})).status == status
    assert "Oriental" not in (await (await signed_in(api, buyer.id)).get("/searches")).text()

    with structlog.testing.capture_logs() as logs:
        await amina.get("/searches")
    assert next(line["queries"] for line in logs if line["event"] == "request.done") <= 12
    for lang in ("ar", "en"):
        assert "web." not in (await (await signed_in(api, firm.id, lang=lang)).get("/searches")).text("//body")

    gone = await amina.submit(renamed, f"{search}/delete")
    assert "Oriental" not in gone.text()
    assert (await api.client.get(path)).status_code == 404
    assert len(gone.all("//article")) == 1


async def test_what_is_no_search_is_not_kept_and_there_is_an_end_to_keeping(api: Api) -> None:
    firm = await api.person("startup")
    amina = await signed_in(api, firm.id)
    for wrong in (
        {"list": "tenders", "query": "region=Atlantide", "name": "x"},
        {"list": "startups", "query": "", "name": "x"},
        {"list": "tenders", "query": "q=a&" * 100, "name": "x"},
        {"list": "tenders", "query": "q=" + "a" * 5_000, "name": "x"},
        {"list": "tenders", "query": "q=a", "name": "x" * 101},
        {"list": "tenders", "query": "q=a", "name": "\0"},
    ):
        assert (await amina.post("/searches", wrong)).status == 422, wrong
    assert (await amina.post("/searches", {"list": "matches", "query": "", "name": "x"})).status == 404
    mine = {"list": "matches", "query": "", "name": "x", "startup": str(uuid.uuid4())}
    assert (await amina.post("/searches", mine)).status == 404
    for number in range(MOST_SEARCHES):
        sent = {"list": "tenders", "query": "q=a&startup=1&unknown=2", "name": str(number)}
        assert (await amina.post("/searches", sent)).status == 303
    full = await amina.post("/searches", {"list": "tenders", "query": "", "name": "one more"})
    assert (full.status, len(full.all("//article"))) == (422, MOST_SEARCHES)
    async with unit_of_work(api.runtime.sessions) as session:
        kept = (await session.scalars(text("SELECT DISTINCT asked::text FROM saved_search"))).all()
    assert kept == ['{"q": "a"}']


@pytest.mark.parametrize("seconds", [-1, 1])
def test_ids_tell_when_they_were_made(seconds: int) -> None:
    made = new_uuid()
    assert (first_uuid(utc_now() + dt.timedelta(seconds=seconds)) <= made) == (seconds < 0)
