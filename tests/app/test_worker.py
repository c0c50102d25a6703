"""The worker outlives an outage of the database; another fault ends it, so that its process is started anew."""

from __future__ import annotations

import asyncio

import pytest

import app.worker
from app.db.session import unit_of_work
from app.jobs.messages import Tidy
from app.jobs.queue import enqueue
from app.jobs.runner import Runner
from app.worker import running_worker
from tests.support.api import Api
from tests.support.db import Database


async def test_a_worker_whose_connections_were_all_cut_goes_on_working(
    api: Api, fresh: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.worker, "OUTAGE_SECONDS", 0.05)
    cut = f"""
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = '{fresh.name}' AND pid <> pg_backend_pid()
    """
    async with running_worker(api.runtime, api.ranker) as working:
        await api.all_work_done()
        admin = await fresh.connect()
        assert await admin.fetchval(cut) > 0
        await asyncio.sleep(0.2)
        async with asyncio.timeout(20):
            while await admin.fetchval("SELECT count(*) FROM pgqueuer.pgqueuer_log WHERE status = 'successful'") == 0:
                try:
                    async with unit_of_work(api.runtime.sessions) as session:
                        await enqueue(session, Tidy())
                except Exception:  # noqa: BLE001 (the first uses of connections that were cut)
                    pass
                await asyncio.sleep(0.2)
        assert not working.done()
        await admin.close()


async def test_a_fault_that_is_no_outage_ends_the_worker(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(_: Runner) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Runner, "run", broken)
    async with running_worker(api.runtime, api.ranker) as working:
        await asyncio.wait({working}, timeout=10)
        assert isinstance(working.exception(), ExceptionGroup)
