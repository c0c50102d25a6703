"""The map and the charts: what is counted, what is not told, and where it leads."""

from __future__ import annotations

from structlog.testing import capture_logs

from tests.app.web.candidates.conftest import HOSTILE, NAMES, Scene
from tests.support.factories import startup
from tests.support.pages import Shown, signed_in


def counts(shown: Shown) -> dict[str, str]:
    """The table beside the map: regions and their numbers."""
    rows = shown.all("//div[@class='map-and-key']//tbody/tr")
    return {row.xpath("string(th)").split(". ")[-1].strip(): row.xpath("string(td)") for row in rows}


async def test_the_map_counts_towns_for_their_regions_and_leads_on(scene: Scene) -> None:
    names = {"ar": "سوس-ماسة", "en": "Souss-Massa", "fr": "Souss-Massa"}
    for lang, name in names.items():
        browser = await signed_in(scene.api, scene.buyer.id, lang=lang)
        with capture_logs() as logs:
            shown = await browser.get("/pool")
        (done,) = [line for line in logs if line["event"] == "request.done"]
        assert (shown.status, done["queries"] <= 12) == (200, True)
        assert "web." not in shown.text("//body")
        assert counts(shown)[name] == "2"
    assert len(shown.all("//main//a[polygon]")) == 12
    assert all(a.findtext("title") for a in shown.all("//main//a[polygon]"))
    assert list(counts(shown).values()).count("1") == 2  # Casablanca, and nowhere
    assert HOSTILE in shown.text("//main")
    assert not shown.all("//main//script")
    assert not shown.all("//*[@onload]")
    there = await browser.get("/pool?region=Souss-Massa")
    assert [each.text_content() for each in there.all("//ul[contains(@class, 'profiles')]//h3")] == [NAMES[0], "Qatra"]
    assert there.all("//a[@aria-current='true'][polygon]")


async def test_filters_and_pages_of_profiles(scene: Scene) -> None:
    path = "/pool?limit=1&sector=cybersecurite"
    first = await scene.browser.get(path)
    assert "2 startups" in first.text("//strong")
    following = first.all("//a[@rel='next']")[0].get("href")
    assert "sector=cybersecurite" in following
    second = await scene.browser.get(f"{following}&limit=1")
    names = [shown.text("//ul[contains(@class, 'profiles')]//h3") for shown in (first, second)]
    assert sorted(names) == sorted(NAMES[:2])
    assert (await scene.browser.get("/pool?sector=rien&label=a%00b")).all("//div[@class='empty']")
    assert "0 startup" in (await scene.browser.get("/pool?size=large")).text("//strong")


async def test_counts_of_a_calls_candidates_are_not_told_where_they_are_about_somebody(scene: Scene) -> None:
    shown = await scene.browser.get(f"/pool?call={scene.draft}")
    assert set(counts(shown).values()) == {"0", "<3", "non communiqué"}
    assert "3 startups" in shown.text("//strong")
    sizes = shown.all("//section[@aria-labelledby='sizes']//tbody//td")
    assert [size.text_content() for size in sizes].count("non communiqué") >= 2
    for name in NAMES:
        assert name not in shown.response.text
    owner = await scene.api.person("startup")
    for number in range(3):
        profile = startup(f"Audit de sécurité et tests d'intrusion {number}", city="Agadir")
        assert (await owner.client.post("/v1/startups", json=profile)).status_code == 201
    assert counts(await scene.browser.get(f"/pool?call={scene.call}"))["Souss-Massa"] == "4"
    trail = (await scene.buyer.client.get(f"/v1/tenders/{scene.draft}/audit")).json()["items"]
    assert trail[0]["details"] == {"map": {}, "suitable": 3}


async def test_only_buyers_see_the_pool_and_only_their_own_calls(scene: Scene) -> None:
    other = await signed_in(scene.api, (await scene.api.person("buyer")).id)
    assert (await other.get("/pool")).status == 200
    assert (await other.get(f"/pool?call={scene.call}")).status == 404
    firm = await signed_in(scene.api, (await scene.api.person("startup")).id)
    assert (await firm.get("/pool")).status == 404
