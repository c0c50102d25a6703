"""Alerts, webhooks and keys, as people use them: one organisation, one database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from app.members.roles import Role
from tests.support.api import Api, running_api
from tests.support.db import Cluster
from tests.support.factories import startup
from tests.support.pages import Browser, signed_in


@pytest.fixture(scope="module")
async def office(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("channels") as database, running_api(database) as api:
        yield api


async def founder(api: Api, role: Role = Role.ADMIN, lang: str = "en") -> Browser:
    firm = await api.person("startup", "Atlas Capteurs")
    await firm.client.post("/v1/startups", json=startup("Capteurs pour l'eau."))
    return await signed_in(api, firm.id, role, lang=lang)


async def test_a_feed_is_made_read_and_ended(office: Api) -> None:
    browser = await founder(office)
    shown = await browser.get("/alerts")
    made = await browser.submit(shown, "/alerts/feeds", {"selection": "simplified_access", "language": "ar"})
    addresses = [pre.text_content() for pre in made.all("//pre")]
    assert [address.rpartition(".")[2] for address in addresses] == ["atom", "ics"]
    assert (await office.client.get(addresses[0].replace("http://safqa.test", ""))).status_code == 200
    again = await browser.get("/alerts/feed")  # a reload shows the same, and makes nothing
    assert [pre.text_content() for pre in again.all("//pre")] == addresses
    after = await browser.get("/alerts")
    ends = [form.get("action") for form in after.root.forms if "/alerts/feeds/" in (form.get("action") or "")]
    assert len(ends) == 1
    done = await browser.submit(after, ends[0])
    assert "ended" in done.text("//*[@id='notice']")
    assert (await office.client.get(addresses[0].replace("http://safqa.test", ""))).status_code == 404


async def test_the_only_startup_is_chosen_already_and_left_out_where_it_is_not_meant(office: Api) -> None:
    browser = await founder(office)
    shown = await browser.get("/alerts")
    assert (await browser.submit(shown, "/alerts/feeds", {"selection": "startup"})).all("//pre")
    assert (await browser.submit(shown, "/alerts/feeds", {"selection": "cohort"})).all("//pre")
    assert len((await browser.get("/alerts")).all("//section[2]//tbody/tr")) == 2


async def test_another_session_is_not_shown_the_secret(office: Api) -> None:
    browser, other = await founder(office), await founder(office)
    made = await browser.submit(
        await browser.get("/alerts"), "/alerts/feeds", {"selection": "cohort", "language": "fr"}
    )
    assert made.all("//pre")
    stolen = next(cookie for cookie in browser.client.cookies.jar if cookie.name == "safqa_once")
    other.client.cookies.set("safqa_once", stolen.value or "", domain="safqa.test", path="/alerts/feed")
    assert (await other.get("/alerts/feed")).all("//pre") == []


async def test_a_digest_that_can_not_be_says_why_and_keeps_what_was_typed(office: Api) -> None:
    browser = await founder(office, lang="ar")
    shown = await browser.get("/alerts")
    assert not [form for form in shown.root.forms if form.get("action") == "/alerts/digests"]
    answer = await browser.post("/alerts/digests", {"address": "a@b.example", "lang": "ar", "every": "daily"})
    assert answer.status == 422
    assert answer.root.get("dir") == "rtl"
    assert answer.all("//*[@role='alert']") or "بريد" in answer.text()


async def test_a_digest_follows_a_kept_search_whichever_startup_was_chosen(
    office: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(office.transport.app._state, "mail", "sent")  # type: ignore[attr-defined]
    firm = await office.person("startup", "Atlas Capteurs")
    ids = [(await firm.client.post("/v1/startups", json=startup(name=name))).json()["id"] for name in ("Un", "Deux")]
    of = {"list": "matches", "startup_id": ids[0], "name": "Le <b>Souss</b>"}
    search = (await firm.client.post("/v1/searches", json=of)).json()["id"]
    browser = await signed_in(office, firm.id)
    wanted = {"address": "a@b.example", "startup_id": ids[1], "search_id": search}
    shown = await browser.submit(await browser.get("/alerts"), "/alerts/digests", wanted)
    assert "Un : Le <b>Souss</b>" in shown.text("//tbody/tr").replace("\N{NO-BREAK SPACE}", " ")
    assert [one["startup_id"] for one in (await firm.client.get("/v1/digests")).json()] == [ids[0]]


async def test_a_key_is_made_used_and_revoked(office: Api) -> None:
    browser = await founder(office)
    shown = await browser.get("/keys")
    refused = await browser.submit(shown, "/keys", {"name": "", "scopes": ["matches:read"]})
    assert refused.status == 422
    assert refused.all("//input[@name='name' and @aria-invalid='true']")
    made = await browser.submit(shown, "/keys", {"name": "<b>CRM</b>", "scopes": ["matches:read", "accounts:read"]})
    token = made.all("//pre")[0].text_content()
    headers = {"Authorization": f"Bearer {token}"}
    assert sorted((await office.client.get("/v1/me", headers=headers)).json()["scopes"]) == [
        "accounts:read", "matches:read",
    ]  # fmt: skip
    listed = await browser.get("/keys")
    assert "<b>CRM</b>" in listed.text()
    revoke = next(form.get("action") for form in listed.root.forms if (form.get("action") or "").endswith("/revoke"))
    keys = (await office.client.get("/v1/keys", headers=headers)).json()
    await browser.submit(listed, f"/keys/{next(key['id'] for key in keys if key['name'] == '<b>CRM</b>')}/revoke")
    assert revoke
    assert (await office.client.get("/v1/me", headers=headers)).status_code == 401


async def test_a_webhook_from_its_form_to_its_log(office: Api) -> None:
    browser = await founder(office)
    shown = await browser.get("/endpoints/new")
    wrong = await browser.submit(
        shown, "/endpoints/new", {"url": "http://127.0.0.1/hook", "min_amount": "9", "max_amount": "1"}
    )
    assert wrong.status == 422
    assert wrong.all("//input[@name='url']")[0].get("value") == "http://127.0.0.1/hook"
    made = await browser.submit(
        shown, "/endpoints/new",
        {"url": "https://hooks.example.org/safqa", "types": ["match.created"], "grades": ["strong"], "max_amount": "500000"},
    )  # fmt: skip
    assert made.all("//pre")[0].text_content().startswith("whsec_")
    home = str(made.response.url.path).removesuffix("/secret")
    edited = await browser.submit(await browser.get(f"{home}/edit"), f"{home}/edit", {"description": "CRM"})
    assert "CRM" in edited.text()
    found = (await browser.get(f"{home}/edit")).all("//input[@name='max_amount']")[0].get("value")
    assert found == "500000"
    pinged = await browser.submit(edited, f"{home}/ping")
    assert "/deliveries/" in str(pinged.response.url.path)
    log = await browser.get(f"{home}/deliveries?state=waiting")
    assert len(log.all("//tbody/tr")) == 1
    late = await browser.submit(log, f"{home}/deliveries/replay", {"what": "all"})
    never = await browser.submit(log, f"{home}/deliveries/replay", {"what": "all", "until": "9999-12-31"})
    assert never.status == 422
    assert late.status == 422
    assert late.all("//*[@role='alert']")
    paused = await browser.submit(await browser.get(home), f"{home}/state")
    assert "paused" in paused.text()
    gone = await browser.submit(await browser.get(home), f"{home}/delete")
    assert (gone.status, (await browser.get(home)).status) == (200, 404)


async def test_nobody_elses_and_no_reader_may_change(office: Api) -> None:
    owner, other = await founder(office), await founder(office)
    reader = await founder(office, Role.READER)
    made = await owner.submit(
        await owner.get("/endpoints/new"), "/endpoints/new", {"url": "https://hooks.example.org/x"}
    )
    home = str(made.response.url.path).removesuffix("/secret")
    for path in (home, f"{home}/edit", f"{home}/deliveries", f"{home}/secret"):
        assert (await other.get(path)).status == 404
    assert (await other.post(f"{home}/delete", {})).status == 404
    for path in ("/endpoints/new", "/keys/new"):
        assert (await reader.get(path)).status == 403
    for path in ("/keys", "/alerts/feeds", "/alerts/digests", "/endpoints/new"):
        assert (await reader.post(path, {"name": "x"})).status == 403
    assert (await owner.get(home)).status == 200


@pytest.mark.parametrize("path", ["/alerts", "/endpoints", "/keys"])
@pytest.mark.parametrize("lang", ["ar", "fr"])
async def test_pages_ask_the_database_little(office: Api, path: str, lang: str) -> None:
    browser = await founder(office, lang=lang)
    with capture_logs() as log:
        shown = await browser.get(path)
    assert (shown.status, shown.root.get("lang")) == (200, lang)
    (done,) = [entry for entry in log if entry["event"] == "request.done"]
    assert done["queries"] <= 6
