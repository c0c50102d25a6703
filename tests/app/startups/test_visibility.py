"""Who sees what, and who may change what: the four kinds of organisation, each also as a stranger."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.app.startups.records import atlas
from tests.app.startups.test_endpoints import make
from tests.support.api import Api, Person

WRITE = ("startups:read", "startups:write")


@dataclass(frozen=True)
class Cast:
    """An incubator's startup before and after its claim, and everybody around it."""

    people: dict[str, Person]
    unclaimed: str
    claimed: str
    hidden: str


@pytest.fixture
async def cast(api: Api) -> Cast:
    kinds = ("startup", "buyer", "incubator", "operator")
    people = {kind: await api.person(kind, scopes=WRITE) for kind in kinds}
    people |= {f"other {kind}": await api.person(kind, scopes=WRITE) for kind in kinds if kind != "operator"}
    incubator, startup = people["incubator"], people["startup"]
    paths = {}
    for name in ("unclaimed", "claimed", "hidden"):
        made = await make(incubator, id=name, name=name)
        paths[name] = f"/v1/startups/{made['id']}"
    for name in ("claimed", "hidden"):
        token = (await incubator.client.post(f"{paths[name]}/claims")).json()["token"]
        assert (await startup.client.post("/v1/claims", json={"token": token})).status_code == 200
    await startup.client.post(f"{paths['hidden']}/listing", json={"listed": False})
    return Cast(people, paths["unclaimed"], paths["claimed"], paths["hidden"])


SEEN = {
    "unclaimed": {"incubator": "whole", "operator": "whole"},
    "claimed": {
        "incubator": "whole", "operator": "whole", "startup": "whole", "buyer": "public", "other buyer": "public",
    },
    "hidden": {"incubator": "whole", "operator": "whole", "startup": "whole"},
}  # fmt: skip

# 200: may change; 409: could, until the startup took it over; 404: anybody else, whatever it may see.
CHANGED = {
    "unclaimed": {"incubator": 200, "operator": 200},
    "claimed": {"startup": 200, "operator": 200, "incubator": 409},
    "hidden": {"startup": 200, "operator": 200, "incubator": 409},
}


@pytest.mark.parametrize("which", list(SEEN))
async def test_who_sees_a_startup(cast: Cast, which: str) -> None:
    path: str = getattr(cast, which)
    for who, person in cast.people.items():
        answer = await person.client.get(path)
        view = answer.json()["view"] if answer.status_code == 200 else None
        assert view == SEEN[which].get(who), who
        assert answer.status_code == (200 if view else 404), who
        listed = (await person.client.get("/v1/startups")).json()["items"]
        assert (which in [line["name"] for line in listed]) == (view is not None), who
        searched = (await person.client.get("/v1/startups", params={"q": which})).json()["items"]
        assert len(searched) == (view is not None), who
        for kept in ("/history", "/history/1"):
            assert (await person.client.get(path + kept)).status_code == (200 if view == "whole" else 404), who


@pytest.mark.parametrize("which", list(CHANGED))
async def test_who_changes_a_startup(cast: Cast, which: str) -> None:
    path: str = getattr(cast, which)
    for who, person in cast.people.items():
        expected = CHANGED[which].get(who, 404)
        etag = (await person.client.get(path)).headers.get("ETag", '"none"')
        headers = {"If-Match": etag}
        body = atlas(id=which, name=f"{which} by {who}")
        assert (await person.client.put(path, json=body, headers=headers)).status_code == expected, who
        etag = (await person.client.get(path)).headers.get("ETag", '"none"')
        patched = await person.client.patch(path, json={"city": who}, headers={"If-Match": etag})
        assert patched.status_code == expected, who
        assert (await person.client.get(f"{path}/export")).status_code == expected, who
        if expected != 200:
            assert (await person.client.post(f"{path}/listing", json={"listed": True})).status_code == expected, who
            assert (await person.client.post(f"{path}/claims")).status_code == expected, who
            assert (await person.client.delete(path)).status_code == expected, who


async def test_the_public_part_holds_nothing_private(cast: Cast) -> None:
    buyer = cast.people["buyer"]
    shown = (await buyer.client.get(cast.claimed)).json()
    for private in ("secret", "1234567", "480000", "phone", "external_id", "registrar", "owner", "turnover", "website"):
        assert private not in json.dumps(shown), private
    assert shown["references"] == [
        {
            "title": "Télégestion de forages", "buyer": "Commune de Biougra", "cpv": [], "place": None,
            "date": "2025-03-01", "sector": None,
        }
    ]  # fmt: skip
    assert shown["labels"] == [{"name": "Jeune entreprise innovante", "issuer": "Technopark"}]
    listed = (await buyer.client.get("/v1/startups")).json()
    assert "secret" not in json.dumps(listed)


async def test_a_buyer_finds_nothing_by_what_is_private(cast: Cast) -> None:
    buyer = cast.people["buyer"]
    for private in ("secret", "1234567", "technopark", "Biougra"):
        answer = await buyer.client.get("/v1/startups", params={"q": private})
        assert answer.json()["items"] == [], private


async def test_filters_do_not_open_what_is_closed(cast: Cast) -> None:
    buyer = cast.people["buyer"]
    for params in ({"listed": "false"}, {"q": "unclaimed or hidden"}):
        assert (await buyer.client.get("/v1/startups", params=params)).json()["items"] == []


async def test_scopes_are_needed(api: Api) -> None:
    reader = await api.person("startup", scopes=("startups:read",))
    writer = await api.person("startup", scopes=("startups:write",))
    assert (await reader.client.post("/v1/startups", json=atlas())).status_code == 403
    assert (await writer.client.get("/v1/startups")).status_code == 403
    assert (await api.client.get("/v1/startups")).status_code == 401
