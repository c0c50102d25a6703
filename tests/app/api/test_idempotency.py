from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import uuid
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends, Header, Request, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from app.api.deps import SessionDep
from app.api.idempotency import IdempotencyDep, IdempotentRoute, claim, forget_answers
from app.db.engine import create_engine
from app.kit.crypto import Keyring
from app.kit.errors import PreconditionFailed
from app.kit.observability import current_work
from app.kit.schemas import Schema
from tests.app.api.tiny import calling, tiny_app

pytestmark = pytest.mark.fresh_db
US, THEM = uuid.UUID(int=1), uuid.UUID(int=2)
SECRET_PART = "made-only-once"


class NewThing(Schema):
    name: str


async def caller(x_organisation: Annotated[uuid.UUID, Header()] = US) -> None:
    work = current_work()
    assert work is not None
    work.organisation_id = x_organisation


class Gate:
    """Lets a test hold requests inside the endpoint."""

    def __init__(self) -> None:
        self.entered, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def router(gate):
    inner = APIRouter(prefix="/things", route_class=IdempotentRoute)

    @inner.post("", status_code=201, dependencies=[Depends(caller)])
    async def create(body: NewThing, db: SessionDep, response: Response, _: IdempotencyDep) -> dict[str, str]:
        row = await db.execute(text("INSERT INTO thing (name) VALUES (:name) RETURNING id"), {"name": body.name})
        gate.entered.set()
        await gate.open.wait()
        if body.name.startswith("refused"):
            raise PreconditionFailed
        response.headers["Location"] = f"/things/{row.scalar_one()}"
        response.headers["X-Private"] = "not kept"
        return {"name": body.name, "secret": SECRET_PART}

    @inner.post("/upload", dependencies=[Depends(caller)])
    async def upload(request: Request, db: SessionDep, idempotency_key: Annotated[str, Header()]) -> int:
        digest, size = hashlib.sha256(), 0
        async for chunk in request.stream():
            digest.update(chunk)
            size += len(chunk)
        await claim(request, db, idempotency_key, digest.digest())
        await db.execute(text("INSERT INTO thing (name) VALUES ('upload')"))
        return size

    @inner.post("/anonymous")
    async def anonymous(_: IdempotencyDep) -> None: ...

    outer = APIRouter()
    outer.include_router(inner, prefix="/v1")
    return outer


@pytest.fixture
async def sessions(fresh):
    engine = create_engine(fresh.url, pool_size=5, statement_timeout_seconds=20)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE thing (id serial, name text UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    yield async_sessionmaker(engine, expire_on_commit=False)
    await engine.dispose()


@pytest.fixture
async def client(sessions, router):
    async with calling(tiny_app(router), sessions=sessions) as client:
        yield client


async def post(client, name, key="key-1", organisation=US, path="/v1/things"):
    headers = {"X-Organisation": str(organisation)} | ({} if key is None else {"Idempotency-Key": key})
    return await client.post(path, json={"name": name}, headers=headers)


async def names(sessions):
    async with sessions() as session:
        return list(await session.scalars(text("SELECT name FROM thing ORDER BY id")))


async def test_a_repeated_request_gets_the_first_answer_and_changes_nothing(client, sessions):
    first, second = await post(client, "a"), await post(client, "a")
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["content-type"] == first.headers["content-type"]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert "x-private" not in second.headers
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert await names(sessions) == ["a"]


async def test_without_a_key_nothing_is_kept(client, sessions):
    await post(client, "a", key=None)
    await post(client, "b", key=None)
    assert await names(sessions) == ["a", "b"]
    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM idempotency_key")) == 0


@pytest.mark.parametrize("change", [{"name": "b"}, {"path": "/v1/things?x=1"}])
async def test_a_key_is_for_one_request_only(client, sessions, change):
    await post(client, "a")
    response = await post(client, **({"name": "a"} | change))
    assert (response.status_code, response.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert await names(sessions) == ["a"]


async def test_organisations_do_not_share_keys(client, sessions):
    await post(client, "a", organisation=US)
    theirs = await post(client, "b", organisation=THEM)
    assert (theirs.status_code, theirs.json()["name"]) == (201, "b")


async def test_a_request_that_is_still_at_work_is_not_begun_again(client, sessions, gate):
    gate.open.clear()
    first = asyncio.create_task(post(client, "a"))
    await gate.entered.wait()
    second = await post(client, "a")
    assert (second.status_code, second.json()["type"]) == (409, "/problems/idempotency-in-progress")
    assert second.headers["retry-after"] == "1"
    gate.open.set()
    assert (await first).status_code == 201
    assert (await post(client, "a")).headers["idempotency-replayed"] == "true"
    assert await names(sessions) == ["a"]


async def test_many_at_once_make_one_change(client, sessions):
    answers = await asyncio.gather(*(post(client, "a") for _ in range(12)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert await names(sessions) == ["a"]


async def test_after_a_refusal_the_key_may_be_tried_again(client, sessions):
    assert (await post(client, "refused")).status_code == 412
    assert await names(sessions) == []
    assert (await post(client, "allowed")).status_code == 201


async def test_a_commit_that_fails_is_a_fault_and_keeps_no_answer(client, sessions):
    await post(client, "a", key="key-1")
    twice = await post(client, "a", key="key-2")  # the constraint is checked at commit
    assert (twice.status_code, twice.json()["type"]) == (500, "/problems/internal-error")
    again = await post(client, "b", key="key-2")
    assert (again.status_code, again.json()["name"]) == (201, "b")
    assert await names(sessions) == ["a", "b"]


async def test_what_is_kept_is_encrypted(client, sessions):
    await post(client, "a")
    async with sessions() as session:
        (row,) = (await session.execute(text("SELECT * FROM idempotency_key"))).mappings()
    assert SECRET_PART.encode() not in row["body"]
    assert (row["status"], row["route"]) == (201, "/v1/things")
    assert SECRET_PART not in str(row["headers"])


async def test_a_kept_answer_survives_the_rotation_of_the_secret_but_not_its_loss(client, sessions, router):
    first = await post(client, "a")
    for secrets, status in ((["n" * 40, "t" * 40], 201), (["n" * 40], 422)):
        async with calling(tiny_app(router), sessions=sessions, keyring=Keyring(secrets)) as other:
            response = await post(other, "a")
            assert response.status_code == status
            assert (response.content == first.content) == (status == 201)
    assert await names(sessions) == ["a"]


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "tab\tbed"])
async def test_a_malformed_key_is_refused(client, sessions, key):
    response = await post(client, "a", key=key)
    assert response.status_code == 422
    (wrong,) = response.json()["errors"]
    assert (wrong["location"], wrong["pointer"]) == ("header", "#/Idempotency-Key")
    assert await names(sessions) == []


async def test_an_upload_claims_its_key_with_the_digest_of_what_came(client, sessions):
    async def send(content):
        return await client.post("/v1/things/upload", content=content, headers={"Idempotency-Key": "up"})

    assert (await send(b"rows")).json() == 4
    again = await send(b"rows")
    assert (again.json(), again.headers["idempotency-replayed"]) == (4, "true")
    assert (await send(b"other rows")).status_code == 422
    assert await names(sessions) == ["upload"]


async def test_a_route_that_forgets_its_caller_is_a_fault(client):
    response = await client.post("/v1/things/anonymous", headers={"Idempotency-Key": "k"})
    assert response.status_code == 500


async def test_old_answers_are_forgotten(client, sessions):
    await post(client, "a", key="key-1")
    now = dt.datetime.now(dt.UTC)
    async with sessions.begin() as session:
        assert await forget_answers(session, before=now - dt.timedelta(hours=1)) == 0
        assert await forget_answers(session, before=now + dt.timedelta(hours=1)) == 1
    assert (await post(client, "b", key="key-1")).status_code == 201
