"""A startup takes over the profile that somebody made of it."""

from __future__ import annotations

import asyncio
import datetime as dt

from app.startups.claims import VALID_FOR
from tests.app.startups.test_endpoints import make
from tests.support.api import Api, Person


async def claimable(api: Api, incubator: Person) -> tuple[str, str]:
    """The path and the claim token of a new profile."""
    path = f"/v1/startups/{(await make(incubator))['id']}"
    answer = await incubator.client.post(f"{path}/claims")
    assert answer.status_code == 201
    return path, answer.json()["token"]


async def test_the_profile_becomes_the_startups_own_and_is_listed(api: Api) -> None:
    incubator, startup, buyer = [await api.person(kind) for kind in ("incubator", "startup", "buyer")]
    path, token = await claimable(api, incubator)
    assert (await startup.client.get(path)).status_code == 404
    taken = await startup.client.post("/v1/claims", json={"token": token})
    assert taken.status_code == 200
    assert path.endswith(taken.json()["startup_id"])
    mine = (await startup.client.get(path)).json()
    assert (mine["owner_id"], mine["registrar_id"]) == (str(startup.id), str(incubator.id))
    assert mine["listed"] is True
    assert mine["agreed_at"] == taken.json()["agreed_at"]
    assert (await buyer.client.get(path)).status_code == 200


async def test_a_token_works_once_whoever_sends_it_again(api: Api) -> None:
    startup, other = await api.person("startup"), await api.person("startup")
    path, token = await claimable(api, await api.person("incubator"))
    assert (await startup.client.post("/v1/claims", json={"token": token})).status_code == 200
    for person in (startup, other):
        answer = await person.client.post("/v1/claims", json={"token": token})
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/claim-used"
    assert (await startup.client.get(path)).json()["owner_id"] == str(startup.id)


async def test_of_many_who_send_it_at_once_one_gets_it(api: Api) -> None:
    people = [await api.person("startup") for _ in range(4)]
    path, token = await claimable(api, await api.person("incubator"))
    answers = await asyncio.gather(*(one.client.post("/v1/claims", json={"token": token}) for one in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    winner = next(one for one, answer in zip(people, answers, strict=True) if answer.status_code == 200)
    assert (await winner.client.get(path)).json()["owner_id"] == str(winner.id)


async def test_only_startups_claim(api: Api) -> None:
    _, token = await claimable(api, await api.person("incubator"))
    for kind in ("incubator", "operator"):
        answer = await (await api.person(kind)).client.post("/v1/claims", json={"token": token})
        assert answer.json()["type"] == "/problems/wrong-organisation-kind"


async def test_an_unknown_token_is_told_so(api: Api) -> None:
    startup = await api.person("startup")
    for token in ("sfqc_" + "0" * 43, "x", "é" * 200):
        answer = await startup.client.post("/v1/claims", json={"token": token})
        assert answer.json()["type"] == "/problems/claim-not-found"
    for token in ("", "x" * 201, "\0", 7, None):
        assert (await startup.client.post("/v1/claims", json={"token": token})).status_code == 422


async def test_a_newer_token_replaces_the_older(api: Api) -> None:
    incubator, startup = await api.person("incubator"), await api.person("startup")
    path, old = await claimable(api, incubator)
    new = (await incubator.client.post(f"{path}/claims")).json()["token"]
    assert (await startup.client.post("/v1/claims", json={"token": old})).json()["type"] == "/problems/claim-not-found"
    assert (await startup.client.post("/v1/claims", json={"token": new})).status_code == 200


async def test_it_ends_after_thirty_days(api: Api) -> None:
    incubator, startup = await api.person("incubator"), await api.person("startup")
    path = f"/v1/startups/{(await make(incubator))['id']}"
    made = (await incubator.client.post(f"{path}/claims")).json()
    left = dt.datetime.fromisoformat(made["expires_at"]) - dt.datetime.now(dt.UTC)
    assert VALID_FOR - dt.timedelta(minutes=5) < left <= VALID_FOR
    async with api.runtime.sessions.begin() as session:
        raw = await (await session.connection()).get_raw_connection()
        await raw.driver_connection.execute("UPDATE startup_claim SET expires_at = now()")
    answer = await startup.client.post("/v1/claims", json={"token": made["token"]})
    assert answer.status_code == 410
    assert answer.json()["type"] == "/problems/claim-expired"
    assert (await startup.client.get(path)).status_code == 404


async def test_a_claimed_profile_gives_no_further_tokens(api: Api) -> None:
    incubator, startup, operator = [await api.person(kind) for kind in ("incubator", "startup", "operator")]
    path, token = await claimable(api, incubator)
    await startup.client.post("/v1/claims", json={"token": token})
    for person in (incubator, operator, startup):
        answer = await person.client.post(f"{path}/claims")
        assert answer.json()["type"] == "/problems/startup-claimed"


async def test_the_token_is_stored_nowhere(api: Api) -> None:
    incubator = await api.person("incubator")
    path = f"/v1/startups/{(await make(incubator))['id']}"
    headers = {"Idempotency-Key": "claim"}
    first = (await incubator.client.post(f"{path}/claims", headers=headers)).json()
    assert (await incubator.client.post(f"{path}/claims", headers=headers)).json() == first
    for table in ("startup_claim", "idempotency_key"):
        for row in await api.runtime.hot.fetch(f"SELECT * FROM {table}"):
            assert first["token"] not in str(list(row.values()))
