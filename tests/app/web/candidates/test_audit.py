"""The audit trail on pages: what it says, whether it holds, what it exports; frozen lists; the shortlist."""

from __future__ import annotations

import csv
import io

from sqlalchemy import text
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.app.web.candidates.conftest import HOSTILE, Scene
from tests.support.factories import tender
from tests.support.meetings import meeting
from tests.support.pages import signed_in


async def test_a_list_is_frozen_and_the_trail_tells_of_it(scene: Scene) -> None:
    browser = scene.browser
    await browser.get(f"/calls/{scene.call}/candidates")
    put = f"/v1/tenders/{scene.call}/decisions/{scene.firms[2]}"
    await scene.buyer.client.put(put, json={"kind": "invited", "note": HOSTILE})
    empty = await browser.get(f"/calls/{scene.call}/frozen")
    frozen = await browser.submit(empty, f"/calls/{scene.call}/frozen")
    assert (frozen.status, frozen.response.url.path) == (200, f"/calls/{scene.call}/frozen/3")
    assert len(frozen.all("//tbody/tr")) == 3
    assert frozen.all("//p[@class='notice good']")
    listed = await browser.get(f"/calls/{scene.call}/frozen")
    assert f"/calls/{scene.call}/frozen/3" in listed.links()
    for none in (0, 10**30, "9" * 5_000):
        assert (await browser.get(f"/calls/{scene.call}/frozen/{none}")).status == 422
    shortlist = await browser.get(f"/calls/{scene.call}/shortlist")
    assert HOSTILE in shortlist.text("//tbody")
    with capture_logs() as logs:
        trail = await browser.get(f"/calls/{scene.call}/audit")
    (done,) = [line for line in logs if line["event"] == "request.done"]
    assert done["queries"] <= 12
    assert [row.get("id") for row in trail.all("//tbody/tr")] == ["step-1", "step-2", "step-3"]
    assert trail.all("//p[@class='notice good']")
    for lang in ("ar", "fr", "en"):
        reader = await signed_in(scene.api, scene.buyer.id, Role.READER, lang=lang)
        for path in ("frozen", "frozen/3", "shortlist", "audit"):
            shown = await reader.get(f"/calls/{scene.call}/{path}")
            assert (shown.status, shown.root.get("lang")) == (200, lang)
            assert "web." not in shown.text("//body")
            assert not shown.all("//main//script")


async def test_pages_of_the_trail_follow_from_each_other_and_a_break_is_told(scene: Scene) -> None:
    for _ in range(5):
        await scene.buyer.client.get(f"/v1/tenders/{scene.call}/candidates")
    path = f"/calls/{scene.call}/audit"
    first = await scene.browser.get(f"{path}?limit=2")
    second = await scene.browser.get(first.all("//a[@rel='next']")[0].get("href") + "&limit=2")
    assert [row.get("id") for row in second.all("//tbody/tr")] == ["step-3", "step-4"]
    assert second.all("//p[@class='notice good']")
    assert "5 étapes" in (await scene.browser.get(f"{path}?check=1")).text("//p[@class='notice good']")
    async with scene.api.runtime.sessions.begin() as session:
        await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        await session.execute(text("UPDATE audit_entry SET details = '{}' WHERE number = 4"))
        await session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
    broken = await scene.browser.get(second.response.url.raw_path.decode())
    assert "rompue à l’étape 4" in broken.text("//p[@role='alert']")
    assert (await scene.browser.get(f"{path}?limit=2")).all("//p[@class='notice good']")
    assert "rompue à l’étape 4" in (await scene.browser.get(f"{path}?check=1")).text("//p[@role='alert']")


async def test_the_trail_leaves_as_a_file(scene: Scene) -> None:
    await scene.browser.get(f"/calls/{scene.call}/candidates")
    answer = await scene.browser.client.get(f"/calls/{scene.call}/audit.csv", headers={"Accept": "text/html"})
    assert [row["action"] for row in csv.DictReader(io.StringIO(answer.text))] == ["candidates_viewed"]
    lines = await scene.browser.client.get(f"/calls/{scene.call}/audit.jsonl", headers={"Accept": "text/html"})
    assert len(lines.text.splitlines()) == 1


async def test_strangers_find_nothing_and_readers_freeze_nothing(scene: Scene) -> None:
    await scene.buyer.client.post(f"/v1/tenders/{scene.call}/audit/freeze")
    other = await signed_in(scene.api, (await scene.api.person("buyer")).id)
    for path in ("audit", "audit?check=1", "audit.csv", "frozen", "frozen/1", "shortlist"):
        assert (path, (await other.get(f"/calls/{scene.call}/{path}")).status) == (path, 404)
    assert (await other.post(f"/calls/{scene.call}/frozen", {})).status == 404
    reader = await signed_in(scene.api, scene.buyer.id, Role.READER)
    page = await reader.get(f"/calls/{scene.call}/frozen")
    assert (page.status, page.all("//main//form")) == (200, [])
    assert (await reader.post(f"/calls/{scene.call}/frozen", {})).status == 403
    assert (await scene.browser.post(f"/calls/{scene.draft}/frozen", {})).status == 409
    assert (await scene.browser.get(f"/calls/{scene.call}/frozen/2")).status == 404
    assert (await scene.browser.get(f"/calls/{scene.draft}/shortlist")).all("//div[@class='empty']")


async def test_the_shortlist_tells_what_a_startup_answered_as_far_as_it_is_known(scene: Scene) -> None:
    private = tender("Audit de sécurité", sector="private", status="published")
    call = (await scene.buyer.client.post("/v1/tenders", json=private)).json()["id"]
    for firm in scene.firms[:2]:
        put = f"/v1/tenders/{call}/decisions/{firm}"
        assert (await scene.buyer.client.put(put, json={"kind": "invited"})).status_code == 200
    asked = await scene.buyer.client.post("/v1/meetings", json=meeting(scene.firms[0], tender_id=call))
    assert asked.status_code == 201, asked.text
    shown = await scene.browser.get(f"/calls/{call}/shortlist")
    answers = [row.xpath("string(td[last()])") for row in shown.all("//tbody/tr")]
    assert answers == ["Rendez-vous demandé", "aucune encore"]
