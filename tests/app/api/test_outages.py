"""What passes by itself is answered 503 with Retry-After, and is no fault in the log; real faults stay faults."""

import asyncpg
import pytest
import structlog
from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from app.api.deps import SessionDep
from app.api.outages import install_outage_handlers
from app.db.engine import create_engine
from app.db.hot import create_hot_pool
from app.db.outages import passing
from tests.app.api.tiny import calling, tiny_app

pytestmark = pytest.mark.fresh_db
router = APIRouter()
STATEMENTS = {
    "slow": "SELECT pg_sleep(30)",
    "killed": "SELECT pg_terminate_backend(pg_backend_pid())",
    "deadlock": "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$",
    "wrong": "SELECT no_such_column",
    "zero": "SELECT 1 / 0",
}


@router.get("/engine/{name}")
async def by_engine(name: str, db: SessionDep) -> None:
    await db.execute(text(STATEMENTS[name]))


@router.get("/hot/{name}")
async def by_hot_pool(name: str, request: Request) -> None:
    await request.state.hot.fetchval(STATEMENTS[name])


@router.get("/argument")
async def wrong_argument(request: Request) -> None:
    await request.state.hot.fetchval("SELECT $1::int", "not a number")


@router.get("/no-file")
async def missing_file() -> None:
    with open("/no/such/file"):  # noqa: ASYNC230, PTH123
        pass


@pytest.fixture
async def client(fresh):
    app = tiny_app(router)
    install_outage_handlers(app)
    engine = create_engine(fresh.url, pool_size=1, statement_timeout_seconds=0.2)
    hot = await create_hot_pool(fresh.url, size=2, statement_timeout_seconds=0.2)
    async with calling(app, sessions=async_sessionmaker(engine), hot=hot) as client:
        yield client
    await hot.close()
    await engine.dispose()


@pytest.mark.parametrize("way", ["engine", "hot"])
@pytest.mark.parametrize("name", ["slow", "killed", "deadlock"])
async def test_what_passes_by_itself_is_worth_repeating(client, way, name):
    with structlog.testing.capture_logs() as logged:
        answer = await client.get(f"/{way}/{name}")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/service-unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert "request.failed" not in {line["event"] for line in logged}


async def test_the_next_request_has_a_connection_again(client):
    for way in ("engine", "hot"):
        assert (await client.get(f"/{way}/killed")).status_code == 503
        assert (await client.get(f"/{way}/zero")).status_code == 500  # it reached the database


@pytest.mark.parametrize("path", ["/engine/wrong", "/engine/zero", "/hot/wrong", "/argument", "/no-file"])
async def test_a_fault_of_ours_stays_one(client, path):
    assert (await client.get(path)).status_code == 500


async def test_a_pool_without_a_free_connection_is_busy_not_broken(fresh):
    engine = create_async_engine(fresh.url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    app = tiny_app(router)
    install_outage_handlers(app)
    async with engine.connect(), calling(app, sessions=async_sessionmaker(engine)) as client:
        assert (await client.get("/engine/zero")).status_code == 503
    await engine.dispose()


async def test_a_server_that_is_away_is_an_outage(tmp_path):
    with pytest.raises(OSError) as refused:  # noqa: PT011 (whichever way the system says so)
        await asyncpg.connect(host=str(tmp_path), user="postgres")
    assert passing(refused.value) == "connection-lost"


async def test_what_people_wrote_is_not_in_an_error(fresh):
    engine = create_engine(fresh.url, pool_size=1, statement_timeout_seconds=5)
    async with engine.connect() as connection:
        with pytest.raises(Exception, match="division by zero") as caught:
            await connection.execute(text("SELECT 1 / (length(:said) - 6)"), {"said": "secret"})
    await engine.dispose()
    assert "secret" not in str(caught.value)
