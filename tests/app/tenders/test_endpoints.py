"""A call's life through the API."""

from __future__ import annotations

import asyncio

import httpx
import orjson
import pytest

from tests.app.tenders.calls import a_call, posted
from tests.support.api import Api, Person


async def _jobs(api: Api) -> list[tuple[str, int]]:
    rows = await api.runtime.hot.fetch(
        "SELECT entrypoint, payload FROM pgqueuer.pgqueuer WHERE entrypoint LIKE '%match%' ORDER BY id"
    )
    return [(row["entrypoint"], orjson.loads(row["payload"])["version"]) for row in rows]


async def _readings(api: Api) -> int:
    query = "SELECT count(*) FROM pgqueuer.pgqueuer WHERE entrypoint = 'read_requirements'"
    return int(await api.runtime.hot.fetchval(query))


async def _amend(buyer: Person, call: dict[str, object], etag: str, **fields: object) -> httpx.Response:
    return await buyer.client.put(
        f"/v1/tenders/{call['id']}",
        json={"id": call["external_id"], "title": call["title"], "country": "MA", **fields},
        headers={"If-Match": etag},
    )


class TestPosting:
    async def test_a_draft_is_entered_with_everything_it_says(self, api: Api) -> None:
        buyer = await api.person("buyer")
        body = a_call(
            buyer={"name": "Commune d'Ifrane"}, place="IFRANE", deadline="2027-01-10", visite="le 3",
            value={"amount": 250000.5, "currency": "MAD"}, lots=[{"id": "1", "title": "Câblage"}],
        )  # fmt: skip
        answer = await buyer.client.post("/v1/tenders", json=body)
        assert answer.status_code == 201
        made = answer.json()
        assert answer.headers["Location"] == f"/v1/tenders/{made['id']}"
        assert (made["status"], made["version"], made["external_id"]) == ("draft", 1, body["id"])
        assert (made["region"], made["deadline_at"], made["deadline"]) == (
            "Fès-Meknès", "2027-01-10T22:59:59Z", "2027-01-10",
        )  # fmt: skip
        assert made["visite"] == "le 3"
        assert made["published_at"] is None
        read = await buyer.client.get(f"/v1/tenders/{made['id']}")
        assert read.json() == made
        assert read.headers["ETag"] == answer.headers["ETag"]
        assert await _jobs(api) == []

    async def test_published_at_once_it_is_ranked(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        assert made["published_at"] is not None
        assert await _jobs(api) == [("match_tender", 1)]

    async def test_the_operator_may_post_and_nobody_else(self, api: Api) -> None:
        await posted(await api.person("operator"))
        startup = await api.person("startup", scopes=("tenders:read", "tenders:write"))
        answer = await startup.client.post("/v1/tenders", json=a_call())
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-a-buyer")
        without = await api.person("buyer", scopes=("tenders:read",))
        assert (await without.client.post("/v1/tenders", json=a_call())).status_code == 403

    async def test_the_same_reference_twice_is_told_where_the_first_is(self, api: Api) -> None:
        one, other = await api.person("buyer"), await api.person("buyer")
        made = await posted(one, id="X-1")
        again = await one.client.post("/v1/tenders", json=a_call(id="X-1"))
        assert again.status_code == 409
        assert again.json()["tender_id"] == made["id"]
        await posted(other, id="X-1")  # references are each owner's own

    async def test_an_idempotency_key_makes_one_call(self, api: Api) -> None:
        buyer = await api.person("buyer")
        headers = {"Idempotency-Key": "one"}
        body = a_call()
        first = await buyer.client.post("/v1/tenders", json=body, headers=headers)
        second = await buyer.client.post("/v1/tenders", json=body, headers=headers)
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert second.headers["Location"] == first.headers["Location"]


class TestReading:
    async def test_an_unchanged_call_is_not_sent_again(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        first = await buyer.client.get(f"/v1/tenders/{made['id']}")
        again = await buyer.client.get(f"/v1/tenders/{made['id']}", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    async def test_the_source_is_told_with_its_licence(self, api: Api, fresh) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        assert made["source"] is None
        raw = await fresh.connect()
        await raw.execute(
            "WITH s AS (INSERT INTO source (id, name, title, licence, attribution) VALUES (gen_random_uuid(), 'x', 'X', "
            "'OGL-3.0', 'Crown') RETURNING id) UPDATE tender SET source_id = (SELECT id FROM s)"
        )
        await raw.close()
        told = {"name": "x", "title": "X", "licence": "OGL-3.0", "attribution": "Crown"}
        assert (await buyer.client.get(f"/v1/tenders/{made['id']}")).json()["source"] == told
        assert (await buyer.client.get("/v1/tenders")).json()["items"][0]["source"] == told
        patched = await buyer.client.patch(
            f"/v1/tenders/{made['id']}", json={"place": "Fès"}, headers={"If-Match": "*"}
        )
        assert patched.json()["source"] == told

    async def test_fields_of_the_record_never_stand_for_the_servers_own(self, api: Api, fresh) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        raw = await fresh.connect()  # as an import from OCDS leaves it
        await raw.execute("""UPDATE tender SET record = record || '{"status": "complete", "ocid": "x", "sme": true}'""")
        await raw.close()
        answer = await buyer.client.get(f"/v1/tenders/{made['id']}")
        assert answer.content.count(b'"ocid"') == answer.content.count(b'"status"') == 1
        assert (answer.json()["status"], answer.json()["ocid"], answer.json()["sme"]) == (
            "published",
            made["ocid"],
            True,
        )


class TestAmending:
    async def test_a_change_makes_a_version_that_says_what_changed_and_is_ranked(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer, deadline="2027-01-10", place="Fès")
        url = f"/v1/tenders/{made['id']}"
        etag = (await buyer.client.get(url)).headers["ETag"]
        answer = await _amend(buyer, made, etag, deadline="2027-02-10")
        assert answer.status_code == 200
        assert (answer.json()["version"], answer.json()["deadline"], answer.json()["region"]) == (2, "2027-02-10", None)
        assert answer.json()["published_at"] == made["published_at"]
        assert answer.headers["ETag"] != etag
        versions = (await buyer.client.get(f"{url}/versions")).json()["items"]
        assert [version["version"] for version in versions] == [2, 1]
        assert versions[0]["changes"] == {
            "deadline": {"old": "2027-01-10", "new": "2027-02-10"},
            "place": {"old": "Fès", "new": None},
        }
        assert versions[1]["changes"] == {}
        assert versions[1]["record"]["place"] == "Fès"
        assert await _jobs(api) == [("match_tender", 1), ("match_tender", 2)]

    async def test_the_same_content_makes_no_version(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        read = await buyer.client.get(f"/v1/tenders/{made['id']}")
        answer = await _amend(buyer, made, read.headers["ETag"])
        assert (answer.status_code, answer.json()) == (200, made)
        sent_back = await buyer.client.put(f"/v1/tenders/{made['id']}", json=read.json(), headers={"If-Match": "*"})
        assert (sent_back.status_code, sent_back.json()) == (200, made)
        assert len(await _jobs(api)) == 1

    async def test_a_change_from_an_old_version_or_from_none_is_refused(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        url = f"/v1/tenders/{made['id']}"
        etag = (await buyer.client.get(url)).headers["ETag"]
        assert (await _amend(buyer, made, etag, place="Fès")).status_code == 200
        assert (await _amend(buyer, made, etag, place="Safi")).status_code == 412
        assert (await buyer.client.put(url, json=a_call(id=made["external_id"]))).status_code == 428

    async def test_the_reference_does_not_change(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        answer = await buyer.client.put(f"/v1/tenders/{made['id']}", json=a_call(), headers={"If-Match": "*"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "#/id"

    async def test_a_merge_patch_changes_and_removes_fields(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer, place="Fès", buyer={"id": "b", "name": "B"}, note="x")
        patch = {"place": None, "buyer": {"name": "C"}, "deadline": "2027-01-10T10:00:00+01:00"}
        headers = {"If-Match": "*", "Content-Type": "application/merge-patch+json"}
        answer = await buyer.client.patch(f"/v1/tenders/{made['id']}", json=patch, headers=headers)
        assert answer.status_code == 200, answer.text
        changed = answer.json()
        assert (changed["place"], changed["buyer"], changed["note"]) == (None, {"id": "b", "name": "C"}, "x")
        assert changed["deadline_at"] == "2027-01-10T09:00:00Z"
        wrong = await buyer.client.patch(f"/v1/tenders/{made['id']}", json={"title": None}, headers=headers)
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["pointer"] == "#/title"


class TestStates:
    async def test_a_draft_is_published_closed_and_cancelled(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer, status="draft")
        url = f"/v1/tenders/{made['id']}"
        for action, status, version in (
            ("publish", "published", 2),
            ("close", "closed", 3),
            ("cancel", "cancelled", 4),
        ):
            answer = await buyer.client.post(f"{url}/{action}")
            assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (200, status, version)
        assert answer.json()["published_at"] is not None
        newest = (await buyer.client.get(f"{url}/versions")).json()["items"][0]
        assert newest["changes"] == {"status": {"old": "closed", "new": "cancelled"}}
        assert [version for _, version in await _jobs(api)] == [2, 3, 4]

    @pytest.mark.parametrize("action", ["publish", "close", "cancel", "withdraw"])
    async def test_a_withdrawn_call_stays_so(self, api: Api, action: str) -> None:
        buyer = await api.person("buyer")
        url = f"/v1/tenders/{(await posted(buyer))['id']}"
        assert (await buyer.client.post(f"{url}/withdraw")).json()["status"] == "withdrawn"
        refused = await buyer.client.post(f"{url}/{action}")
        assert refused.status_code == 409
        assert refused.json()["type"] == "/problems/tender-state"
        assert refused.json()["allowed"] == []
        patched = await buyer.client.patch(url, json={"place": "Fès"}, headers={"If-Match": "*"})
        assert patched.status_code == 409

    async def test_a_draft_is_deleted_a_published_call_is_not(self, api: Api) -> None:
        buyer = await api.person("buyer")
        draft, published = await posted(buyer, status="draft"), await posted(buyer)
        stale = await buyer.client.delete(f"/v1/tenders/{draft['id']}", headers={"If-Match": '"old"'})
        assert stale.status_code == 412
        assert (await buyer.client.delete(f"/v1/tenders/{draft['id']}")).status_code == 204
        assert (await buyer.client.get(f"/v1/tenders/{draft['id']}")).status_code == 404
        refused = await buyer.client.delete(f"/v1/tenders/{published['id']}")
        assert (refused.status_code, refused.json()["allowed"]) == (409, ["close", "withdraw", "cancel", "amend"])


class TestAtOnce:
    async def test_of_two_amendments_of_one_version_the_second_is_told(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = await posted(buyer)
        etag = (await buyer.client.get(f"/v1/tenders/{made['id']}")).headers["ETag"]
        answers = await asyncio.gather(*(_amend(buyer, made, etag, place=place) for place in ("Fès", "Safi", "Taza")))
        assert sorted(answer.status_code for answer in answers) == [200, 412, 412]
        versions = (await buyer.client.get(f"/v1/tenders/{made['id']}/versions")).json()["items"]
        assert [version["version"] for version in versions] == [2, 1]

    async def test_of_two_calls_with_one_reference_one_is_entered(self, api: Api) -> None:
        buyer = await api.person("buyer")
        body = a_call()
        answers = await asyncio.gather(*(buyer.client.post("/v1/tenders", json=body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]

    async def test_a_call_that_can_not_be_kept_leaves_no_job_behind(self, api: Api, fresh) -> None:
        buyer = await api.person("buyer")
        raw = await fresh.connect()
        await raw.execute("ALTER TABLE tender_version ADD CONSTRAINT broken CHECK (version < 2)")
        made = await posted(buyer)
        url = f"/v1/tenders/{made['id']}"
        assert (await buyer.client.patch(url, json={"place": "Fès"}, headers={"If-Match": "*"})).status_code == 500
        assert await _jobs(api) == [("match_tender", 1)]
        assert await _readings(api) == 1
        assert (await buyer.client.get(url)).json() == made
        await raw.close()
