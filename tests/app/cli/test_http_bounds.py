"""Clients that send too much, too slowly or nothing, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI, Request

from app.cli import http_bounds
from app.cli.http_bounds import MAX_HEAD_BYTES, BoundedHttp
from app.cli.serving import listen
from app.config import Settings

app = FastAPI()


@app.post("/size")
async def size(request: Request) -> int:
    return len(await request.body())


@asynccontextmanager
async def caller() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the application as the services serve it."""
    with listen(Settings(port=0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, http=BoundedHttp, ws="none", log_config=None, lifespan="off"))
        server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
        serving = asyncio.create_task(server.serve([listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await serving


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "IDLE_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(http_bounds, name, 0.1)


HEAD = b"POST /size HTTP/1.1\r\nHost: x\r\n"


async def _poured(writer: asyncio.StreamWriter, piece: bytes, most: int = 20 * MAX_HEAD_BYTES) -> int:
    """Send the piece again and again until the other side hangs up; how many bytes that took."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < most:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
            sent += len(piece)
    return sent


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        (HEAD + b"X-Endless: ", b"a" * 10_000),
        (HEAD, b"X-Many: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 100),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: aaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 100),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;x=", b"a" * 10_000),
    ],
    ids=["one header", "many headers", "trailers", "chunk extension"],
)
async def test_what_leads_nowhere_is_cut_off(before: bytes, piece: bytes) -> None:
    async with caller() as (reader, writer):
        writer.write(before)
        most = 20 * MAX_HEAD_BYTES
        await _poured(writer, piece, most)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                while await reader.read(65_536):
                    pass
        assert writer.transport.is_closing() or reader.at_eof()


@pytest.mark.parametrize(
    "sent", [b"", HEAD, HEAD + b"Content-Length: 5\r\n\r\nab"], ids=["nothing", "half a head", "half a body"]
)
@pytest.mark.usefixtures("impatient")
async def test_who_stays_silent_is_hung_up_on(sent: bytes) -> None:
    async with caller() as (reader, writer), asyncio.timeout(5):
        writer.write(sent)
        with contextlib.suppress(ConnectionError):
            await reader.read()


@pytest.mark.usefixtures("impatient")
async def test_long_bodies_and_further_requests_are_served() -> None:
    body = b"a" * (5 * MAX_HEAD_BYTES)
    async with caller() as (reader, writer):
        for _ in range(3):
            writer.write(HEAD + b"Content-Length: %d\r\n\r\n" % len(body))
            for start in range(0, len(body), 100_000):
                writer.write(body[start : start + 100_000])
                await writer.drain()
                await asyncio.sleep(0.02)
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head
            assert await reader.readexactly(len(str(len(body)))) == str(len(body)).encode()
