"""Profiles through the API: entered, read, changed, listed."""

from __future__ import annotations

import asyncio
import json
import uuid

import httpx
import pytest

from tests.app.startups.records import atlas
from tests.support.api import Api, Person


async def make(person: Person, **changes: object) -> dict[str, object]:
    answer = await person.client.post("/v1/startups", json=atlas(**changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def jobs(api: Api) -> list[str]:
    rows = await api.runtime.hot.fetch("SELECT convert_from(payload, 'UTF8') FROM pgqueuer.pgqueuer ORDER BY id")
    return [row[0] for row in rows]


class TestCreate:
    async def test_a_startup_enters_itself_and_is_listed_at_once(self, api: Api) -> None:
        startup = await api.person("startup")
        answer = await startup.client.post("/v1/startups", json=atlas())
        assert answer.status_code == 201
        made = answer.json()
        assert (made["external_id"], made["listed"], made["version"]) == ("atlas-irrigation", True, 1)
        assert made["owner_id"] == made["registrar_id"] == str(startup.id)
        assert made["phone"] == "secret-phone"
        assert made["turnover"] == {"amount": 1234567.5, "currency": "MAD", "year": 2025}
        assert answer.headers["Location"] == f"/v1/startups/{made['id']}"
        again = await startup.client.get(answer.headers["Location"])
        assert again.json() == made
        assert again.headers["ETag"] == answer.headers["ETag"]
        assert await jobs(api) == [json.dumps({"startup_id": made["id"], "version": 1}, separators=(",", ":"))]

    async def test_one_that_an_incubator_enters_is_not_listed(self, api: Api) -> None:
        made = await make(await api.person("incubator"))
        assert (made["listed"], made["agreed_at"], made["owner_id"]) == (False, None, None)

    async def test_a_buyer_makes_no_startups(self, api: Api) -> None:
        buyer = await api.person("buyer", scopes=("startups:write",))
        answer = await buyer.client.post("/v1/startups", json=atlas())
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/wrong-organisation-kind"

    async def test_an_external_id_is_used_once_per_organisation(self, api: Api) -> None:
        one, other = await api.person("incubator"), await api.person("incubator")
        await make(one)
        answer = await one.client.post("/v1/startups", json=atlas())
        assert answer.status_code == 409
        assert answer.json()["type"] == "/problems/startup-already-exists"
        await make(other)

    async def test_the_same_request_twice_makes_one_startup(self, api: Api) -> None:
        startup = await api.person("startup")
        headers = {"Idempotency-Key": "one"}
        first = await startup.client.post("/v1/startups", json=atlas(), headers=headers)
        second = await startup.client.post("/v1/startups", json=atlas(), headers=headers)
        assert (second.status_code, second.json()) == (201, first.json())
        assert second.headers["Location"] == first.headers["Location"]
        assert len(await jobs(api)) == 1

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            (b'{"id": "1", "name": "a\\u0000b"}', "#/name"),
            (b'{"id": "1", "name": "N", "x": "a\\u0000b"}', "#/x"),
            (b'{"id": "1", "name": "N", "x": "\\ud800"}', "#/x"),
            (b'{"id": "1", "name": "\\ud800"}', "#/name"),
            (b'{"id": "1", "name": "N", "x": NaN}', "#/x"),
            (b'{"id": "1", "name": "N", "x": 1e999}', "#/x"),
            (b'{"id": "1", "name": "N", "x": 9223372036854775808}', "#/x"),
            (b'{"id": "1", "name": "N", "x": ' + b"[" * 50 + b"]" * 50 + b"}", "#/x"),
            (b'{"id": "1", "name": ["N"]}', "#/name"),
            (b'{"id": "1", "name": "N", "employees": -1}', "#/employees"),
            (b'{"id": "1", "name": "N", "employees": "many"}', "#/employees"),
            (b'{"id": "1", "name": "N", "sectors": "IT"}', "#/sectors"),
            (b'{"id": "1", "name": "N", "references": [{"title": "T", "value": {"amount": 0}}]}', "#/references/0"),
            (b'{"name": "N"}', "#/id"),
            (b"[]", "#"),
            (b'"text"', "#"),
        ],
    )
    async def test_what_is_wrong_is_named(self, api: Api, body: bytes, pointer: str) -> None:
        startup = await api.person("startup")
        answer = await startup.client.post("/v1/startups", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"][0]["pointer"].startswith(pointer)

    @pytest.mark.parametrize("depth", [400, 5_000, 100_000])
    async def test_a_bottomless_body_is_a_refusal_not_a_fault(self, api: Api, depth: int) -> None:
        startup = await api.person("startup")
        body = b'{"id": "1", "name": "N", "x": ' + b"[" * depth + b"]" * depth + b"}"
        answer = await startup.client.post("/v1/startups", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)

    async def test_a_huge_but_lawful_profile_is_taken(self, api: Api) -> None:
        startup = await api.person("startup")
        big = {"description": "mot " * 200_000, "sectors": [f"secteur {n}" for n in range(500)], "name": "ﷺ" * 500}
        made = await make(startup, **big)
        assert len(str(made["description"])) > 700_000
        found = await startup.client.get("/v1/startups", params={"sector": "Secteur-499"})
        assert [line["id"] for line in found.json()["items"]] == [made["id"]]

    async def test_a_list_beyond_its_bound_is_refused_as_one_fault(self, api: Api) -> None:
        startup = await api.person("startup")
        answer = await startup.client.post("/v1/startups", json=atlas() | {"sectors": [1] * 100_000})
        assert answer.status_code == 422
        (wrong,) = answer.json()["errors"]
        assert (wrong["pointer"], wrong["code"]) == ("#/sectors", "too-long")

    async def test_unknown_fields_may_be_called_anything(self, api: Api) -> None:
        odd = dict.fromkeys(("", "self", "model_config", "model_extra", "copy", "__class__", "a.b", "$ref", "é"), 1)
        startup = await api.person("startup")
        answer = await startup.client.post("/v1/startups", json=atlas() | odd)
        assert answer.status_code == 201
        read = (await startup.client.get(answer.headers["Location"])).json()
        assert {name: read[name] for name in odd} == odd

    async def test_the_servers_own_fields_are_not_taken_from_the_body(self, api: Api) -> None:
        incubator = await api.person("incubator")
        made = await make(incubator, listed=True, owner_id=str(uuid.uuid4()), version=7, agreed_at="2020-01-01")
        assert (made["listed"], made["owner_id"], made["version"], made["agreed_at"]) == (False, None, 1, None)


class TestChange:
    async def put(self, person: Person, made: dict[str, object], etag: str, **changes: object) -> httpx.Response:
        return await person.client.put(f"/v1/startups/{made['id']}", json=atlas(**changes), headers={"If-Match": etag})

    async def etag(self, person: Person, made: dict[str, object]) -> str:
        etag: str = (await person.client.get(f"/v1/startups/{made['id']}")).headers["ETag"]
        return etag

    async def test_a_replaced_profile_is_a_new_version_and_ranked_anew(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        answer = await self.put(startup, made, await self.etag(startup, made), name="Autre nom", phone=None)
        assert answer.status_code == 200
        assert (answer.json()["version"], answer.json()["name"]) == (2, "Autre nom")
        assert "phone" not in answer.json()
        assert answer.headers["ETag"] == await self.etag(startup, made)
        assert f'"startup_id":"{made["id"]}","version":2' in (await jobs(api))[-1]

    async def test_an_answer_may_be_changed_and_sent_back(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        etag = await self.etag(startup, made)
        path = f"/v1/startups/{made['id']}"
        same = await startup.client.put(path, json=made, headers={"If-Match": etag})
        assert (same.status_code, same.json(), same.headers["ETag"]) == (200, made, etag)
        assert len(await jobs(api)) == 1
        changed = await startup.client.put(path, json={**made, "city": "Tiznit"}, headers={"If-Match": etag})
        assert (changed.json()["version"], changed.json()["city"]) == (2, "Tiznit")
        assert changed.json()["external_id"] == "atlas-irrigation"

    async def test_the_id_stays(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        answer = await self.put(startup, made, await self.etag(startup, made), id="another")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "id-fixed"

    async def test_without_if_match_428_and_with_an_old_one_412(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        old = await self.etag(startup, made)
        assert (await startup.client.put(f"/v1/startups/{made['id']}", json=atlas())).status_code == 428
        assert (await self.put(startup, made, old, name="B")).status_code == 200
        assert (await self.put(startup, made, old, name="C")).status_code == 412

    async def test_of_two_writers_who_saw_the_same_version_one_loses(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        etag = await self.etag(startup, made)
        answers = await asyncio.gather(*(self.put(startup, made, etag, name=f"Writer {n}") for n in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        winner = next(answer.json()["name"] for answer in answers if answer.status_code == 200)
        now = (await startup.client.get(f"/v1/startups/{made['id']}")).json()
        assert (now["name"], now["version"]) == (winner, 2)

    async def test_two_requests_that_enter_the_same_id_at_once_make_one(self, api: Api) -> None:
        incubator = await api.person("incubator")
        answers = await asyncio.gather(*(incubator.client.post("/v1/startups", json=atlas()) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    async def test_a_merge_patch_changes_what_it_names(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        headers = {"If-Match": await self.etag(startup, made), "Content-Type": "application/merge-patch+json"}
        patch = {"employees": 13, "phone": None, "turnover": {"year": 2026}, "sectors": ["fintech"]}
        path = f"/v1/startups/{made['id']}"
        answer = await startup.client.patch(path, content=json.dumps(patch), headers=headers)
        assert answer.status_code == 200, answer.text
        expected = {
            **made, "employees": 13, "sectors": ["fintech"], "version": 2,
            "turnover": {"amount": 1234567.5, "currency": "MAD", "year": 2026},
            "updated_at": answer.json()["updated_at"],
        }  # fmt: skip
        del expected["phone"]
        assert answer.json() == expected

    @pytest.mark.parametrize(
        ("patch", "pointer"),
        [({"name": None}, "#/name"), ({"employees": "x"}, "#/employees"), ({"references": {"a": 1}}, "#/references")],
    )
    async def test_a_patch_that_would_break_the_profile_is_refused(
        self, api: Api, patch: dict[str, object], pointer: str
    ) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        headers = {"If-Match": await self.etag(startup, made)}
        answer = await startup.client.patch(f"/v1/startups/{made['id']}", json=patch, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
        assert (await startup.client.get(f"/v1/startups/{made['id']}")).json() == made

    @pytest.mark.parametrize("depth", [100, 5_000])
    async def test_a_bottomless_patch_is_a_refusal_not_a_fault(self, api: Api, depth: int) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        headers = {"If-Match": await self.etag(startup, made), "Content-Type": "application/merge-patch+json"}
        body = b'{"x": ' + b'{"x": ' * depth + b"1" + b"}" * depth + b"}"
        answer = await startup.client.patch(f"/v1/startups/{made['id']}", content=body, headers=headers)
        assert answer.status_code in (400, 422)

    async def test_history_tells_every_version(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        for name in ("B", "C"):
            await self.put(startup, made, await self.etag(startup, made), name=name)
        path = f"/v1/startups/{made['id']}/history"
        first = (await startup.client.get(path, params={"limit": 2})).json()
        rest = (await startup.client.get(path, params={"limit": 2, "cursor": first["next"]})).json()
        assert [one["version"] for one in first["items"] + rest["items"]] == [3, 2, 1]
        assert rest["next"] is None
        assert {one["author_id"] for one in first["items"]} == {str(startup.id)}
        assert (await startup.client.get(f"{path}/1")).json()["record"]["name"] == "Écotech Atlas"
        assert (await startup.client.get(f"{path}/4")).status_code == 404
        assert (await startup.client.get(f"{path}/99999999999")).status_code == 422


class TestListing:
    async def test_the_owner_hides_and_shows_itself(self, api: Api) -> None:
        startup, buyer = await api.person("startup"), await api.person("buyer")
        made = await make(startup)
        path = f"/v1/startups/{made['id']}"
        before = (await buyer.client.get(path)).headers["ETag"]
        hidden = await startup.client.post(f"{path}/listing", json={"listed": False})
        assert hidden.json() == {"startup_id": made["id"], "listed": False}
        assert (await buyer.client.get(path)).status_code == 404
        assert (await startup.client.get(path)).json()["listed"] is False
        await startup.client.post(f"{path}/listing", json={"listed": True})
        assert (await buyer.client.get(path)).headers["ETag"] != before
        assert len([job for job in await jobs(api) if "startup_ids" in job]) == 2

    async def test_nobody_lists_a_startup_that_has_not_agreed(self, api: Api) -> None:
        for kind in ("incubator", "operator"):
            person = await api.person(kind)
            made = await make(person)
            answer = await person.client.post(f"/v1/startups/{made['id']}/listing", json={"listed": True})
            assert answer.status_code == 409
            assert answer.json()["type"] == "/problems/startup-not-agreed"


class TestConditionalRead:
    async def test_an_unchanged_profile_is_not_sent_again(self, api: Api) -> None:
        startup = await api.person("startup")
        made = await make(startup)
        path = f"/v1/startups/{made['id']}"
        etag = (await startup.client.get(path)).headers["ETag"]
        answer = await startup.client.get(path, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.content) == (304, b"")
