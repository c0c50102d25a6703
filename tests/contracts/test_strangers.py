"""Every route, walked with a stranger's key: nobody sees, changes or learns of another's rows."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

import pytest

from app.main import create_app
from tests.support.api import KEYLESS, Api, Person, settings_for
from tests.support.db import Database
from tests.support.factories import in_days, startup, tender
from tests.support.meetings import meeting
from tests.support.offers import offer
from tests.support.pilots import pilot

SECRET_WORDS = ("Zirkhoun", "Tamarist")
# Routes without an object of somebody's in the path: what they show is tested with their domain.
COLLECTIONS = {
    ("GET", "/v1/me"), ("GET", "/v1/keys"), ("POST", "/v1/keys"), ("POST", "/v1/organisations"),
    ("GET", "/v1/organisations"), ("GET", "/v1/startups"), ("POST", "/v1/startups"), ("POST", "/v1/claims"),
    ("GET", "/v1/tenders"), ("POST", "/v1/tenders"), ("GET", "/v1/tenders/ocds"), ("GET", "/v1/tenders/links"),
    ("GET", "/v1/changes/tenders"), ("GET", "/v1/buyers/history"), ("GET", "/v1/sources"),
    ("GET", "/v1/changes/matches"), ("POST", "/v1/eligibility"), ("GET", "/v1/algorithms"), ("POST", "/v1/match"), ("POST", "/v1/feedback"), ("GET", "/v1/notice-errors"),
    ("GET", "/v1/imports"), ("POST", "/v1/imports/startups"), ("POST", "/v1/imports/tenders"),
    ("GET", "/v1/senders"), ("POST", "/v1/senders"), ("GET", "/v1/webhooks"), ("POST", "/v1/webhooks"),
    ("GET", "/v1/digests"), ("POST", "/v1/digests"),
    ("GET", "/v1/events"), ("POST", "/v1/mirror"),
    ("GET", "/v1/cohort/openings"), ("GET", "/v1/events/stream"), ("GET", "/v1/feeds"), ("POST", "/v1/feeds"),
    ("GET", "/v1/searches"), ("POST", "/v1/searches"),
    ("GET", "/v1/pilots"), ("POST", "/v1/pilots"), ("GET", "/v1/support"), ("GET", "/v1/support-offers"),
    ("POST", "/v1/support-offers"), ("GET", "/v1/meetings"), ("POST", "/v1/meetings"),
}  # fmt: skip
BODIES: dict[str, dict[str, object]] = {
    "/v1/tenders/{tender_id}/mirror": {},
    "/v1/tenders/{tender_id}/consortia": {},
    "/v1/startups/{startup_id}": startup(),
    "/v1/tenders/{tender_id}": tender(),
    "/v1/startups/{startup_id}/listing": {"listed": False},
    "/v1/tenders/{tender_id}/decisions/{startup_id}": {"kind": "invited"},
    "/v1/tenders/{tender_id}/requirements/{kind}": {"values": []},
    "/v1/startups/{startup_id}/evidence": {"legal_form": "company"},
    "/v1/startups/{startup_id}/decisions/{tender_id}": {"kind": "saved"},
    "/v1/notice-errors/{error_id}/answer": {"outcome": "corrected"},
    "/v1/pilots/{pilot_id}": pilot(),
    "/v1/pilots/{pilot_id}/choose": {"startup_id": str(uuid.uuid4())},
    "/v1/pilots/{pilot_id}/cancel": {"because": "x"},
    "/v1/pilots/{pilot_id}/close": {"verdicts": [{"criterion": 1, "verdict": "met"}]},
    "/v1/pilots/{pilot_id}/applications/{startup_id}": {"message": "x"},
    "/v1/startups/{startup_id}/attestations/{code}": {"accepted": True},
    "/v1/attestations/{code}/revoke": {"because": "x"},
    "/v1/support-offers/{offer_id}": offer(),
    "/v1/meetings/{meeting_id}/accept": {"contact": "x"},
    "/v1/meetings/{meeting_id}/propose": {"starts_at": in_days(7), "place": "online", "contact": "x"},
    "/v1/meetings/{meeting_id}/decline": {},
    "/v1/meetings/{meeting_id}/withdraw": {},
}


@dataclass
class World:
    """One startup with its evidence, one draft with a document, one pilot, one key and one import that are nobody else's business."""

    ids: dict[str, str]
    strangers: list[Person]


@pytest.fixture
async def world(api: Api) -> World:
    owner = await api.person("startup", "Firme Zirkhoun")
    buyer = await api.person("buyer", "Commune Tamarist")
    mine = (await owner.client.post("/v1/startups", json=startup("Zirkhoun", name="Zirkhoun"))).json()
    await owner.client.post(f"/v1/startups/{mine['id']}/listing", json={"listed": False})
    draft = (await buyer.client.post("/v1/tenders", json=tender("Tamarist"))).json()
    trial = (await buyer.client.post("/v1/pilots", json=pilot("Tamarist"))).json()
    other = await api.person("buyer", "Régie fictive")
    shown = (await other.client.post("/v1/pilots", json=pilot() | {"state": "open"})).json()
    call = (await other.client.post("/v1/tenders", json=tender() | {"status": "published"})).json()
    wrong = {"tender_id": call["id"], "startup_id": mine["id"], "verdict": "notice_error", "because": "Tamarist"}
    told = await owner.client.post("/v1/feedback", json=wrong)
    asked = await owner.client.post("/v1/meetings", json=meeting(mine["id"], pilot_id=shown["id"], topic="Tamarist"))
    partner = await api.person("incubator", "Réseau fictif")
    offered = (await partner.client.post("/v1/support-offers", json=offer())).json()
    run = await buyer.client.post(
        "/v1/imports/tenders", params={"filename": "calls.jsonl"}, content=b'{"id": "1", "title": "Tamarist"}\n'
    )
    paper = await owner.client.post(
        f"/v1/startups/{mine['id']}/evidence/files", params={"filename": "Zirkhoun.pdf"}, content=b"%PDF-1.7 Zirkhoun"
    )
    rules = await buyer.client.post(f"/v1/tenders/{draft['id']}/documents", content=b"Caution : Tamarist")
    evidence = f"/v1/startups/{mine['id']}/evidence"
    etag = (await owner.client.get(evidence)).headers["ETag"]
    await owner.client.put(evidence, json={"labels": [{"name": "Zirkhoun"}]}, headers={"If-Match": etag})
    ids = {
        "startup_id": mine["id"],
        "tender_id": draft["id"],
        "organisation_id": str(buyer.id),
        "key_id": (await owner.client.get("/v1/keys")).json()[0]["id"],
        "run_id": run.json()["id"],
        "version": "1",
        "kind": "bond",
        "file_id": paper.json()["id"],
        "document_id": rules.json()["id"],
        "pilot_id": trial["id"],
        "meeting_id": asked.json()["id"],
        "offer_id": offered["id"],
        "error_id": told.json()["id"],
    }
    strangers = [await api.person(kind, "Intrus") for kind in ("startup", "buyer", "incubator")]
    return World(ids, strangers)


def routes(database: Database) -> list[tuple[str, str]]:
    document = create_app(settings_for(database)).openapi()
    return [
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
        # Signed messages carry no key: tests/app/push tests whom they let in.
        if path.startswith("/v1/")
        and not path.startswith("/v1/push/")
        and path not in KEYLESS
        and method in {"get", "post", "put", "patch", "delete"}
    ]


async def test_no_route_gives_a_stranger_anything(api: Api, world: World, fresh: Database) -> None:
    known = routes(fresh)
    assert {route for route in COLLECTIONS if route not in known} == set(), "a route listed here is gone"
    walked = 0
    for method, path in known:
        if (method, path) in COLLECTIONS:
            continue
        assert "{" in path, f"{method} {path} has no object in its path: list it in COLLECTIONS and test its contents"
        url = re.sub(r"\{(\w+)\}", lambda found: world.ids.get(found.group(1), str(uuid.uuid4())), path)
        for stranger in world.strangers:
            body = BODIES.get(path) if method in {"PUT", "POST", "PATCH"} else None
            headers = {"If-Match": '"x"', "Content-Type": "application/merge-patch+json" if method == "PATCH" else
                       "application/json"}  # fmt: skip
            answer = await stranger.client.request(method, url, json=body, headers=headers)
            assert answer.status_code in {403, 404, 422}, (stranger.kind, method, path, answer.status_code)
            assert not any(word in answer.text for word in SECRET_WORDS), (stranger.kind, method, path)
            walked += 1
    assert walked >= 60


async def test_no_list_shows_a_stranger_anything(api: Api, world: World) -> None:
    for stranger in world.strangers:
        for path in ("/v1/startups", "/v1/tenders", "/v1/tenders/ocds", "/v1/changes/tenders", "/v1/changes/matches",
                     "/v1/events", "/v1/imports", "/v1/startups?q=Zirkhoun", "/v1/tenders?q=Tamarist",
                     "/v1/pilots", "/v1/pilots?state=draft&q=Tamarist", "/v1/meetings",
                     "/v1/searches", "/v1/support-offers"):  # fmt: skip
            answer = await stranger.client.get(path)
            if answer.status_code == 403:
                continue  # the key's kind has no scope for it
            assert answer.status_code == 200, (stranger.kind, path, answer.text)
            assert not any(word in answer.text for word in SECRET_WORDS), (stranger.kind, path)


async def test_every_route_refuses_a_caller_without_a_key(api: Api, world: World, fresh: Database) -> None:
    for method, path in routes(fresh):
        url = re.sub(r"\{(\w+)\}", lambda found: world.ids.get(found.group(1), str(uuid.uuid4())), path)
        answer = await api.client.request(method, url)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_key_without_scopes_opens_nothing(api: Api, world: World, fresh: Database) -> None:
    powerless = await api.person("operator", scopes=())
    for method, path in routes(fresh):
        url = re.sub(r"\{(\w+)\}", lambda found: world.ids.get(found.group(1), str(uuid.uuid4())), path)
        answer = await powerless.client.request(method, url, json=BODIES.get(path))
        assert answer.status_code in {403, 422}, (method, path, answer.status_code)
