"""The real application over a database of its own, and people who call it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.routing import BaseRoute

from app.accounts.scopes import DEFAULT_SCOPES, Scope
from app.accounts.service import KeyOrder, create_key, create_organisation
from app.config import Settings
from app.db.session import unit_of_work
from app.kit.ids import OrganisationId
from app.main import create_app
from app.matches.ranking import Ranker
from app.models.organisation import OrganisationKind
from app.runtime import Runtime, open_runtime
from app.worker import running_worker
from tests.support.db import Database

KEYLESS = frozenset({"/v1/attestations/{code}"})
"""Routes of the API that ask for no key: whoever holds the code of an attestation may check it."""

SECRET = "a secret that is only ever used in tests, 32+ characters"


def settings_for(database: Database, **changes: object) -> Settings:
    """Settings for tests: no rate limit, two threads, small pools."""
    values: dict[str, object] = {
        "database_url": SecretStr(database.url),
        "secret": SecretStr(SECRET),
        "rate_limit": 0,
        "cpu_threads": 2,
        "pool_size": 5,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


_ROUTES: list[BaseRoute] = []


def share_routes(app: FastAPI) -> FastAPI:
    """The application with the routes of this process's first one.

    Routes hold nothing of an application, and reading all their signatures, as FastAPI does at an application's first
    request, takes longer than most tests do.
    """
    if not _ROUTES:
        _ROUTES.extend(app.router.routes)
    app.router.routes = list(_ROUTES)
    return app


@dataclass(frozen=True)
class Person:
    """An organisation with a key. ``client`` sends the key along."""

    id: OrganisationId
    kind: OrganisationKind
    token: str
    client: httpx.AsyncClient


@dataclass
class Api:
    """The running application. ``client`` carries no key."""

    runtime: Runtime
    ranker: Ranker
    client: httpx.AsyncClient
    transport: httpx.ASGITransport

    async def person(self, kind: str, name: str = "Somebody", scopes: tuple[Scope, ...] | None = None) -> Person:
        """A new organisation of ``kind`` with a key of its default scopes."""
        what = OrganisationKind(kind)
        async with unit_of_work(self.runtime.sessions) as session:
            organisation = create_organisation(session, kind=what, name=name, country="MA")
            await session.flush()
            owner = OrganisationId(organisation.id)
            order = KeyOrder("test", scopes if scopes is not None else DEFAULT_SCOPES[what])
            made = create_key(session, self.runtime.keyring, owner, order)
        client = httpx.AsyncClient(
            transport=self.transport,
            base_url="http://safqa.test",
            headers={"Authorization": f"Bearer {made.token}"},
        )
        return Person(owner, what, made.token, client)

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """A worker beside the API, as ``safqa serve`` runs it; on leaving, whatever is queued has been done."""
        async with running_worker(self.runtime, self.ranker):
            yield
            await self.all_work_done()

    async def settled(self) -> None:
        """Return once every transaction begun so far has ended: feeds tell nothing that one of them could come before
        (``app.db.feed``), and a server has some of its own.
        """
        next_one = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        begun = await self.runtime.hot.fetchval(next_one)
        async with asyncio.timeout(20):
            while await self.runtime.hot.fetchval(oldest) < begun:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def all_work_done(self) -> None:
        """Return once no job waits or runs."""
        async with asyncio.timeout(20):
            while await self.runtime.hot.fetchval("SELECT count(*) FROM pgqueuer.pgqueuer"):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running_api(database: Database, **settings: object) -> AsyncIterator[Api]:
    """The application in this process, over ``database``, through its ASGI interface."""
    async with open_runtime(settings_for(database, **settings)) as runtime:
        app = share_routes(create_app(runtime.settings, runtime=runtime))
        async with app.router.lifespan_context(app) as state:
            assert state is not None
            transport = httpx.ASGITransport(app=_WithState(app, dict(state)))
            async with httpx.AsyncClient(transport=transport, base_url="http://safqa.test") as client:
                yield Api(runtime, state["ranker"], client, transport)


class _WithState:
    """Hands the lifespan's state to each request, as a server does."""

    def __init__(self, app: object, state: dict[str, object]) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await self._app({**scope, "state": dict(self._state)}, receive, send)  # type: ignore[operator]
