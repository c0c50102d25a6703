"""Every page and every form, walked by those whom it is not for: signed out, readers, other organisations."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest
from fastapi.routing import APIRoute

import app.web.assets
from app.members.roles import Role
from app.web.pages import PageRoute
from tests.support.api import Api, Person
from tests.support.factories import startup, tender
from tests.support.meetings import meeting
from tests.support.page_routes import page_routes
from tests.support.pages import FORM, Browser, signed_in, stranger
from tests.support.pilots import pilot

SECRET_WORDS = ("Zirkhoun", "Tamarist")
OPEN = {
    "/", "/language", "/robots.txt", "/favicon.ico", "/sign-in", "/sign-out", "/sign-up", "/sign-up/done",
    "/attestations", "/attestations/{code}",
}  # fmt: skip
OPEN_BELOW = ("/sign-in/", "/invitation/")
OWN = {"/organisation", "/account/profile", "/account/password", "/account/delete", "/account/sessions/end-others"}
"""What is everybody's own, whatever their role: the account, and where one goes on."""
OWN_BELOW = ("/account/sessions/", "/account/second-factor", "/account/address", "/account/letters")
WHAT_COMES = {
    "name": "x", "kind": "saved", "role": "reader", "to": "off", "what": "all", "version": "1", "lang": "fr",
    "mail": "x@strangers.example", "list": "matches", "selection": "startup", "language": "fr", "scopes": "tenders:read",
    "verdict": "relevant", "do": "send", "title": "x", "url": "https://x.example/", "types": "tender.created",
    "outcome": "corrected",
}  # fmt: skip


def _is(path: str, paths: set[str], below: tuple[str, ...]) -> bool:
    return path in paths or path.startswith(below)


def _address(path: str, ids: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: ids.get(found.group(1), str(uuid.uuid4())), path)


async def _token(browser: Browser) -> dict[str, str]:
    shown = await browser.get("/no-such-page")
    return {"csrf_token": shown.all("//input[@name='csrf_token']")[0].get("value")}


async def _ask(browser: Browser, method: str, path: str, sent: Mapping[str, str]) -> httpx.Response:
    return await browser.client.request(method, path, data=sent if method == "POST" else None, headers=FORM)


def test_every_form_is_checked_for_where_it_comes_from() -> None:
    found = page_routes()
    assert len(found) > 150
    unchecked = {route.path for route in found if not isinstance(route, PageRoute)}
    assert unchecked == {route.path for route in app.web.assets.router.routes if isinstance(route, APIRoute)}
    assert {method for route in found for method in route.methods} <= {"GET", "POST"}


async def test_who_is_not_signed_in_is_led_to_the_door(api: Api) -> None:
    browser = stranger(api)
    token = await _token(browser)
    ids = {"form": "csv", "name": "documents", "position": "0", "step": "publish", "number": "1"}
    for route in page_routes():
        if not isinstance(route, PageRoute) or _is(route.path, OPEN, OPEN_BELOW):
            continue
        (method,) = route.methods
        path = _address(route.path, ids)
        answer = await _ask(browser, method, path, token)
        assert (method, path, answer.status_code) == (method, path, 303)
        assert answer.headers["location"].startswith("/sign-in")
        if method == "POST":
            assert (path, (await _ask(browser, method, path, {"a": "b"})).status_code) == (path, 403)


@pytest.mark.parametrize("kind", ["startup", "buyer", "incubator", "operator"])
async def test_a_reader_changes_nothing(api: Api, kind: str) -> None:
    browser = await signed_in(api, (await api.person(kind)).id, Role.READER)
    token = await _token(browser)
    for route in page_routes():
        if route.methods != {"POST"} or _is(route.path, OPEN | OWN, OPEN_BELOW + OWN_BELOW):
            continue
        path = _address(route.path, {"name": "documents", "position": "0", "step": "publish"})
        answer = await _ask(browser, "POST", path, {**WHAT_COMES, **token})
        refused = {403, 404} if route.path != "/profile/new/understood" else {403, 404, 200}
        assert (path, answer.status_code in refused) == (path, True), answer.status_code


@dataclass
class World:
    """An unlisted startup and a draft with all that pages show and change of their organisations."""

    startup: Person
    buyer: Person
    ids: dict[str, str]


@pytest.fixture
async def world(api: Api) -> World:
    owner, buyer = await api.person("startup", "Firme Zirkhoun"), await api.person("buyer", "Commune Tamarist")
    mine = (await owner.client.post("/v1/startups", json=startup("Zirkhoun", name="Zirkhoun"))).json()["id"]
    await owner.client.post(f"/v1/startups/{mine}/listing", json={"listed": False})
    draft = (await buyer.client.post("/v1/tenders", json=tender("Tamarist"))).json()["id"]
    run = await buyer.client.post(
        "/v1/imports/tenders", params={"filename": "calls.jsonl"}, content=b'{"id": "1", "title": "Tamarist"}\n'
    )
    rules = await buyer.client.post(f"/v1/tenders/{draft}/documents", content=b"Caution : Tamarist")
    paper = await owner.client.post(
        f"/v1/startups/{mine}/evidence/files", params={"filename": "Zirkhoun.pdf"}, content=b"%PDF-1.7 Zirkhoun"
    )
    theirs = await (await api.person("buyer")).client.post("/v1/tenders", json=tender() | {"status": "published"})
    wrong = {"startup_id": mine, "tender_id": theirs.json()["id"], "verdict": "notice_error", "because": "Zirkhoun"}
    told = await owner.client.post("/v1/feedback", json=wrong)
    trial = await buyer.client.post("/v1/pilots", json=pilot("Tamarist"))
    other = await api.person("buyer", "Régie fictive")
    shown = await other.client.post("/v1/pilots", json=pilot() | {"state": "open"})
    asked = meeting(mine, pilot_id=shown.json()["id"], topic="Zirkhoun")
    met = await owner.client.post("/v1/meetings", json=asked)
    search = {"name": "Zirkhoun", "list": "matches", "startup_id": mine, "asked": {}}
    kept = await owner.client.post("/v1/searches", json=search)
    hook = {"url": "https://hooks.example/Zirkhoun", "types": ["match.created"]}
    made = await owner.client.post("/v1/webhooks", json=hook)
    feed = await owner.client.post("/v1/feeds", json={"selection": "startup", "startup_id": mine, "language": "fr"})
    admin = await signed_in(api, owner.id, name="Zirkhoun")
    invited = {"mail": "zirkhoun@people.example", "role": "member", "lang": "fr"}
    assert (await admin.post("/members/invitations", invited)).status == 303
    ids = {
        "startup_id": mine, "startup": mine, "tender_id": draft, "call": draft, "import_id": run.json()["id"],
        "document_id": rules.json()["id"], "file_id": paper.json()["id"], "search_id": kept.json()["id"],
        "endpoint_id": made.json()["id"], "feed_id": feed.json()["id"], "error_id": told.json()["id"], "pilot_id": trial.json()["id"],
        "meeting_id": met.json()["id"],
        "key_id": (await owner.client.get("/v1/keys")).json()[0]["id"],
        "organisation_id": str(owner.id), "organisation": str(owner.id),
    }  # fmt: skip
    for name, table in (("person_id", "membership"), ("invitation_id", "invitation"), ("session_id", "person_session")):
        column = "person_id" if name == "person_id" else "id"
        row = await api.runtime.hot.fetchval(f"SELECT {column} FROM {table} WHERE organisation_id = $1", owner.id)
        ids[name] = str(row)
    return World(owner, buyer, ids)


TABLES = (
    "startup", "tender", "import_run", "saved_search", "webhook_endpoint", "feed", "api_key", "membership", "person",
    "invitation", "person_session", "evidence_file", "tender_document", "decision", "feedback", "pilot", "meeting",
)  # fmt: skip


async def _stored(api: Api, ids: Mapping[str, str]) -> dict[str, list[str]]:
    like = [f"%{one}%" for one in ids.values()]
    hot = api.runtime.hot
    asked = "SELECT t::text AS row FROM {} t WHERE t::text LIKE ANY($1) ORDER BY 1"
    return {name: [row["row"] for row in await hot.fetch(asked.format(name), like)] for name in TABLES}


async def test_nobody_sees_or_changes_what_is_anothers(api: Api, world: World) -> None:
    before = await _stored(api, world.ids)
    assert [name for name, rows in before.items() if not rows] == ["decision"]
    fixed = {"form": "csv", "name": "documents", "position": "0", "step": "publish", "number": "1", "version": "1"}
    hidden = {name: world.ids[name] for name in ("startup", "startup_id", "tender_id", "call", "organisation")}
    asked = f"startup={world.ids['startup']}&call={world.ids['call']}"
    for kind in ("startup", "buyer", "incubator"):
        browser = await signed_in(api, (await api.person(kind, "Intrus")).id)
        token = await _token(browser)
        for route in page_routes():
            if not isinstance(route, PageRoute) or route.path in {"/sign-out", "/account/delete", "/account/password"}:
                continue
            (method,) = route.methods
            path = f"{_address(route.path, {**fixed, **world.ids})}?{asked}"
            answer = await _ask(browser, method, path, {**WHAT_COMES, **hidden, **token})
            assert (kind, method, path, answer.status_code < 500) == (kind, method, path, True)
            theirs = [name for name in re.findall(r"\{(\w+)", route.path) if name in world.ids and name != "session_id"]
            if theirs:
                told = answer.status_code in {403, 404, 422}
                assert (kind, method, path, told) == (kind, method, path, True), answer.status_code
            assert not any(word in answer.text for word in SECRET_WORDS), (kind, method, path)
    assert await _stored(api, world.ids) == before
