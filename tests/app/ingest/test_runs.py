"""Runs that are gone on with, overtaken or given up."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Job

from app.db.session import unit_of_work
from app.files.contract import ReadOptions
from app.files.errors import FileError
from app.ingest.loading import load_file
from app.ingest.outcome import Counts, Order, Target
from app.ingest.repository import Overtaken
from app.ingest.runs import MAX_ATTEMPTS, Importer
from app.ingest.service import NewImport, enter
from app.ingest.tasks import ImportJobs
from app.jobs.messages import RunImport
from app.jobs.runner import carry_out
from app.kit.clock import utc_now
from app.kit.ids import ImportRunId
from app.models.import_run import ImportKind, ImportRun
from tests.support.api import Api, Person
from tests.support.factories import tender
from tests.support.imports import jsonl, send, write_jsonl


@pytest.fixture
def importer(api: Api) -> Importer:
    return Importer(api.runtime.sessions, utc_now, ReadOptions())


async def _entered(api: Api, buyer: Person, path: Path) -> ImportRunId:
    async with unit_of_work(api.runtime.sessions) as session:
        run = await enter(session, buyer.id, NewImport(ImportKind.TENDERS, path.name, 1), utc_now())
        return ImportRunId(run.id)


async def _taken(importer: Importer, run_id: ImportRunId) -> ImportRun:
    run = await importer.take(run_id)
    assert run is not None
    return run


def _job(run_id: str, attempts: int) -> Job:
    now = utc_now()
    return Job(
        id=1, priority=0, created=now, updated=now, heartbeat=now, execute_after=now, status="picked",
        entrypoint="run_import", payload=RunImport(run_id=uuid.UUID(run_id)).model_dump_json().encode(), attempts=attempts,
        queue_manager_id=None, headers=None,
    )  # fmt: skip


class TestGoingOn:
    async def test_what_an_attempt_has_stored_is_not_counted_again(
        self, api: Api, importer: Importer, tmp_path: Path
    ) -> None:
        buyer = await api.person("buyer")
        records = [tender(id=f"A-{n}") for n in range(40)] + [{"id": "no title"}]
        path = write_jsonl(tmp_path / "t.jsonl", records[:25] + records[-1:])
        run_id = await _entered(api, buyer, path)
        taken = await _taken(importer, run_id)
        target = Target(buyer.id, ImportKind.TENDERS, utc_now())
        order = Order(run_id, target)
        assert await load_file(importer.sessions, path, order, importer.options) == Counts(created=25, rejected=1)
        # The same file, as an attempt finds it that knows of the first 26 rows.
        write_jsonl(path, records[:25] + records[-1:] + records[25:40])
        again = await _taken(importer, run_id)
        assert (taken.attempts, again.attempts, again.seen) == (1, 1, 26)
        assert await importer.carry_out(again, path) == Counts(created=40, rejected=1)

    async def test_an_attempt_that_was_overtaken_stores_nothing_more(
        self, api: Api, importer: Importer, tmp_path: Path
    ) -> None:
        buyer = await api.person("buyer")
        path = write_jsonl(tmp_path / "t.jsonl", [tender(id="A")])
        run_id = await _entered(api, buyer, path)
        slow = await _taken(importer, run_id)
        target = Target(buyer.id, ImportKind.TENDERS, utc_now())
        await load_file(importer.sessions, path, Order(run_id, target), importer.options)
        write_jsonl(path, [tender("Autre", id="A")])
        with pytest.raises(Overtaken):
            await importer.carry_out(slow, path)
        assert await api.runtime.hot.fetchval("SELECT max(version) FROM tender_version") == 1

    async def test_a_run_that_ends_its_worker_each_time_is_given_up(
        self, api: Api, importer: Importer, tmp_path: Path
    ) -> None:
        buyer = await api.person("buyer")
        run_id = await _entered(api, buyer, tmp_path)
        for _ in range(MAX_ATTEMPTS):
            await _taken(importer, run_id)
        assert await importer.take(run_id) is None
        run = (await buyer.client.get(f"/v1/imports/{run_id}")).json()
        assert (run["state"], run["problem_code"]) == ("failed", "import.gave_up")

    async def test_a_run_that_meets_a_fault_each_time_is_given_up_too(
        self, api: Api, importer: Importer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The queue used to drop its job one attempt before: it stayed ``running`` for ever, its upload with it."""

        async def broken(*_: object) -> Counts:
            raise RuntimeError("a fault of ours")

        monkeypatch.setattr(Importer, "carry_out", broken)
        buyer = await api.person("buyer")
        run = (await send(buyer, "tenders", jsonl([tender(id="A")]))).json()
        (handler,) = ImportJobs(importer).handlers()
        for attempt in range(MAX_ATTEMPTS):
            with pytest.raises(RetryRequested):
                await carry_out(handler, _job(run["id"], attempt))
        await carry_out(handler, _job(run["id"], MAX_ATTEMPTS))
        run = (await buyer.client.get(f"/v1/imports/{run['id']}")).json()
        assert (run["state"], run["problem_code"]) == ("failed", "import.gave_up")
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM import_chunk") == 0

    async def test_a_finished_or_unknown_run_is_not_taken(self, api: Api, importer: Importer, tmp_path: Path) -> None:
        buyer = await api.person("buyer")
        path = tmp_path / "none.jsonl"
        run_id = await _entered(api, buyer, path)
        run = await _taken(importer, run_id)
        with pytest.raises(FileError):
            await importer.carry_out(run, path)
        assert await importer.take(run_id) is None
        assert await importer.take(ImportRunId(uuid.uuid4())) is None
