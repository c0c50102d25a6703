"""Keys and organisations through the API."""

from __future__ import annotations

import datetime as dt

from tests.support.api import Api


class TestWhoAmI:
    async def test_a_key_tells_its_organisation_and_scopes(self, api: Api) -> None:
        buyer = await api.person("buyer", "Commune fictive")
        answer = await buyer.client.get("/v1/me")
        assert answer.status_code == 200
        assert answer.json()["organisation"]["name"] == "Commune fictive"
        assert "tenders:write" in answer.json()["scopes"]
        assert "startups:write" not in answer.json()["scopes"]

    async def test_no_key_a_wrong_key_and_a_mangled_one_are_all_told_the_same(self, api: Api) -> None:
        for headers in ({}, {"Authorization": "Bearer sfq_wrong"}, {"Authorization": "Bearer " + "x" * 5_000}):
            answer = await api.client.get("/v1/me", headers=headers)
            assert answer.status_code == 401
            assert answer.json()["type"] == "/problems/unauthenticated"
            assert answer.headers["WWW-Authenticate"] == "Bearer"


class TestKeys:
    async def test_a_new_key_works_until_it_is_revoked(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await startup.client.post("/v1/keys", json={"name": "bot", "scopes": ["accounts:read"]})
        assert made.status_code == 201
        headers = {"Authorization": f"Bearer {made.json()['token']}"}
        assert (await api.client.get("/v1/me", headers=headers)).status_code == 200
        gone = await startup.client.delete(made.headers["Location"])
        assert gone.status_code == 204
        assert (await api.client.get("/v1/me", headers=headers)).status_code == 401

    async def test_an_expired_key_is_no_key(self, api: Api) -> None:
        startup = await api.person("startup")
        past = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)).isoformat()
        order = {"name": "old", "scopes": ["accounts:read"], "expires_at": past}
        token = (await startup.client.post("/v1/keys", json=order)).json()["token"]
        answer = await api.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401

    async def test_a_key_cannot_give_more_than_it_has(self, api: Api) -> None:
        startup = await api.person("startup")
        answer = await startup.client.post("/v1/keys", json={"name": "more", "scopes": ["imports:write"]})
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/scope-beyond-caller"
        assert answer.json()["scopes"] == ["imports:write"]

    async def test_the_list_never_holds_a_token_and_never_a_strangers_key(self, api: Api) -> None:
        one, other = await api.person("startup"), await api.person("buyer")
        mine = (await one.client.get("/v1/keys")).json()
        assert len(mine) == 1
        assert one.token not in str(mine)
        key_id = mine[0]["id"]
        assert (await other.client.delete(f"/v1/keys/{key_id}")).status_code == 404
        assert (await one.client.get("/v1/me")).status_code == 200

    async def test_the_database_holds_no_token(self, api: Api) -> None:
        person = await api.person("startup")
        rows = await api.runtime.hot.fetch("SELECT key::text AS whole FROM api_key AS key")
        assert rows
        assert all(person.token[10:] not in row["whole"] for row in rows)

    async def test_a_repeated_post_gives_the_same_key_once(self, api: Api) -> None:
        startup = await api.person("startup")
        order = {"name": "bot", "scopes": ["accounts:read"]}
        answers = [
            await startup.client.post("/v1/keys", json=order, headers={"Idempotency-Key": "abc"}) for _ in range(2)
        ]
        assert answers[0].json() == answers[1].json()
        assert len((await startup.client.get("/v1/keys")).json()) == 2


class TestOrganisations:
    async def test_an_operator_brings_in_an_organisation_whose_first_key_works(self, api: Api) -> None:
        operator = await api.person("operator")
        made = await operator.client.post("/v1/organisations", json={"kind": "incubator", "name": "Pépinière fictive"})
        assert made.status_code == 201
        token = made.json()["key"]["token"]
        me = await api.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["organisation"]["name"] == "Pépinière fictive"
        listed = await operator.client.get("/v1/organisations", params={"limit": 1})
        assert len(listed.json()["items"]) == 1
        following = await operator.client.get("/v1/organisations", params={"cursor": listed.json()["next"]})
        assert [item["name"] for item in following.json()["items"]] == ["Pépinière fictive"]

    async def test_nobody_else_makes_lists_or_reads_organisations(self, api: Api) -> None:
        buyer, other = await api.person("buyer"), await api.person("startup")
        order = {"kind": "operator", "name": "me"}
        assert (await buyer.client.post("/v1/organisations", json=order)).status_code == 404
        assert (await buyer.client.get("/v1/organisations")).status_code == 404
        assert (await buyer.client.get(f"/v1/organisations/{other.id}")).status_code == 404
        assert (await buyer.client.get(f"/v1/organisations/{buyer.id}")).status_code == 200
