"""A load generator: HTTP/1.1 GETs over kept-alive connections, each sending its next request when answered.

``python -m bench.load HOST PORT CONNECTIONS SECONDS TOKEN < PATHS``, in a process of its own; prints JSON. It parses no
more than a length and a status, so that it takes as little as it can of the cores that it shares with the server.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop


@dataclass(frozen=True, slots=True)
class Load:
    """What a round of load met. ``failed``: answers other than 200."""

    answers: int
    failed: int
    rate: float
    p50_ms: float
    p99_ms: float


def put_load(port: int, paths: Sequence[str], token: str, *, connections: int, seconds: float) -> Load:
    """Send requests to a server on this machine for a while."""
    command = [sys.executable, "-m", "bench.load", "127.0.0.1", str(port), str(connections), str(seconds), token]
    done = subprocess.run(command, input="\n".join(paths), text=True, check=True, stdout=subprocess.PIPE)
    return Load(**json.loads(done.stdout))


@dataclass(slots=True)
class _Round:
    requests: Iterator[bytes]
    ends: float
    took: list[float] = field(default_factory=list)
    failed: int = 0


class _Connection(asyncio.Protocol):
    def __init__(self, around: _Round) -> None:
        self._round = around
        self._buffer = b""
        self._need = -1
        self._sent_at = 0.0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class is no subclass
        self._send()

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        if self._sent_at >= self._round.ends:
            self._transport.close()
            return
        self._transport.write(next(self._round.requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._need < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._buffer[:end].lower()
            at = head.index(b"content-length:") + 15
            stop = head.find(b"\r\n", at)
            self._need = end + 4 + int(head[at : stop if stop >= 0 else end])
            self._round.failed += not head.startswith(b"http/1.1 200")
        if len(self._buffer) >= self._need:
            self._round.took.append(time.perf_counter() - self._sent_at)
            self._buffer, self._need = self._buffer[self._need :], -1
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_exception(exc) if exc else self.closed.set_result(None)


async def _run(host: str, port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    around = _Round(itertools.cycle(requests), started + seconds)
    made = [await loop.create_connection(lambda: _Connection(around), host, port) for _ in range(connections)]
    await asyncio.gather(*(protocol.closed for _, protocol in made))
    took = sorted(around.took)
    return Load(
        answers=len(took),
        failed=around.failed,
        rate=len(took) / (time.perf_counter() - started),
        p50_ms=1_000 * took[len(took) // 2],
        p99_ms=1_000 * took[int(len(took) * 0.99)],
    )


def main() -> None:
    host, port, connections, seconds, token = sys.argv[1:]
    head = f"HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n\r\n"
    requests = [f"GET {path.strip()} {head}".encode() for path in sys.stdin if path.strip()]
    found = uvloop.run(_run(host, int(port), requests, int(connections), float(seconds)))
    print(json.dumps({name: getattr(found, name) for name in Load.__slots__}))


if __name__ == "__main__":
    main()
