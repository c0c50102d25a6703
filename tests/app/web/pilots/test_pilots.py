"""A pilot from its draft to its attestation, and a meeting about it, with forms alone on both sides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import in_days, startup
from tests.support.pages import Browser, Shown, signed_in, stranger

EVIL = "<script>alert(1)</script>"
WRITTEN = {
    "title": f"Fuites d'eau {EVIL}", "problem": f"Capteurs acoustiques et télérelève {EVIL}",
    "criteria": f"Une fuite sur deux trouvée {EVIL}\nAucune coupure", "trades": "télérelève, capteurs",
    "budget": "120 000,50", "currency": "mad", "window_from": "2099-01-10", "window_until": "2099-04-10",
    "place": "Agadir",
}  # fmt: skip


@dataclass
class Sides:
    """The two sides, each before a browser, and ``mine``: the founder's startup."""

    api: Api
    buyer: Person
    officer: Browser
    founder: Browser
    mine: str


@pytest.fixture(scope="module")
async def sides(cluster: Cluster) -> AsyncIterator[Sides]:
    async with cluster.copy("pilot_pages") as database, running_api(database) as api:
        buyer, firm = await api.person("buyer", "Régie fictive"), await api.person("startup", "Firme fictive")
        mine = (await firm.client.post("/v1/startups", json=startup("Capteurs et télérelève d'eau"))).json()["id"]
        yield Sides(api, buyer, await signed_in(api, buyer.id), await signed_in(api, firm.id), mine)


async def _looked(browser: Browser, path: str) -> Shown:
    """A page that costs little and runs nothing of strangers."""
    with capture_logs() as logs:
        shown = await browser.get(path)
    (done,) = [line for line in logs if line["event"] == "request.done"]
    assert (path, shown.status, done["queries"] <= 12) == (path, 200, True)
    assert EVIL not in shown.response.text
    return shown


async def _opened(sides: Sides) -> str:
    """The path of a pilot that was written and opened at once."""
    made = await sides.officer.post("/pilots/new", {**WRITTEN, "do": "open"})
    assert made.status == 303, made.text()
    return made.response.headers["location"]


async def test_a_draft_is_refused_with_its_mistakes_kept_changed_by_one_and_opened(sides: Sides) -> None:
    form = await sides.officer.get("/pilots/new")
    wrong = {**WRITTEN, "budget": "beaucoup", "window_until": "2098-01-01", "criteria": " ", "cpv": "12"}
    refused = await sides.officer.submit(form, "/pilots/new", wrong)
    assert refused.status == 422
    links = {a.get("href") for a in refused.all("//div[@id='errors']//a")}
    assert {"#f-budget", "#f-criteria", "#f-cpv"} <= links
    assert refused.all("//input[@id='f-title']")[0].get("value") == WRITTEN["title"]
    kept = await sides.officer.submit(form, "/pilots/new", {**WRITTEN, "do": "draft"})
    path = kept.response.url.path
    assert (await sides.founder.get(path)).status == 404
    edit = await _looked(sides.officer, f"{path}/edit")
    assert edit.all("//input[@id='f-budget']")[0].get("value") == "120000.5"
    changed = await sides.officer.submit(edit, f"{path}/edit", {"title": "Autre titre"})
    assert "Autre titre" in changed.text("//h1")
    no_version = await sides.officer.submit(edit, f"{path}/edit", {"version": "9" * 5_000})
    assert no_version.status == 412
    late = await sides.officer.submit(edit, f"{path}/edit", {"title": "Trop tard"})
    assert (late.status, "Trop tard" in late.all("//input[@id='f-title']")[0].get("value")) == (412, True)
    opened = await sides.officer.submit(changed, f"{path}/open")
    assert "Ouvert" in opened.text("//header[@class='call-head']")
    assert path in (await _looked(sides.officer, "/pilots?state=open")).links()
    assert (await sides.officer.get(f"{path}/edit")).response.url.path == path


async def test_a_startup_applies_is_chosen_and_gets_an_attestation_that_anybody_checks(sides: Sides) -> None:
    path = await _opened(sides)
    assert path in (await _looked(sides.founder, "/pilots?q=fuites&region=Agadir")).links()
    page = await _looked(sides.founder, path)
    assert (await sides.founder.submit(page, f"{path}/apply", {"message": " "})).status == 422
    applied = await sides.founder.submit(page, f"{path}/apply", {"message": f"Nous avons les capteurs {EVIL}"})
    assert "Candidature envoyée" in applied.text("//aside")
    assert path in (await _looked(sides.founder, "/pilots/applied")).links()
    seen = await _looked(sides.officer, path)
    assert f"Nous avons les capteurs {EVIL}" in seen.text("//section[@aria-labelledby='applicants']")
    await sides.officer.submit(seen, f"{path}/choose")
    assert "Vous êtes choisis" in (await _looked(sides.founder, path)).text("//header[@class='call-head']")
    closing = await _looked(sides.officer, f"{path}/close")
    half = await sides.officer.submit(closing, f"{path}/close", {"verdict-1": "met"})
    assert (half.status, len(half.all("//fieldset[@id='f-verdict-2' and @aria-invalid='true']"))) == (422, 1)
    judged = {"verdict-1": "met", "verdict-2": "met", "note-2": EVIL, "paid": "99 000", "statement": "Très utile."}
    closed = await sides.officer.submit(closing, f"{path}/close", judged)
    (check,) = [href for href in closed.links() if href.startswith("/attestations/")]
    anybody = await _looked(stranger(sides.api), check)
    assert "The signature was checked" in anybody.text()
    assert not [href for href in anybody.links() if "document" in href]
    for side in (sides.officer, sides.founder):
        (paper, *_) = [href for href in (await _looked(side, check)).links() if "document" in href]
        assert (await side.client.get(paper)).content.startswith(b"%PDF-")
    assert (await stranger(sides.api).client.get(f"{check}/document")).status_code != 200
    earned = await _looked(sides.founder, "/pilots/attested")
    referenced = await sides.founder.submit(earned, f"/pilots/attested/{check.rpartition('/')[2]}/reference")
    assert "Parmi vos références" in referenced.text()
    taken = await sides.officer.submit(await sides.officer.get(check), f"{check}/revoke", {"because": f"Erreur {EVIL}"})
    assert "Révoquée le" in taken.text()
    assert f"Erreur {EVIL}" in (await _looked(stranger(sides.api), check)).text()
    typed = await stranger(sides.api).get(f"/attestations?code={check.rpartition('/')[2].lower().replace('-', '')}")
    assert typed.response.url.path == check
    assert (await stranger(sides.api).get("/attestations/0000-0000")).status == 404


async def test_both_sides_settle_a_meeting_about_a_pilot(sides: Sides) -> None:
    path = await _opened(sides)
    (form,) = [href for href in (await _looked(sides.founder, path)).links() if href.startswith("/meetings/new")]
    wanted = {"topic": f"Voir le réseau {EVIL}", "starts_at": in_days(9)[:16], "minutes": "30", "place": "en ligne"}
    asking = await _looked(sides.founder, form)
    refused = await sides.founder.submit(asking, form, {**wanted, "topic": "Écrivez à moi@exemple.example"})
    assert refused.status == 422
    sent = await sides.founder.submit(asking, form, {**wanted, "contact": "equipe@exemple.invalid"})
    meeting = sent.response.url.path
    assert "En attente de leur réponse" in sent.text()
    assert (await sides.founder.post(f"{meeting}/accept", {"contact": "x"})).status == 422  # not their turn
    seen = await _looked(sides.officer, meeting)
    assert "À vous de répondre" in (await _looked(sides.officer, "/meetings")).text()
    assert "equipe@exemple.invalid" not in seen.response.text
    moved = {"starts_at": in_days(12)[:16], "place": "à Agadir", "contact": "regie@exemple.invalid"}
    assert path in seen.links()
    proposed = await sides.officer.submit(seen, f"{meeting}/propose", moved)
    assert "à Agadir" in proposed.text()
    agreed = await sides.founder.submit(await sides.founder.get(meeting), f"{meeting}/accept")
    assert "regie@exemple.invalid" in agreed.text()
    off = await sides.officer.submit(await sides.officer.get(meeting), f"{meeting}/withdraw", {"note": "Grève"})
    assert "Annulé" in off.text()
    assert "regie@exemple.invalid" not in (await sides.founder.get(meeting)).response.text
    rival = await signed_in(sides.api, (await sides.api.person("startup")).id)
    assert (await rival.get(meeting)).status == 404
    assert (await rival.post(f"{meeting}/withdraw", {})).status == 404


async def test_readers_and_others_change_nothing(sides: Sides) -> None:
    path = await _opened(sides)
    reader = await signed_in(sides.api, sides.buyer.id, Role.READER)
    assert not (await _looked(reader, path)).all("//main//form[@method='post']")
    rival = await signed_in(sides.api, (await sides.api.person("buyer")).id)
    for step in ("open", "cancel", "choose", "close", "delete"):
        assert (await reader.post(f"{path}/{step}", {"because": "x"})).status == 403
        sent = {"because": "x", "startup_id": sides.mine, "verdict-1": "met", "verdict-2": "met"}
        assert (step, (await rival.post(f"{path}/{step}", sent)).status) == (step, 404)
    cohort = await signed_in(sides.api, (await sides.api.person("incubator")).id, lang="ar")
    assert "الشركات الناشئة" in (await _looked(cohort, path)).text("//aside")
    cancelled = await sides.officer.submit(
        await sides.officer.get(path), f"{path}/cancel", {"because": "Budget retiré"}
    )
    assert "Budget retiré" in cancelled.text()
