"""Tenders from files: counted, versioned, never anybody else's."""

from __future__ import annotations

import gzip
import hashlib
import zlib

import orjson

from app.files.contract import ReadOptions
from app.ingest.runs import Importer
from app.ingest.tasks import ImportJobs
from app.jobs.messages import LinkTenders, MatchTenders, RunImport
from app.kit.clock import utc_now
from tests.support.api import Api
from tests.support.factories import FAR, tender
from tests.support.imports import counts, imported, jsonl


class TestImportTenders:
    async def test_each_record_becomes_a_published_tender_with_its_first_version(self, api: Api) -> None:
        buyer = await api.person("buyer")
        records = [tender(id=f"A-{n}", description="Détection de fuites", cpv=["72000000"]) for n in range(5)]
        run = await imported(api, buyer, "tenders", jsonl(records))
        assert run["state"] == "finished"
        assert counts(run) == {"seen": 5, "created": 5, "updated": 0, "unchanged": 0, "rejected": 0}
        listed = (await buyer.client.get("/v1/tenders", params={"q": "fuites"})).json()["items"]
        assert {item["external_id"] for item in listed} == {f"A-{n}" for n in range(5)}
        assert {(item["status"], item["version"]) for item in listed} == {("published", 1)}
        rows = await api.runtime.hot.fetch(
            "SELECT t.record = v.record AS same, v.changes = '{}' AS first, t.status = v.status AS told "
            "FROM tender t JOIN tender_version v ON v.tender_id = t.id AND v.version = 1"
        )
        assert [tuple(row) for row in rows] == [(True, True, True)] * 5

    async def test_an_import_stores_what_the_api_stores(self, api: Api) -> None:
        buyer = await api.person("buyer")
        record = tender(
            id="same",
            description="Réseau d'eau",
            buyer={"id": "b", "name": "Commune fictive"},
            value={"amount": 1234567.89, "currency": "MAD"},
            cpv=["65111000"],
            place="Tanger",
            published="2026-11-01T09:00:00+01:00",
            lots=[{"id": "1", "title": "Capteurs", "value": {"amount": 12, "currency": "MAD"}}],
            own_field={"kept": [1, 2]},
        )
        await imported(api, buyer, "tenders", jsonl([record]))
        posted = await buyer.client.post("/v1/tenders", json={**record, "id": "other", "status": "published"})
        assert posted.status_code == 201, posted.text
        rows = await api.runtime.hot.fetch(
            "SELECT to_jsonb(t) - '{id,external_id,ocid,content_hash,created_at,updated_at,changed_tx,record,"
            "search_text,search}'::text[] AS row, record - '{id,published_basis,deadline_basis}'::text[] AS record "
            "FROM tender t ORDER BY external_id"
        )
        first, second = ([orjson.loads(orjson.dumps(value)) for value in row] for row in rows)
        assert first == second

    async def test_the_same_file_again_changes_nothing_at_all(self, api: Api) -> None:
        buyer = await api.person("buyer")
        content = jsonl([tender(id=f"A-{n}") for n in range(20)])
        await imported(api, buyer, "tenders", content)
        before = await api.runtime.hot.fetch("SELECT xmin, xmax, ctid, id FROM tender ORDER BY id")
        again = await imported(api, buyer, "tenders", gzip.compress(content))
        assert counts(again) == {"seen": 20, "created": 0, "updated": 0, "unchanged": 20, "rejected": 0}
        assert await api.runtime.hot.fetch("SELECT xmin, xmax, ctid, id FROM tender ORDER BY id") == before
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM tender_version") == 20

    async def test_an_amended_record_makes_a_version_that_says_what_changed(self, api: Api) -> None:
        buyer = await api.person("buyer")
        await imported(api, buyer, "tenders", jsonl([tender("Ancien titre", id="A", place="Fès"), tender(id="B")]))
        changed = tender("Nouveau titre", id="A", language="fr")
        run = await imported(api, buyer, "tenders", jsonl([changed, tender(id="C")]))
        assert counts(run) == {"seen": 2, "created": 1, "updated": 1, "unchanged": 0, "rejected": 0}
        (found,) = (await buyer.client.get("/v1/tenders", params={"q": "nouveau"})).json()["items"]
        assert (found["external_id"], found["version"]) == ("A", 2)
        versions = (await buyer.client.get(f"/v1/tenders/{found['id']}/versions")).json()["items"]
        assert versions[0]["changes"] == {
            "title": {"old": "Ancien titre", "new": "Nouveau titre"},
            "place": {"old": "Fès", "new": None},
            "language": {"old": None, "new": "fr"},
        }
        (nothing,) = [(await buyer.client.get("/v1/tenders", params={"q": "ancien"})).json()["items"]]
        assert nothing == []

    async def test_a_withdrawn_call_is_not_brought_back_by_a_file(self, api: Api) -> None:
        buyer = await api.person("buyer")
        await imported(api, buyer, "tenders", jsonl([tender(id="A")]))
        (found,) = (await buyer.client.get("/v1/tenders")).json()["items"]
        assert (await buyer.client.post(f"/v1/tenders/{found['id']}/withdraw")).status_code == 200
        run = await imported(api, buyer, "tenders", jsonl([tender("Encore", id="A")]))
        assert counts(run) == {"seen": 1, "created": 0, "updated": 0, "unchanged": 0, "rejected": 1}
        (refused,) = (await buyer.client.get(f"/v1/imports/{run['id']}/rejected")).json()["items"]
        assert (refused["line"], refused["code"]) == (1, "tender.ended")
        assert "Encore" in refused["excerpt"]

    async def test_a_draft_stays_a_draft_and_is_not_shown_to_the_ranking(self, api: Api) -> None:
        buyer = await api.person("buyer")
        posted = await buyer.client.post("/v1/tenders", json=tender(id="A"))
        run = await imported(api, buyer, "tenders", jsonl([tender("Corrigé", id="A")]))
        assert run["updated"] == 1
        now = (await buyer.client.get(posted.headers["Location"])).json()
        assert (now["status"], now["title"], now["version"]) == ("draft", "Corrigé", 2)

    async def test_two_buyers_with_the_same_references_do_not_meet(self, api: Api) -> None:
        one, other = await api.person("buyer"), await api.person("buyer")
        await imported(api, one, "tenders", jsonl([tender("Celui du premier", id="A")]))
        run = await imported(api, other, "tenders", jsonl([tender("Celui du second", id="A")]))
        assert run["created"] == 1
        rows = await api.runtime.hot.fetch("SELECT owner_id, title, version FROM tender ORDER BY title")
        assert [tuple(row) for row in rows] == [(one.id, "Celui du premier", 1), (other.id, "Celui du second", 1)]

    async def test_bad_lines_are_kept_with_their_reason_and_stop_nobody(self, api: Api) -> None:
        buyer = await api.person("buyer")
        good = jsonl([tender(id="A")])
        content = good + b"{broken\n" + jsonl([{"id": "B"}, tender(id="A"), tender(id="C", cpv=["12"])]) + b"[1]\n"
        run = await imported(api, buyer, "tenders", content)
        assert counts(run) == {"seen": 6, "created": 1, "updated": 0, "unchanged": 0, "rejected": 5}
        refused = (await buyer.client.get(f"/v1/imports/{run['id']}/rejected")).json()["items"]
        assert [(row["line"], row["code"]) for row in refused] == [
            (2, "json.invalid"),
            (3, "field.invalid"),
            (4, "id.duplicate"),
            (5, "field.invalid"),
            (6, "json.not_object"),
        ]

    async def test_a_record_that_the_database_cannot_keep_is_refused_alone(self, api: Api) -> None:
        buyer = await api.person("buyer")
        content = jsonl([tender(id="A", note="nul \0 inside"), tender(id="B", note={"a\0": 1}), tender(id="C")])
        run = await imported(api, buyer, "tenders", content)
        assert (run["created"], run["rejected"]) == (1, 2)
        refused = (await buyer.client.get(f"/v1/imports/{run['id']}/rejected")).json()["items"]
        assert {(row["line"], row["code"]) for row in refused} == {(1, "field.unstorable"), (2, "field.unstorable")}

    async def test_an_ocds_process_that_ended_is_not_an_open_call(self, api: Api) -> None:
        buyer = await api.person("buyer")
        releases = [
            {
                "ocid": f"ocds-x-{n}",
                "id": "1",
                "date": "2026-11-01T00:00:00Z",
                "tag": ["tender"],
                "tender": {"id": "t", "title": f"Marché {status}", "status": status, "tenderPeriod": {"endDate": FAR}},
            }
            for n, status in enumerate(("active", "cancelled", "complete"))
        ]
        content = orjson.dumps({"uri": "x", "version": "1.1", "releases": releases})
        run = await imported(api, buyer, "tenders", content)
        assert run["created"] == 3, run
        rows = await api.runtime.hot.fetch("SELECT status FROM tender ORDER BY external_id")
        assert [row["status"] for row in rows] == ["published", "cancelled", "awarded"]


class TestNotices:
    async def test_what_the_publisher_wrote_is_kept_once_per_content(self, api: Api) -> None:
        one, other = await api.person("buyer"), await api.person("buyer")
        first, second = _release("2026-11-01", "Avis"), _release("2026-11-05", "Avis rectifié", id="2")
        await imported(api, one, "tenders", orjson.dumps({"releases": [first]}))
        await imported(api, other, "tenders", orjson.dumps({"releases": [first]}))
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM raw_notice") == 1
        run = await imported(api, one, "tenders", orjson.dumps({"releases": [first, second]}))
        assert run["updated"] == 1
        kept = await api.runtime.hot.fetch(
            "SELECT v.version, n.payload, n.digest, n.id = t.raw_notice_id AS present FROM tender_version v "
            "JOIN raw_notice n ON n.id = v.raw_notice_id JOIN tender t ON t.id = v.tender_id "
            "WHERE t.owner_id = $1 ORDER BY version",
            one.id,
        )
        texts = [zlib.decompress(row["payload"]) for row in kept]
        assert [orjson.loads(text) for text in texts] == [first, [first, second]]
        assert [row["digest"] for row in kept] == [hashlib.sha256(text).digest() for text in texts]
        assert [row["present"] for row in kept] == [False, True]
        again = await imported(api, one, "tenders", orjson.dumps({"releases": [first, second]}))
        assert again["unchanged"] == 1
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM raw_notice") == 2

    async def test_a_flat_record_is_its_own_notice(self, api: Api) -> None:
        buyer = await api.person("buyer")
        await imported(api, buyer, "tenders", jsonl([tender(id="A", own_field=[1])]))
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM raw_notice") == 0
        assert await api.runtime.hot.fetchval("SELECT record ->> 'own_field' FROM tender_version") == "[1]"


def _release(date: str, title: str, **fields: object) -> dict[str, object]:
    call = {"id": "t", "title": title, "status": "active", "tenderPeriod": {"endDate": FAR}}
    made = {"ocid": "ocds-x-1", "id": "1", "date": f"{date}T00:00:00Z", "tag": ["tender"], "tender": call}
    return {**made, **fields}


class TestRankingAfterAnImport:
    async def test_tenders_are_ranked_in_batches_and_only_open_ones(self, api: Api) -> None:
        buyer = await api.person("buyer")
        past = "2020-01-01T00:00:00+01:00"
        records = [tender(id=f"A-{n}", **({"deadline": past} if n % 2 else {})) for n in range(1_200)]
        answer = await buyer.client.post("/v1/imports/tenders", content=jsonl(records))
        importer = Importer(api.runtime.sessions, utc_now, ReadOptions())
        await ImportJobs(importer).run_import(RunImport(run_id=answer.json()["id"]))
        payloads = await api.runtime.hot.fetch(
            "SELECT entrypoint, payload FROM pgqueuer.pgqueuer WHERE entrypoint <> 'run_import' ORDER BY id"
        )
        linking = [LinkTenders.model_validate_json(row[1]) for row in payloads if row[0] == "link_tenders"]
        assert [len(job.tender_ids) for job in linking] == [500, 500, 200]  # closed ones may tell of a cancellation
        jobs = [MatchTenders.model_validate_json(row[1]) for row in payloads if row[0] == "match_tenders"]
        assert [len(job.tender_ids) for job in jobs] == [500, 100]
        still_open = await api.runtime.hot.fetch("SELECT id FROM tender WHERE deadline_at > now()")
        assert {row["id"] for row in still_open} == {tender_id for job in jobs for tender_id in job.tender_ids}
