"""Startups from files: unlisted until they agree, theirs alone once they have taken their profile over."""

from __future__ import annotations

import orjson

from tests.support.api import Api, Person
from tests.support.factories import startup
from tests.support.imports import counts, imported, jsonl


async def _claim(api: Api, incubator: Person, startup_id: str) -> Person:
    owner = await api.person("startup")
    token = (await incubator.client.post(f"/v1/startups/{startup_id}/claims")).json()["token"]
    taken = await owner.client.post("/v1/claims", json={"token": token})
    assert taken.status_code in {200, 201}, taken.text
    return owner


class TestImportStartups:
    async def test_a_cohort_stays_unlisted(self, api: Api) -> None:
        incubator, buyer = await api.person("incubator"), await api.person("buyer")
        run = await imported(api, incubator, "startups", jsonl([startup(id="a"), startup(id="b")]))
        assert counts(run) == {"seen": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
        mine = (await incubator.client.get("/v1/startups")).json()["items"]
        assert [item["listed"] for item in mine] == [False, False]
        assert (await buyer.client.get("/v1/startups")).json()["items"] == []

    async def test_an_import_stores_what_the_api_stores(self, api: Api) -> None:
        incubator = await api.person("incubator")
        record = startup(
            id="same",
            name="Même",
            sectors=["Eau", "Énergie"],
            city="Tanger",
            labels=[{"name": "JEI", "issuer": "X"}],
            turnover={"amount": 1250000.5, "currency": "MAD"},
            references=[{"title": "Réseau", "value": {"amount": 3, "currency": "EUR"}}],
            own_field={"kept": [1, 2]},
        )
        await imported(api, incubator, "startups", jsonl([record]))
        posted = await incubator.client.post("/v1/startups", json={**record, "id": "other"})
        assert posted.status_code == 201, posted.text
        rows = await api.runtime.hot.fetch(
            "SELECT to_jsonb(t) - '{id,external_id,content_hash,created_at,updated_at,changed_tx,record}'::text[] AS row,"
            " record - 'id' AS record FROM startup t ORDER BY external_id"
        )
        first, second = ([orjson.loads(orjson.dumps(value)) for value in row] for row in rows)
        assert first == second

    async def test_only_the_operator_says_that_they_have_agreed_and_it_is_recorded(self, api: Api) -> None:
        incubator, operator, buyer = [await api.person(kind) for kind in ("incubator", "operator", "buyer")]
        refused = await incubator.client.post(
            "/v1/imports/startups", params={"agreed": "true"}, content=jsonl([startup()])
        )
        assert refused.status_code == 403
        assert refused.json()["type"] == "/problems/agreement-not-yours"
        run = await imported(api, operator, "startups", jsonl([startup(id="a")]), agreed="true")
        assert (run["agreed"], run["created"]) == (True, 1)
        assert len((await buyer.client.get("/v1/startups")).json()["items"]) == 1

    async def test_an_agreement_that_comes_later_lists_without_a_new_version(self, api: Api) -> None:
        operator, buyer = await api.person("operator"), await api.person("buyer")
        content = jsonl([startup(id="a")])
        await imported(api, operator, "startups", content)
        assert (await buyer.client.get("/v1/startups")).json()["items"] == []
        run = await imported(api, operator, "startups", content, agreed="true")
        assert counts(run) == {"seen": 1, "created": 0, "updated": 1, "unchanged": 0, "rejected": 0}
        (shown,) = (await buyer.client.get("/v1/startups")).json()["items"]
        assert shown["version"] == 1
        again = await imported(api, operator, "startups", content, agreed="true")
        assert again["unchanged"] == 1

    async def test_a_changed_profile_gets_a_version_by_its_registrar(self, api: Api) -> None:
        incubator = await api.person("incubator")
        await imported(api, incubator, "startups", jsonl([startup("Capteurs", id="a")]))
        run = await imported(api, incubator, "startups", jsonl([startup("Capteurs et drones", id="a")]))
        assert run["updated"] == 1
        rows = await api.runtime.hot.fetch(
            "SELECT version, author_id, record ->> 'description' AS said FROM startup_version ORDER BY version"
        )
        assert [tuple(row) for row in rows] == [
            (1, incubator.id, "Capteurs"),
            (2, incubator.id, "Capteurs et drones"),
        ]

    async def test_a_claimed_profile_is_the_startups_own(self, api: Api) -> None:
        incubator = await api.person("incubator")
        records = [startup("Capteurs", id="a"), startup("Drones", id="b")]
        await imported(api, incubator, "startups", jsonl(records))
        (mine,) = [
            item["id"]
            for item in (await incubator.client.get("/v1/startups")).json()["items"]
            if item["name"] == records[0]["name"]
        ]
        await _claim(api, incubator, mine)
        changed = [{**record, "description": "autre chose"} for record in records]
        run = await imported(api, incubator, "startups", jsonl(changed))
        assert counts(run) == {"seen": 2, "created": 0, "updated": 1, "unchanged": 0, "rejected": 1}
        (refused,) = (await incubator.client.get(f"/v1/imports/{run['id']}/rejected")).json()["items"]
        assert (refused["line"], refused["code"]) == (1, "startup.claimed")
        said = await api.runtime.hot.fetchval("SELECT record ->> 'description' FROM startup WHERE owner_id IS NOT NULL")
        assert said == "Capteurs"

    async def test_two_incubators_with_the_same_ids_do_not_meet(self, api: Api) -> None:
        one, other = await api.person("incubator"), await api.person("incubator")
        await imported(api, one, "startups", jsonl([startup("Un", id="a")]))
        assert (await imported(api, other, "startups", jsonl([startup("Deux", id="a")])))["created"] == 1
        rows = await api.runtime.hot.fetch("SELECT registrar_id, record ->> 'description' AS said FROM startup")
        assert {tuple(row) for row in rows} == {(one.id, "Un"), (other.id, "Deux")}


class TestEvidence:
    async def test_a_file_brings_evidence_until_the_startup_has_taken_over(self, api: Api) -> None:
        incubator = await api.person("incubator")
        told = {"legal_form": "company", "documents": [{"kind": "tax_certificate", "expires": "2027-01-09"}]}
        first = [startup(id="with", evidence=told), startup(id="without"), startup(id="bad", evidence={"legal": 1})]
        run = await imported(api, incubator, "startups", jsonl(first))
        assert counts(run) == {"seen": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1}
        found = (await incubator.client.get("/v1/startups")).json()["items"]
        ids = {
            (await incubator.client.get(f"/v1/startups/{one['id']}")).json()["external_id"]: one["id"] for one in found
        }
        path = f"/v1/startups/{ids['with']}/evidence"
        assert (await incubator.client.get(path)).json()["documents"] == told["documents"]
        assert "evidence" not in (await incubator.client.get(f"/v1/startups/{ids['with']}")).json()
        assert (await incubator.client.get(f"/v1/startups/{ids['without']}/evidence")).json()["version"] == 0

        await imported(api, incubator, "startups", jsonl(first[:1]))
        assert (await incubator.client.get(path)).json()["version"] == 1, "the same makes no version"
        changed = {**first[0], "evidence": {**told, "legal_form": "cooperative"}}
        run = await imported(api, incubator, "startups", jsonl([changed]))
        assert run["unchanged"] == 1, "the profile is as it was"
        listed = (await incubator.client.get(f"{path}/versions")).json()["items"]
        assert [(one["version"], one["author_id"]) for one in listed] == [(n, str(incubator.id)) for n in (2, 1)]

        owner = await _claim(api, incubator, ids["with"])
        await imported(api, incubator, "startups", jsonl(first[:1]))
        assert (await owner.client.get(path)).json()["legal_form"] == "cooperative"
