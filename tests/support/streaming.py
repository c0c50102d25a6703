"""The real application behind a real socket in this event loop, and a reader of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from fastapi import FastAPI

from app.cli.serving import Stop, listen, serve_http, url_of
from app.main import create_app
from tests.support.api import Api, running_api, settings_for, share_routes
from tests.support.db import Database


@dataclass
class Served:
    """The application on ``url``; ``api`` makes people in its database. ``stop`` ends it as a signal would."""

    url: str
    api: Api
    app: FastAPI
    stop: Stop
    ended: asyncio.Task[None]


@asynccontextmanager
async def serving(database: Database, **settings: object) -> AsyncIterator[Served]:
    """The whole of what `safqa api` does, short of the process."""
    wanted = settings_for(database, port=0, **settings)
    async with running_api(database) as api:
        app = share_routes(create_app(wanted, runtime=replace(api.runtime, settings=wanted), ranker=api.ranker))
        ready = asyncio.Event()
        task = asyncio.current_task()
        assert task is not None
        stop = Stop(task)  # type: ignore[arg-type]
        with listen(wanted) as listening:
            ended = asyncio.create_task(serve_http(app, listening, wanted, stop, ready.set))
            await ready.wait()
            try:
                yield Served(url_of(listening), api, app, stop, ended)
            finally:
                stop.asked.set()
                await ended


@dataclass
class Block:
    """One block of a stream: an event, or an id or a comment alone."""

    id: str | None = None
    event: str | None = None
    data: dict[str, Any] | None = None
    comment: bool = False
    retry: int | None = None


@dataclass
class Reader:
    """What `EventSource` is in a browser, by the letter of the standard: lines end at CR and LF only."""

    response: httpx.Response
    last_id: str | None = None
    chunks: AsyncIterator[bytes] = field(init=False)
    _rest: bytes = b""

    def __post_init__(self) -> None:
        self.chunks = self.response.aiter_bytes()

    async def blocks(self) -> AsyncIterator[Block]:
        """Every block, until the server ends the stream."""
        async for chunk in self.chunks:
            *whole, self._rest = (self._rest + chunk).split(b"\n\n")
            for text in whole:
                block = _read(text.decode())
                self.last_id = block.id or self.last_id
                yield block

    async def events(self, count: int) -> list[dict[str, Any]]:
        """That many events."""
        found: list[dict[str, Any]] = []
        if count:
            async for block in self.blocks():
                if block.data is not None:
                    assert block.event == block.data["type"]
                    found.append(block.data)
                if len(found) == count:
                    break
        return found

    async def begun(self) -> None:
        """Wait for the first block, which says where the stream begins."""
        async for block in self.blocks():
            assert block.id is not None
            assert block.data is None
            return


def _read(text: str) -> Block:
    block = Block()
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        match name:
            case "":
                block.comment = True
            case "id" | "event":
                setattr(block, name, value.removeprefix(" "))
            case "data":
                assert block.data is None
                block.data = json.loads(value)
            case "retry":
                block.retry = int(value)
    return block


@asynccontextmanager
async def opened(url: str, token: str, last_id: str | None = None, **params: str | list[str]) -> AsyncIterator[Reader]:
    """An open stream. Leaving closes the connection."""
    headers = {"Authorization": f"Bearer {token}"} | ({"Last-Event-ID": last_id} if last_id else {})
    async with (
        httpx.AsyncClient(timeout=60, trust_env=False) as client,
        client.stream("GET", f"{url}/v1/events/stream", params=params, headers=headers) as response,
    ):
        assert response.status_code == 200, (await response.aread()).decode()
        yield Reader(response, last_id)
