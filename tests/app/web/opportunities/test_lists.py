"""The calls that fit and the search, as people see them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import structlog

from app.members.roles import Role
from tests.app.matches.test_live import CALL, SECURITY, entered
from tests.support.api import Api, Person
from tests.support.factories import in_days, startup, tender
from tests.support.pages import Browser, Shown, signed_in

SCRIPT = "<script>alert(1)</script>"


async def _calls(api: Api, buyer: Person) -> dict[str, str]:
    """Five calls for the same trade, closing one after the other, each different in one way; ids by name."""
    fields: dict[str, dict[str, object]] = {
        "rabat": {"place": "Rabat", "category": "services", "buyer": {"id": "c", "name": f"Commune {SCRIPT}"}},
        "agadir": {"place": "Agadir", "value": {"amount": 500_000, "currency": "MAD"}},
        "private": {"sector": "private"},
        "arabic": {"title": "افتحاص أمن نظم المعلومات واختبارات الاختراق", "language": "ar"},
        "script": {"title": f"{CALL} {SCRIPT}", "description": f"Tests d'intrusion {SCRIPT} et audit de sécurité."},
    }
    made = {}
    for days, (name, more) in enumerate(fields.items(), 3):
        body = {**tender(CALL), "deadline": in_days(days), **more, "status": "published"}
        made[name] = str((await entered(buyer, "/v1/tenders", body))["id"])
    return made


def _found(shown: Shown) -> list[str]:
    """The calls of a list, in order."""
    titles = shown.all("//article/h2/a")
    return [urlsplit(title.get("href")).path.rpartition("/")[2] for title in titles]


async def _queries(browser: Browser, path: str) -> int:
    with structlog.testing.capture_logs() as logs:
        assert (await browser.get(path)).status == 200
    return next(line["queries"] for line in logs if line["event"] == "request.done")


async def test_a_founder_sees_what_fits_why_and_what_stands_in_the_way(api: Api) -> None:
    firm, buyer = await api.person("startup", "Hissn"), await api.person("buyer")
    amina = await signed_in(api, firm.id, Role.MEMBER)
    empty = await amina.get("/matches")
    assert empty.all("//main//a[@href='/profile/new']")

    async with api.worker():
        mine = await entered(firm, "/v1/startups", startup(SECURITY))
        ids = await _calls(api, buyer)
    names = {call: name for name, call in ids.items()}
    shown = await amina.get("/matches")
    assert set(_found(shown)) == set(names)
    assert shown.all("//article//mark")
    assert not shown.all("//script[not(@src)]")
    assert SCRIPT in shown.text("//ol[contains(@class,'found')]")
    assert shown.all("//article//span[contains(@class,'badge')]")

    async def list_of(query: str) -> list[str]:
        return [names[call] for call in _found(await amina.get(f"/matches?{query}"))]

    assert await list_of("order=deadline") == ["rabat", "agadir", "private", "arabic", "script"]
    assert await list_of("region=Rabat-Sal%C3%A9-K%C3%A9nitra") == ["rabat"]
    assert await list_of("category=services&sector=&grade=&min_value=") == ["rabat"]
    assert await list_of("min_value=400+000&max_value=600000.5") == ["agadir"]
    assert await list_of("sector=private") == ["private"]
    assert await list_of("within=3&order=deadline") == ["rabat"]
    assert await list_of("simplified=true") == []
    assert sorted(await list_of("eligibility=pass&eligibility=unknown&eligibility=fail")) == sorted(ids)

    chips = await amina.get("/matches?sector=private&within=30&order=deadline")
    gone = [parse_qs(urlsplit(link.get("href")).query) for link in chips.all("//nav[contains(@class,'chips')]//a")]
    assert gone == [{"within": ["30"], "order": ["deadline"]}, {"sector": ["private"], "order": ["deadline"]}, {}]

    assert chips.response.headers["hx-push-url"] == "/matches?sector=private&within=30&order=deadline"
    wrong = await amina.get("/matches?min_value=lots&region=Atlantide")
    assert wrong.status == 422
    assert {link.get("href") for link in wrong.all("//div[@id='errors']//a")} == {"#f-min_value", "#f-region"}

    # What was decided stands on the card, is a filter, and is not asked again.
    answer = await firm.client.put(
        f"/v1/startups/{mine['id']}/decisions/{ids['private']}", json={"kind": "dismissed", "note": "trop loin"}
    )
    assert answer.status_code == 200
    assert await list_of("decided=true") == ["private"]
    assert len(await list_of("decided=false")) == 4
    after = await amina.get("/matches?decided=true")
    assert after.all(f"//form[@action='/tenders/{ids['private']}/undecide']")
    assert not after.all(f"//form[@action='/tenders/{ids['private']}/decision']")
    reader = await signed_in(api, firm.id, Role.READER)
    assert not (await reader.get("/matches")).all("//article//form")

    assert await _queries(amina, "/matches") <= 12
    assert await _queries(amina, "/matches?eligibility=pass&order=deadline") <= 12

    for lang, direction in (("ar", "rtl"), ("fr", "ltr"), ("en", "ltr")):
        browser = await signed_in(api, firm.id, lang=lang)
        spoken = await browser.get("/matches?grade=good&decided=false&within=7&simplified=false&min_value=5")
        assert (spoken.status, spoken.root.get("dir")) == (200, direction)
        assert "web." not in spoken.text("//body")

    # Nobody else's startup, and no list for buyers.
    other = await signed_in(api, (await api.person("startup")).id)
    assert (await other.get(f"/matches?startup={mine['id']}")).status == 404
    assert (await (await signed_in(api, buyer.id)).get("/matches")).status == 404


async def test_the_search_marks_what_was_found_and_keeps_its_filters(api: Api) -> None:
    buyer = await api.person("buyer", "Commune fictive")
    ids = await _calls(api, buyer)
    names = {call: name for name, call in ids.items()}
    officer = await signed_in(api, buyer.id, Role.READER, lang="ar")
    shown = await officer.get("/tenders")
    assert [names[call] for call in _found(shown)] == list(ids)  # by deadline
    assert SCRIPT in shown.text("//ol[contains(@class,'found')]")
    assert not shown.all("//script[not(@src)]")

    found = await officer.get("/tenders?q=AUDITS&sector=")
    assert {names[call] for call in _found(found)} == {"rabat", "agadir", "private", "script", "arabic"}
    assert names[_found(found)[-1]] == "arabic"  # the same meaning comes after the word itself
    marked = {mark.text_content() for mark in found.all("//article//mark")}
    assert {"Audit", "افتحاص"} <= marked
    assert found.response.headers["hx-push-url"] == "/tenders?q=AUDITS"
    assert [names[call] for call in _found(await officer.get("/tenders?q=audit&sector=private"))] == ["private"]
    hostile = await officer.get(f"/tenders?q=%22{SCRIPT}%22")
    assert hostile.status == 200
    assert not hostile.all("//script[not(@src)]")

    await buyer.client.post(f"/v1/tenders/{ids['agadir']}/close")
    assert len(_found(await officer.get("/tenders"))) == 4
    assert [names[call] for call in _found(await officer.get("/tenders?state=over"))] == ["agadir"]
    nothing = await officer.get("/tenders?q=piscine&state=over")
    assert nothing.all("//div[@class='empty']//a[@href='/tenders']")

    assert await _queries(officer, "/tenders?q=audit") <= 12
    assert (await officer.get("/tenders?cursor=x")).status == 422
    for lang in ("ar", "fr", "en"):
        browser = await signed_in(api, buyer.id, lang=lang)
        spoken = await browser.get("/tenders?state=any&category=services&simplified=true&within=30&q=audit")
        assert spoken.status == 200
        assert "web." not in spoken.text("//body")


async def test_pages_of_the_search_give_every_call_once(api: Api) -> None:
    buyer = await api.person("buyer")
    for number in range(23):
        await entered(buyer, "/v1/tenders", {**tender(f"Audit {number}"), "status": "published"})
    reader = await signed_in(api, buyer.id)
    first = await reader.get("/tenders?q=audit")
    (following,) = [link for link in first.links() if "cursor=" in link]
    second = await reader.get(following)
    assert len({*_found(first), *_found(second)}) == 23
    assert "q=audit" in following
