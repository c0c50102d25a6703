"""Webhooks sent by a real ``safqa worker`` to a receiver in this process, which answers 204 to whatever it gets.

* idle: from the commit of an event to the first byte of its request at the receiver, one at a time;
* sustained: so many events queued before the worker starts, for a fast receiver and one that accepts connections and
  never answers; deliveries per second, as a ratio to the best bare httpx loop of the same run, and the worker's memory.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import cast

import asyncpg
import psutil

from app.channels.webhooks.sending import secret_context
from app.kit.crypto import Keyring
from app.kit.standard_webhooks import new_secret
from bench.database import connect, fresh_database, running_server
from bench.figures import Figure
from bench.market import SAFQA, SECRET, free_port, load_average, serving

SIZES = (100_000,)
TIMES = 300
_WARM = 20
_PARTS = (0.1, 0.5, 1.0)
CONCURRENCIES = (1, 2, 4, 8, 16, 32)
BARE_SECONDS = 3.0
_EVENTS = """
INSERT INTO event (type, audience, key, payload, occurred_at)
SELECT 'tender.published', 'everyone', $1 || n, jsonb_build_object(
    'tender', jsonb_build_object('id', gen_random_uuid(), 'title', repeat('Étude et travaux ', 12), 'country', 'MA',
        'deadline_at', now(), 'cpv', jsonb_build_array('71000000', '45000000'), 'url', 'https://example.org/' || n)
), now() FROM generate_series(1, $2::int) AS n
"""
_OWNER = "INSERT INTO organisation (id, kind, name) VALUES ($1, 'startup', 'Bench')"
_LEFT = """
SELECT (SELECT count(*) FROM webhook_outbox) + count(*) FROM webhook_delivery d
JOIN webhook_endpoint ep ON ep.id = d.endpoint_id WHERE ep.url = $1 AND d.state <> 'delivered'
"""
_ENDPOINT = """
INSERT INTO webhook_endpoint (id, owner_id, url, description, types, filters, secret, state)
VALUES ($1, $2, $3, '', '{}', '{}', $4, 'enabled')
"""


@dataclass
class Receiver(asyncio.Protocol):
    """All connections of a receiver share ``at``: when the first byte of each request came."""

    at: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def connection(self) -> asyncio.Protocol:
        return _Connection(self)


class _Connection(asyncio.Protocol):
    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass

    def data_received(self, data: bytes) -> None:
        if not self._buffer:
            self._receiver.at.append(time.perf_counter())
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        length = int(head[head.index(b"content-length:") + 15 :].split(b"\r\n", 1)[0])
        if len(self._buffer) >= end + 4 + length:
            self._receiver.sizes.append(length)
            self._buffer = b""
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure with so many queued events."""
    return asyncio.run(_run(sizes or SIZES))


async def _run(sizes: tuple[int, ...]) -> list[Figure]:
    receiver = Receiver()
    listening = await asyncio.get_running_loop().create_server(receiver.connection, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    with running_server() as server:
        async with fresh_database(server) as url:
            figures = await _idle(url, receiver, port)
        for n in sizes:
            async with fresh_database(server) as url:
                figures += await _sustained(url, receiver, port, n)
    listening.close()
    return figures


async def _idle(url: str, receiver: Receiver, port: int) -> list[Figure]:
    taken = []
    connection = await connect(url)
    await _endpoints(connection, port)
    async with _worker(url, port):
        for turn in range(TIMES + _WARM):
            before = len(receiver.at)
            await connection.execute(_EVENTS, f"idle-{turn}-", 1)
            committed = time.perf_counter()
            while len(receiver.at) == before:  # noqa: ASYNC110
                await asyncio.sleep(0.0005)
            if turn >= _WARM:
                taken.append(max(0.0, receiver.at[before] - committed))
            await asyncio.sleep(0.03)
    await connection.close()
    ordered = sorted(taken)
    told = (
        ("p50", 1_000 * statistics.median(ordered), "ms"),
        ("p99", 1_000 * ordered[int(len(ordered) * 0.99)], "ms"),
        ("load average", load_average(), ""),
    )
    return [Figure("webhooks", "commit to first byte, idle", "safqa", TIMES, *each) for each in told]


async def _sustained(url: str, receiver: Receiver, port: int, n: int) -> list[Figure]:
    connection = await connect(url)
    with _dead() as dead:
        await _endpoints(connection, port, dead)
        await connection.execute(_EVENTS, "queued-", n)
        await connection.execute("VACUUM (ANALYZE) event, webhook_outbox")
        before, memory = len(receiver.at), []
        async with _worker(url, port, dead) as process:
            while (sent := len(receiver.at) - before) < n:
                memory.append((sent, process.memory_info().rss / 1e6))
                await asyncio.sleep(0.2)
            memory.append((sent, process.memory_info().rss / 1e6))
            at = receiver.at[before:]
        left = await connection.fetchval(_LEFT, f"http://127.0.0.1:{port}/")
    await connection.close()
    first = n // 20
    rate = (n - first) / (at[n - 1] - at[first])
    size = receiver.sizes[-1]
    bare = max([await _bare(port, concurrency, size) for concurrency in CONCURRENCIES])
    told = (
        ("deliveries", rate, "/s"),
        ("bare loop", bare, "/s"),
        ("ratio", rate / bare, ""),
        *((f"RSS at {part:.0%}", next(rss for sent, rss in memory if sent >= part * n), "MB") for part in _PARTS),
        ("sent twice", len(at) - n, ""),
        ("left", left, ""),
        ("load average", load_average(), ""),
    )
    return [Figure("webhooks", "queued, with a dead endpoint beside", "safqa", n, *each) for each in told]


async def _bare(port: int, concurrency: int, size: int) -> float:
    command = [sys.executable, "-m", "bench.webhooks_bare", f"http://127.0.0.1:{port}/", str(concurrency)]
    process = await asyncio.create_subprocess_exec(*command, str(BARE_SECONDS), str(size), stdout=subprocess.PIPE)
    told, _ = await process.communicate()
    return float(told)


async def _endpoints(connection: asyncpg.Connection, *ports: int) -> None:
    owner = uuid.uuid4()
    await connection.execute(_OWNER, owner)
    for port in ports:
        made = uuid.uuid4()
        sealed = Keyring([SECRET]).encrypt(new_secret().encode(), context=secret_context(made))
        await connection.execute(_ENDPOINT, made, owner, f"http://127.0.0.1:{port}/", sealed)


@contextmanager
def _dead() -> Iterator[int]:
    """The port of a receiver that lets itself be connected to, and says nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(512)
        yield listening.getsockname()[1]


@asynccontextmanager
async def _worker(url: str, *ports: int) -> AsyncIterator[psutil.Process]:
    port = free_port()
    settings = {
        "secret": SECRET, "log_format": "json", "database_url": url.replace("+asyncpg", ""),
        "webhook_addresses": ",".join(f"127.0.0.1:{port}" for port in ports),
    }  # fmt: skip
    command = [*SAFQA, "worker", "--port", str(port)]
    with ExitStack() as stack:
        running = serving(command, ready="/readyz", port=port, settings=settings)
        process = await asyncio.to_thread(stack.enter_context, running)
        yield psutil.Process(process.pid)
        await asyncio.to_thread(stack.close)
