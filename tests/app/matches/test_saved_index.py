"""The index over two runs of the service: it comes back as it was, with what changed in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.testing import capture_logs

from app.matches import saved_index
from app.matches.documents import Change, changed_tenders
from matching.types import TenderDoc
from tests.app.matches.test_live import published
from tests.app.matches.test_live_index import HIDE, firms
from tests.support.api import Api, running_api
from tests.support.db import Cluster, Database


@pytest.fixture(autouse=True)
def _worth_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_index, "WORTH_SAVING", 1)


@asynccontextmanager
async def run(database: Database, folder: Path) -> AsyncIterator[tuple[Api, dict[str, Any]]]:
    """The service with its index loaded, and what it logged about that."""
    with capture_logs() as logs:
        async with running_api(database, data_dir=folder) as api:
            assert await api.ranker.index.catch_up(20)
            loaded = next(line for line in logs if line["event"] == "index.loaded")
            yield api, {**loaded, "refused": [line["reason"] for line in logs if line["event"] == "index.not_reopened"]}


async def candidates(api: Api, buyer: str, call: str) -> list[tuple[str, float]]:
    page = (await api.client.get(f"/v1/tenders/{call}/candidates", headers={"Authorization": f"Bearer {buyer}"})).json()
    assert page["complete"] is True
    return [(item["startup"]["id"], item["score"]) for item in page["items"]]


async def test_a_second_run_opens_the_index_and_takes_in_what_changed(fresh: Database, tmp_path: Path) -> None:
    async with run(fresh, tmp_path) as (api, loaded):
        assert loaded["reopened"] is False
        stays, hidden, deleted = await firms(api, 3)
        first = await published(await api.person("buyer"))
        await api.ranker.index.catch_up()
    async with run(fresh, tmp_path / "elsewhere") as (api, loaded):  # a run that knows nothing of the saved index
        assert loaded["reopened"] is False
        (added,) = await firms(api, 1)
        async with api.runtime.sessions.begin() as session:
            await session.execute(HIDE, {"id": hidden})
            await session.execute(text("DELETE FROM startup WHERE id = CAST(:id AS uuid)"), {"id": deleted})
            await session.execute(
                text("UPDATE tender SET deadline_at = now() - interval '9 days' WHERE id = CAST(:id AS uuid)"),
                {"id": first},
            )
        buyer = await api.person("buyer")
        second = await published(buyer)
        expected = await candidates(api, buyer.token, second)
        assert {row for row, _ in expected} == {stays, added}
    async with run(fresh, tmp_path) as (api, loaded):
        assert (loaded["reopened"], loaded["refused"]) == (True, [])
        assert api.ranker.index.matcher.ids() == ({second}, {stays, added})
        assert [row for row, _ in await candidates(api, buyer.token, second)] == [row for row, _ in expected]


async def test_an_index_of_another_database_is_left_alone(cluster: Cluster, tmp_path: Path) -> None:
    async with cluster.copy("one") as one, run(one, tmp_path) as (api, _):
        await firms(api, 2)
        await api.ranker.index.catch_up()
    async with cluster.copy("two") as two, run(two, tmp_path) as (api, loaded):
        assert loaded["reopened"] is False
        assert "database" in loaded["refused"][0]
        assert api.ranker.index.matcher.sizes() == (0, 0)


async def test_a_damaged_index_is_built_anew_and_replaced(fresh: Database, tmp_path: Path) -> None:
    async with run(fresh, tmp_path) as (api, _):
        made = await firms(api, 2)
        await api.ranker.index.catch_up()
    manifest = tmp_path / "index" / "manifest.json"
    manifest.write_text(manifest.read_text()[:-20])
    async with run(fresh, tmp_path) as (api, loaded):
        assert loaded["reopened"] is False
        assert loaded["refused"]
        assert api.ranker.index.matcher.ids()[1] == set(made)
    async with run(fresh, tmp_path) as (api, loaded):
        assert loaded["reopened"] is True


async def test_a_folder_that_cannot_be_written_costs_a_warning(fresh: Database, tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file in its place")
    with capture_logs() as logs:
        async with running_api(fresh, data_dir=tmp_path) as api:
            await firms(api, 1)
            await api.ranker.index.catch_up()
    assert "index.not_saved" in {line["event"] for line in logs}


async def test_a_load_that_fails_half_way_is_begun_anew(
    fresh: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with run(fresh, tmp_path) as (api, _):
        made = await firms(api, 2)
        await api.ranker.index.catch_up()
    async with run(fresh, tmp_path / "elsewhere") as (api, _):
        made += await firms(api, 1)
    monkeypatch.setattr(saved_index, "WORTH_SAVING", 1_000)  # else what was taken in before the failure is saved
    failed: list[int] = []

    def lost_once(session: AsyncSession, since: int) -> AsyncIterator[list[Change[TenderDoc]]]:
        if not failed:
            failed.append(since)
            raise ConnectionError("the database went away")
        return changed_tenders(session, since)

    monkeypatch.setattr("app.matches.live_index.changed_tenders", lost_once)
    async with run(fresh, tmp_path) as (api, loaded):
        assert (len(failed), loaded["reopened"]) == (1, True)
        assert api.ranker.index.matcher.ids()[1] == set(made)
