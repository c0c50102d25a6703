"""What a founder does about a call, with forms alone."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.app.web.tender.conftest import EVIL, TRADE, Market
from tests.support.factories import in_days, startup
from tests.support.pages import Browser, signed_in


async def _founder(market: Market, name: str = "Neuve") -> tuple[Browser, str]:
    firm = await market.api.person("startup", name)
    made = await firm.client.post("/v1/startups", json=startup(TRADE, name=name))
    return await signed_in(market.api, firm.id), made.json()["id"]


async def test_a_call_is_saved_dismissed_with_a_reason_and_taken_back(market: Market) -> None:
    browser, _ = await _founder(market)
    path = f"/tenders/{market.call}"
    shown = await browser.submit(await browser.get(path), f"{path}/decision", {"kind": "saved"})
    assert "Appel gardé." in shown.text("//*[@id='notice']")
    assert "Gardé" in shown.text("//*[@id='decide']")
    assert "Appel gardé." not in (await browser.get(path)).text("//main")  # told once
    answer = await browser.post(f"{path}/decision", {"kind": "dismissed", "reason": f"Trop loin {EVIL}"})
    assert (answer.status, answer.response.headers["location"]) == (303, path)
    assert f"Trop loin {EVIL}" in (await browser.get(path)).text("//*[@id='decide']")
    for _ in range(2):  # sent again by a reload of somebody's: the same answer
        assert (await browser.post(f"{path}/undecide", {})).status == 303
    assert "Rien de décidé encore." in (await browser.get(path)).text("//*[@id='decide']")


async def test_who_looks_for_a_partner_is_seen_by_others_and_not_by_the_buyer(market: Market) -> None:
    one, _ = await _founder(market, "Zagora Data")
    other, _ = await _founder(market, "Trouve")
    path = f"/tenders/{market.call}"
    sent = {"kind": "partner_wanted", "next": f"{path}/partners"}
    answer = await one.post(f"{path}/decision", sent)
    assert answer.response.headers["location"] == f"{path}/partners"
    assert "Vous êtes dans cette liste" in (await one.get(f"{path}/partners")).text()
    assert "Zagora Data" in (await other.get(f"{path}/partners")).text("//section[@aria-labelledby='looking']")
    buyer = await signed_in(market.api, market.buyer.id)
    assert "Zagora Data" not in (await buyer.get(path)).text()


async def test_a_bid_and_how_it_ended_are_noted(market: Market) -> None:
    browser, startup_id = await _founder(market)
    path = f"/tenders/{market.call}"
    shown = await browser.submit(await browser.get(path), f"{path}/decision", {"kind": "bid"})
    assert "Offre déposée" in shown.text("//*[@id='decide']")
    shown = await browser.submit(shown, f"{path}/feedback", {"verdict": "won", "startup": startup_id})
    assert "Félicitations" in shown.text("//*[@id='notice']")
    assert "Offre gagnée" in shown.text("//*[@id='decide']")


async def test_an_error_in_a_notice_reaches_who_can_mend_it_and_its_end_who_told(market: Market) -> None:
    browser, _ = await _founder(market)
    path = f"/tenders/{market.call}"
    said = {"verdict": "notice_error", "because": f"Le montant est faux {EVIL}", "part": "value"}
    shown = await browser.submit(await browser.get(path), f"{path}/feedback", said)
    assert "En attente de réponse" in shown.text("//*[@id='decide']")
    operator = await signed_in(market.api, (await market.api.person("operator")).id)
    assert "1 erreur attend une réponse." in (await operator.get("/operate/sources")).text()
    officer = await signed_in(market.api, market.buyer.id)
    assert "1 erreur attend une réponse." in (await officer.get("/calls")).text()
    with capture_logs() as logs:
        errors = await officer.get("/notice-errors")
    (done,) = [line for line in logs if line["event"] == "request.done"]
    assert done["queries"] <= 12
    assert "Montant" in errors.text("//li[contains(@class, 'notice-error')]")
    assert "500 000" in errors.text("//li[contains(@class, 'notice-error')]")
    assert EVIL in errors.text()
    assert path in errors.links()
    (form,) = [one.get("action") for one in errors.all("//form[contains(@action, '/answer')]")]
    refused = await officer.post(form, {"outcome": "nothing"})
    assert refused.status == 422
    closed = await officer.submit(errors, form, {"outcome": "corrected", "answer": "Merci, rectificatif publié"})
    assert "Aucune erreur n’attend de réponse" in closed.text()
    assert "Merci, rectificatif publié" in (await browser.get(path)).text("//*[@id='decide']")
    answered = await operator.get("/notice-errors?state=answered")
    again = await operator.submit(answered, form.replace("/answer", "/reopen"))
    assert "Rien ici" in again.text()
    rival = await signed_in(market.api, (await market.api.person("buyer")).id)
    assert "Le montant" not in (await rival.get("/notice-errors?state=all")).text()
    assert (await rival.post(form, {"outcome": "no_error"})).status == 404
    assert (await browser.get("/notice-errors")).status == 404


@pytest.mark.parametrize(
    ("path", "sent"),
    [("decision", {"kind": "saved"}), ("undecide", {}), ("feedback", {"verdict": "right"}), ("meeting", {})],
)
async def test_who_may_not_act_does_not(market: Market, path: str, sent: dict[str, str]) -> None:
    reader = await signed_in(market.api, market.firm.id, Role.READER)
    shown = await reader.get(f"/tenders/{market.call}")
    assert not [form for form in shown.root.forms if "/tenders/" in form.get("action", "")]
    assert (await reader.post(f"/tenders/{market.call}/{path}", sent)).status == 403
    officer = await signed_in(market.api, market.buyer.id)
    assert (await officer.post(f"/tenders/{market.call}/{path}", sent)).status == 404
    rival, _ = await _founder(market)
    theirs = {**sent, "startup": market.startup}
    assert (await rival.post(f"/tenders/{market.call}/{path}", theirs)).status == 404


@pytest.mark.parametrize(
    "sent",
    [{}, {"kind": "nothing"}, {"kind": "invited"}, {"kind": "dismissed", "reason": "x" * 2_001}],
)
async def test_what_is_no_decision_of_a_founder_is_refused(market: Market, sent: dict[str, str]) -> None:
    browser = await signed_in(market.api, market.firm.id)
    assert (await browser.post(f"/tenders/{market.call}/decision", sent)).status in {403, 422}


async def test_the_way_back_stays_here(market: Market) -> None:
    browser, _ = await _founder(market)
    path = f"/tenders/{market.call}"
    answer = await browser.post(f"{path}/decision", {"kind": "saved", "next": "//evil.example"})
    assert answer.response.headers["location"] == path


async def test_a_meeting_is_refused_while_bidders_compete_and_asked_for_elsewhere(market: Market) -> None:
    browser, _ = await _founder(market)
    wanted = {"topic": "Votre besoin", "starts_at": in_days(9)[:16], "minutes": "30", "place": "en ligne",
              "contact": "bureau@neuve.example"}  # fmt: skip
    refused = await browser.post(f"/tenders/{market.call}/meeting", wanted)
    assert refused.status == 422
    assert "Votre besoin" in refused.text()  # nothing typed is lost
    assert refused.all("//*[@id='errors']")
    page = await browser.get(f"/tenders/{market.hostile}/meeting")
    shown = await browser.submit(page, f"/tenders/{market.hostile}/meeting", wanted)
    assert "Demande envoyée" in shown.text("//*[@id='notice']")
    (asked,) = (await market.buyer.client.get("/v1/meetings")).json()["items"]
    assert asked["topic"] == "Votre besoin"
