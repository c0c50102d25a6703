"""The peer of the API: the barest FastAPI application that authenticates likewise and sends one asyncpg query.

``python -m bench.bare PORT URL SECRET``. The caller's key is looked up by the same statement through the same kind of
pool; there is no scope, limit, visibility, request id, log line, metric or header beside; the row's own JSON is sent as
PostgreSQL gives it.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response

from app.accounts.repository import caller_by_digest
from app.db.hot import create_hot_pool
from app.kit.crypto import Keyring


def bare_app(url: str, keyring: Keyring) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        pool = await create_hot_pool(url, size=16, statement_timeout_seconds=15)
        yield {"pool": pool}
        await pool.close()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    @app.get("/v1/tenders/{tender_id}")
    async def get_tender(tender_id: uuid.UUID, request: Request) -> Response:
        pool: asyncpg.Pool = request.state.pool
        token = request.headers["authorization"].removeprefix("Bearer ")
        if await caller_by_digest(pool, keyring.token_hashes(token)) is None:
            raise HTTPException(401)
        record = await pool.fetchval("SELECT record::text FROM tender WHERE id = $1", tender_id)
        if record is None:
            raise HTTPException(404)
        return Response(record, media_type="application/json")

    return app


if __name__ == "__main__":
    port, url, secret = sys.argv[1:]
    app = bare_app(url, Keyring([secret]))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_config=None, access_log=False, server_header=False)
