"""Candidates of a call: who is shown, what is decided, and who may."""

from __future__ import annotations

from structlog.testing import capture_logs

from app.members.roles import Role
from tests.app.web.candidates.conftest import HOSTILE, Scene
from tests.support.factories import startup
from tests.support.pages import signed_in


async def test_candidates_stand_in_the_order_of_the_api_and_the_trail_keeps_them(scene: Scene) -> None:
    with capture_logs() as logs:
        shown = await scene.browser.get(f"/calls/{scene.call}/candidates")
    assert shown.status == 200
    (done,) = [line for line in logs if line["event"] == "request.done"]
    assert done["queries"] <= 12
    there = [each.get("id").removeprefix("startup-") for each in shown.all("//article[@id]")]
    api = (await scene.buyer.client.get(f"/v1/tenders/{scene.call}/candidates")).json()
    assert there == [each["startup"]["id"] for each in api["items"]]
    assert there[0] == scene.firms[0]
    assert scene.firms[3] not in there
    best = shown.text(f"//article[@id='startup-{scene.firms[0]}']")
    assert "Souss-Massa" in best
    assert "À vérifier avec elle" in best
    assert shown.all("//article//ul[@class='reasons']//mark")
    trail = (await scene.buyer.client.get(f"/v1/tenders/{scene.call}/audit")).json()["items"]
    assert trail[0]["details"] == {"startup_ids": there, "after": 0}
    assert HOSTILE not in shown.response.text
    assert not shown.all("//main//script")


async def test_each_language_says_the_list_and_why_a_draft_has_none(scene: Scene) -> None:
    for lang in ("ar", "fr", "en"):
        browser = await signed_in(scene.api, scene.buyer.id, lang=lang)
        for call in (scene.call, scene.draft):
            shown = await browser.get(f"/calls/{call}/candidates")
            assert (shown.status, shown.root.get("lang")) == (200, lang)
            assert "web." not in shown.text("//body")
        assert not shown.all("//article")


async def test_filters_are_in_the_link_and_reach_towns(scene: Scene) -> None:
    path = f"/calls/{scene.call}/candidates"
    in_casablanca = await scene.browser.get(f"{path}?region=Casablanca-Settat&grade=&eligibility=unknown")
    names = [each.text_content() for each in in_casablanca.all("//article//h3//bdi")]
    assert "=cmd|' /C calc'!A0" in names
    assert "Hissn Sécurité" not in names
    assert in_casablanca.all("//option[@value='Casablanca-Settat'][@selected]")
    assert "Aucun candidat" in (await scene.browser.get(f"{path}?label=aucun&region=nowhere&size=huge")).text()


async def test_a_decision_works_with_and_without_javascript_and_can_be_taken_back(scene: Scene) -> None:
    path = f"/calls/{scene.call}/candidates"
    action = f"{path}/{scene.firms[0]}"
    shown = await scene.browser.get(path)
    after = await scene.browser.submit(shown, action, {"kind": "dismissed", "note": "hors budget"})
    assert (after.status, after.response.url.path) == (200, path)
    assert "Écartée" in after.text(f"//div[@id='decision-{scene.firms[0]}']")
    row = await scene.browser.post(action, {"kind": "invited", "next": path}, **{"HX-Request": "true"})
    assert (row.status, row.root.get("id")) == (200, f"decision-{scene.firms[0]}")
    assert "Invitée" in row.text("//div")
    kept = (await scene.buyer.client.get(f"/v1/tenders/{scene.call}/decisions")).json()["items"]
    assert [(each["kind"], each["note"]) for each in kept] == [("invited", None)]
    for _ in range(2):  # a second press finds nothing to take back
        gone = await scene.browser.post(action, {"kind": "none", "next": "https://evil.example"})
        assert (gone.status, gone.response.headers["location"]) == (303, f"{path}#startup-{scene.firms[0]}")
    long = await scene.browser.post(action, {"kind": "dismissed", "note": "x" * 2_001})
    assert (long.status, bool(long.all("//textarea"))) == (422, True)


async def test_who_may_not_decides_nothing(scene: Scene) -> None:
    action = f"/calls/{scene.call}/candidates/{scene.firms[0]}"
    reader = await signed_in(scene.api, scene.buyer.id, Role.READER)
    shown = await reader.get(f"/calls/{scene.call}/candidates")
    assert shown.status == 200
    assert not shown.all("//article//form")
    assert (await reader.post(action, {"kind": "invited"})).status == 403
    other = await signed_in(scene.api, (await scene.api.person("buyer")).id)
    firm = await signed_in(scene.api, (await scene.api.person("startup")).id)
    for stranger in (other, firm):
        assert (await stranger.get(f"/calls/{scene.call}/candidates")).status == 404
        assert (await stranger.post(action, {"kind": "invited"})).status == 404
    assert (await scene.buyer.client.get(f"/v1/tenders/{scene.call}/decisions")).json()["items"] == []


async def test_pages_follow_each_other_and_ranks_go_on(scene: Scene) -> None:
    owner = await scene.api.person("startup")
    for number in range(11):
        profile = startup(f"Audit de sécurité des systèmes d'information, tests d'intrusion. Équipe {number}.")
        assert (await owner.client.post("/v1/startups", json=profile)).status_code == 201
    first = await scene.browser.get(f"/calls/{scene.call}/candidates?grade=possible")
    following = first.all("//a[@rel='next']")[0].get("href")
    assert "grade=possible" in following
    second = await scene.browser.get(following)
    seen = [shown.all("//article//h3//a/@href") for shown in (first, second)]
    assert (len(seen[0]), len({*seen[0], *seen[1]})) == (10, 14)
    assert second.all("//span[@class='rank']")[0].text_content() == "11."
    assert not second.all("//a[@rel='next']")
    trail = (await scene.buyer.client.get(f"/v1/tenders/{scene.call}/audit")).json()["items"]
    assert [each["details"]["after"] for each in trail] == [0, 10]
