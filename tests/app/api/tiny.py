"""A small application around the shared HTTP layer, so that its tests know no domain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import health, problems
from app.api.body_limit import BodyLimitMiddleware
from app.api.middleware import RequestMiddleware
from app.api.openapi import complete_openapi, operation_id
from app.kit.crypto import Keyring
from app.kit.metrics import Metrics
from app.kit.paging import CursorSigner

LIMIT_BYTES = 100
KEYRING = Keyring(["t" * 40])


class _WithState:
    """Gives each request the lifespan's state, as a server does."""

    def __init__(self, app: ASGIApp, state: Mapping[str, object]) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app({**scope, "state": dict(self.state)}, receive, send)


def tiny_app(*routers: APIRouter, metrics: Metrics | None = None) -> FastAPI:
    app = FastAPI(
        title="tiny", openapi_url=None, docs_url=None, redoc_url=None, generate_unique_id_function=operation_id
    )
    problems.install_problem_handlers(app)
    app.add_middleware(BodyLimitMiddleware, limit_bytes=LIMIT_BYTES, larger={"/v1/imports": 1000, "*/import": 1000})
    app.add_middleware(RequestMiddleware, metrics=metrics or Metrics())
    for router in (health.router, problems.router, *routers):
        app.include_router(router)
    complete_openapi(app)
    return app


@asynccontextmanager
async def calling(app: FastAPI, **state: object) -> AsyncIterator[httpx.AsyncClient]:
    given = {
        "keyring": KEYRING,
        "cursors": CursorSigner(KEYRING.signing_key("cursor")),
        "metrics": Metrics(),
        "readiness": (),
        **state,
    }
    transport = httpx.ASGITransport(app=_WithState(app, given))
    async with httpx.AsyncClient(transport=transport, base_url="http://tiny.test") as client:
        yield client
