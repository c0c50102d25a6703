"""Uploading, following and reading imports through the API."""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile

import pytest

from tests.support.api import Api, running_api
from tests.support.db import Database
from tests.support.factories import startup, tender
from tests.support.imports import imported, jsonl, send

PAST = "2020-01-01T00:00:00+01:00"  # so that nothing is ranked afterwards
LETTERS = str.maketrans("0123456789", "ghijklmnop")  # no figures, which are read as sums and days


class TestUpload:
    async def test_a_form_does_the_same_as_a_raw_body(self, api: Api) -> None:
        buyer = await api.person("buyer")
        files = {"file": ("C:\\Users\\x\\appels.csv", b"id;title\n1;Drones\n2;Capteurs\n", "text/csv")}
        answer = await buyer.client.post("/v1/imports/tenders", files=files)
        assert answer.status_code == 202
        assert answer.json()["filename"] == "appels.csv"
        async with api.worker():
            pass
        run = (await buyer.client.get(answer.headers["Location"])).json()
        assert (run["state"], run["created"]) == ("finished", 2)

    async def test_the_run_is_told_at_once_and_nothing_is_left_of_the_upload_at_its_end(self, api: Api) -> None:
        buyer = await api.person("buyer")
        content = jsonl([tender(id=f"A-{n}", description="x" * 3_000, deadline=PAST) for n in range(900)])
        answer = await send(buyer, "tenders", content)
        assert answer.status_code == 202
        run = answer.json()
        assert (run["state"], run["size"], run["seen"]) == ("queued", len(content), 0)
        stored = await api.runtime.hot.fetch("SELECT payload FROM import_chunk ORDER BY position")
        assert b"".join(row["payload"] for row in stored) == content
        assert len(stored) > 1
        async with api.worker():
            pass
        assert (await buyer.client.get(answer.headers["Location"])).json()["created"] == 900
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM import_chunk") == 0

    async def test_a_repeated_upload_with_its_key_is_one_import(self, api: Api) -> None:
        buyer = await api.person("buyer")
        content, other = jsonl([tender(id="A")]), jsonl([tender(id="B")])
        answers = [
            await buyer.client.post("/v1/imports/tenders", content=body, headers={"Idempotency-Key": "k"})
            for body in (content, content, other)
        ]
        assert [answer.status_code for answer in answers] == [202, 202, 422]
        assert answers[0].json()["id"] == answers[1].json()["id"]
        assert answers[2].json()["type"] == "/problems/idempotency-key-reused"
        assert len((await buyer.client.get("/v1/imports")).json()["items"]) == 1

    @pytest.mark.parametrize("form", [False, True])
    async def test_an_empty_file_and_a_form_without_one_are_refused(self, api: Api, form: bool) -> None:
        buyer = await api.person("buyer")
        sent = {"files": {"other": ("x", b"1")}} if form else {"content": b""}
        answer = await buyer.client.post("/v1/imports/tenders", **sent)
        assert answer.status_code == 422
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM import_run") == 0

    async def test_a_file_over_the_limit_is_refused_whether_its_length_is_declared_or_not(
        self, fresh: Database
    ) -> None:
        async with running_api(fresh, max_upload_bytes=50_000) as api:
            buyer = await api.person("buyer")

            async def pieces():
                for _ in range(100):
                    yield b"x" * 1_000

            for content in (b"x" * 100_000, pieces()):
                answer = await buyer.client.post("/v1/imports/tenders", content=content)
                assert answer.status_code == 413
                assert answer.json()["type"] == "/problems/payload-too-large"
            assert await api.runtime.hot.fetchval("SELECT count(*) FROM import_run") == 0

    @pytest.mark.parametrize(("kind", "what"), [("buyer", "startups"), ("incubator", "tenders")])
    async def test_nobody_brings_in_what_is_not_theirs_to_bring(self, api: Api, kind: str, what: str) -> None:
        person = await api.person(kind)
        answer = await send(person, what, jsonl([startup()]))
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/wrong-organisation-kind"

    async def test_a_key_without_the_scope_is_refused(self, api: Api) -> None:
        reader = await api.person("buyer", scopes=("imports:read",))
        assert (await send(reader, "tenders", b"x")).status_code == 403


class TestFollow:
    async def test_an_import_is_its_owners_and_the_operators(self, api: Api) -> None:
        one, other, operator = [await api.person(kind) for kind in ("buyer", "buyer", "operator")]
        run = await imported(api, one, "tenders", b"rubbish\nid\n")
        for path in ("", "/rejected", "/rejected.csv"):
            where = f"/v1/imports/{run['id']}{path}"
            assert (await one.client.get(where)).status_code == 200
            assert (await operator.client.get(where)).status_code == 200
            assert (await other.client.get(where)).status_code == 404
        assert (await other.client.get("/v1/imports")).json()["items"] == []
        assert len((await operator.client.get("/v1/imports")).json()["items"]) == 1

    async def test_runs_are_paged_the_newest_first(self, api: Api) -> None:
        buyer = await api.person("buyer")
        made = [(await send(buyer, "tenders", jsonl([tender()]))).json()["id"] for _ in range(3)]
        first = (await buyer.client.get("/v1/imports", params={"limit": 2})).json()
        second = (await buyer.client.get("/v1/imports", params={"limit": 2, "cursor": first["next"]})).json()
        assert [run["id"] for run in first["items"] + second["items"]] == made[::-1]
        assert second["next"] is None

    async def test_refusals_are_paged_and_downloaded_without_formulas(self, api: Api) -> None:
        buyer = await api.person("buyer")
        lines = b"".join(b'=HYPERLINK("http://x.test","%d")\n' % n for n in range(1_500))
        run = await imported(api, buyer, "tenders", jsonl([tender(id="A")]) + lines)
        assert run["rejected"] == 1_500
        first = (await buyer.client.get(f"/v1/imports/{run['id']}/rejected", params={"limit": 100})).json()
        assert [row["line"] for row in first["items"]] == list(range(2, 102))
        assert first["next"]
        answer = await buyer.client.get(f"/v1/imports/{run['id']}/rejected.csv")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert [int(row["line"]) for row in rows] == list(range(2, 1_502))
        assert {row["excerpt"][:2] for row in rows} == {"'="}


class TestHostileFiles:
    async def test_a_truncated_gzip_fails_the_run_and_keeps_what_stood_before(self, api: Api) -> None:
        buyer = await api.person("buyer")
        whole = gzip.compress(
            jsonl(
                [
                    tender(id=f"A-{n}", note=os.urandom(400).hex().translate(LETTERS), deadline=PAST)
                    for n in range(2_400)
                ]
            )
        )
        run = await imported(api, buyer, "tenders", whole[: len(whole) // 2])
        assert (run["state"], run["problem_code"]) == ("failed", "file.unreadable")
        assert run["problem"] == "The file is a gzip file that was cut off before its end."
        assert 0 < run["created"] < 2_400
        assert run["seen"] == run["created"]

    async def test_a_workbook_that_unpacks_without_end_is_given_up(self, api: Api) -> None:
        buyer = await api.person("buyer")
        bomb = io.BytesIO()
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("[Content_Types].xml", "<Types/>")
            book.writestr("xl/workbook.xml", "<workbook/>")
            book.writestr("xl/worksheets/sheet1.xml", b" " * 300_000_000)
        run = await imported(api, buyer, "tenders", bomb.getvalue())
        assert (run["state"], run["problem_code"], run["seen"]) == ("failed", "file.too_heavy", 0)
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM import_chunk") == 0

    @pytest.mark.parametrize("content", [b"\0\0\0\0", b"\xd0\xcf\x11\xe0old", b"no headings here", b'{"a":'])
    async def test_rubbish_ends_in_a_problem_of_one_line(self, api: Api, content: bytes) -> None:
        buyer = await api.person("buyer")
        run = await imported(api, buyer, "tenders", content)
        assert run["state"] in {"failed", "finished"}
        assert run["created"] == 0
        assert run["state"] == "finished" or (run["problem_code"] and "\n" not in str(run["problem"]))
