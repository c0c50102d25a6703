from __future__ import annotations

import pytest
import structlog
from fastapi import APIRouter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.api.deps import ReadSessionDep, SessionDep
from app.db.engine import create_engine
from app.kit.errors import PreconditionFailed
from app.kit.observability import count_queries_of
from tests.app.api.tiny import calling, tiny_app

pytestmark = pytest.mark.fresh_db
INSERT = text("INSERT INTO thing (name) VALUES (:name)")
router = APIRouter()


@router.post("/things/{name}")
async def write(name: str, db: SessionDep) -> str:
    await db.execute(INSERT, {"name": name})
    if name == "refused":
        raise PreconditionFailed
    return name


@router.get("/write-in-a-read")
async def write_in_a_read(db: ReadSessionDep) -> None:
    await db.execute(INSERT, {"name": "sneaked in"})


@router.get("/things")
async def read(db: ReadSessionDep) -> list[str]:
    return list(await db.scalars(text("SELECT name FROM thing ORDER BY name")))


@pytest.fixture
async def engine(fresh):
    engine = create_engine(fresh.url, pool_size=1, statement_timeout_seconds=20)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE thing (name text UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    count_queries_of(engine.sync_engine)
    yield engine
    await engine.dispose()


@pytest.fixture
async def client(engine):
    state = {
        "sessions": async_sessionmaker(engine),
        "read_sessions": async_sessionmaker(engine.execution_options(postgresql_readonly=True)),
    }
    async with calling(tiny_app(router), **state) as client:
        yield client


async def test_what_is_answered_is_committed(client):
    assert (await client.post("/things/a")).status_code == 200
    assert (await client.get("/things")).json() == ["a"]


async def test_a_refusal_leaves_nothing_behind(client):
    assert (await client.post("/things/refused")).status_code == 412
    assert (await client.get("/things")).json() == []


async def test_a_failing_commit_is_never_answered_as_a_success(client):
    await client.post("/things/a")
    assert (await client.post("/things/a")).status_code == 500
    assert (await client.get("/things")).json() == ["a"]


async def test_a_read_route_cannot_write_and_gives_its_connection_back_writable(client):
    assert (await client.get("/write-in-a-read")).status_code == 500
    assert (await client.get("/things")).json() == []
    assert (await client.post("/things/after")).status_code == 200  # the pool has one connection


async def test_queries_and_rows_of_a_request_are_counted(client):
    await client.post("/things/a")
    await client.post("/things/b")
    with structlog.testing.capture_logs() as logged:
        await client.get("/things")
    assert [(line["queries"], line["rows"]) for line in logged if line["event"] == "request.done"] == [(1, 2)]
