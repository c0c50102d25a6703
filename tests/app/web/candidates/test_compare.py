"""Candidates side by side, and why one startup is on the list or not."""

from __future__ import annotations

from structlog.testing import capture_logs

from tests.app.web.candidates.conftest import HOSTILE, Scene
from tests.support.factories import startup
from tests.support.pages import signed_in


async def test_a_few_stand_side_by_side_with_their_differences_said(scene: Scene) -> None:
    path = f"/calls/{scene.call}/compare?" + "&".join(f"startup={firm}" for firm in scene.firms[:3])
    # What was decided teaches the ranking, which costs a statement more.
    await scene.buyer.client.put(f"/v1/tenders/{scene.call}/decisions/{scene.firms[1]}", json={"kind": "shortlisted"})
    for lang in ("ar", "en", "fr"):
        browser = await signed_in(scene.api, scene.buyer.id, lang=lang)
        with capture_logs() as logs:
            shown = await browser.get(path)
        assert (shown.status, shown.root.get("lang")) == (200, lang)
        (done,) = [line for line in logs if line["event"] == "request.done"]
        assert done["queries"] <= 12
        assert "web." not in shown.text("//body")
    assert len(shown.all("//table[1]//thead//th[@scope='col']")) >= 4
    assert HOSTILE in shown.text("//table")
    assert not shown.all("//main//script")
    differing = shown.all("//tr[@class='differs']")
    assert differing
    assert all(row.xpath(".//span[contains(@class, 'badge accent')]") for row in differing)
    only = await browser.get(f"{path}&differences=1")
    assert len(only.all("//tr[@class='differs']")) == len(differing)
    assert len(only.all("//tbody/tr")) < len(shown.all("//tbody/tr"))
    trail = (await scene.buyer.client.get(f"/v1/tenders/{scene.call}/audit")).json()["items"]
    assert trail[-1]["details"] == {"startup_ids": scene.firms[:3], "compared": True}


async def test_one_or_five_or_nobodys_are_not_compared(scene: Scene) -> None:
    path = f"/calls/{scene.call}/compare"
    for chosen in ([], scene.firms[:1], [*scene.firms, scene.call]):
        shown = await scene.browser.get(f"{path}?" + "&".join(f"startup={one}" for one in chosen))
        assert (shown.status, bool(shown.all("//a[contains(@href, '/candidates')]"))) == (422, True)
    ghost = await scene.browser.get(f"{path}?startup={scene.firms[0]}&startup={scene.call}")
    assert ghost.status == 200
    assert "n’est plus visible" in ghost.text()
    other = await signed_in(scene.api, (await scene.api.person("buyer")).id)
    two = f"{path}?startup={scene.firms[0]}&startup={scene.firms[1]}"
    assert (await other.get(two)).status == 404
    assert (await other.get(path)).status == 404


async def test_a_known_startup_is_found_by_name_and_explained(scene: Scene) -> None:
    why = f"/calls/{scene.call}/why/{scene.firms[3]}"
    for lang in ("ar", "fr", "en"):
        browser = await signed_in(scene.api, scene.buyer.id, lang=lang)
        found = await browser.get(f"/calls/{scene.call}/why?name=qat")
        assert why in found.links()
        with capture_logs() as logs:
            told = await browser.get(why)
        (done,) = [line for line in logs if line["event"] == "request.done"]
        assert (told.status, done["queries"] <= 12) == (200, True)
        assert "web." not in told.text("//body") + found.text("//body")
        assert not told.all("//p[contains(@class, 'notice good')]")
    best = await scene.browser.get(f"/calls/{scene.call}/why/{scene.firms[0]}")
    assert best.all("//p[contains(@class, 'notice good')]")
    assert best.all("//section//p[contains(@class, 'prose')]//mark")
    path = f"/v1/tenders/{scene.call}/candidates"
    api = (await scene.buyer.client.get(f"{path}/{scene.firms[0]}")).json()
    first = (await scene.buyer.client.get(path)).json()["items"][0]
    assert (api["standing"], api["rank"], api["candidate"]["score"]) == ("listed", 1, first["score"])
    weak = (await scene.buyer.client.get(f"{path}/{scene.firms[3]}", params={"region": "Oriental"})).json()
    assert (weak["standing"], weak["rank"]) == ("gated", None)
    assert {gate["name"]: gate["outcome"] for gate in weak["gates"]} == {"country": "passes", "regions": "stops"}


async def test_what_keeps_a_startup_out_is_named(scene: Scene) -> None:
    abroad = await scene.api.person("startup")
    made = await abroad.client.post("/v1/startups", json=startup("Tests d'intrusion et audit", country="FR"))
    told = await scene.browser.get(f"/calls/{scene.call}/why/{made.json()['id']}")
    assert "une condition préalable l’écarte" in told.text()
    narrow = await scene.browser.get(f"/calls/{scene.call}/why/{scene.firms[0]}?region=Oriental&size=large")
    stopping = narrow.all("//tbody/tr[.//span[@class='badge bad']]/th")
    assert [gate.text_content() for gate in stopping] == ["région", "effectif"]


async def test_whoever_is_not_shown_to_buyers_is_explained_to_nobody(scene: Scene) -> None:
    owner = await scene.api.person("startup")
    made = (await owner.client.post("/v1/startups", json=startup("Audit caché", name="Khafi"))).json()["id"]
    assert (await owner.client.post(f"/v1/startups/{made}/listing", json={"listed": False})).status_code == 200
    assert (await scene.browser.get(f"/calls/{scene.call}/why/{made}")).status == 404
    assert "Aucun profil public" in (await scene.browser.get(f"/calls/{scene.call}/why?name=khafi")).text()
    assert (await scene.browser.get(f"/calls/{scene.draft}/why/{scene.firms[0]}")).all("//div[@class='empty']")
    other = await signed_in(scene.api, (await scene.api.person("buyer")).id)
    for path in ("why", f"why/{scene.firms[0]}"):
        assert (await other.get(f"/calls/{scene.call}/{path}")).status == 404
