"""The bare loop that deliveries are compared with: ``python -m bench.webhooks_bare URL CONCURRENCY SECONDS BYTES``.

One ``httpx.AsyncClient``, so many tasks that post the same bytes again and again, on the event loop that the worker
uses; no database, no signature, no guard. Prints answers per second.
"""

from __future__ import annotations

import asyncio
import sys
import time

import httpx
import uvloop


async def _loop(url: str, concurrency: int, seconds: float, body: bytes) -> float:
    done = 0
    headers = {"Content-Type": "application/json"}

    async def post(client: httpx.AsyncClient, ends: float) -> None:
        nonlocal done
        while time.perf_counter() < ends:
            (await client.post(url, content=body, headers=headers)).raise_for_status()
            done += 1

    async with httpx.AsyncClient(trust_env=False) as client:
        started = time.perf_counter()
        await asyncio.gather(*(post(client, started + seconds) for _ in range(concurrency)))
        return done / (time.perf_counter() - started)


if __name__ == "__main__":
    url, concurrency, seconds, size = sys.argv[1:]
    print(uvloop.run(_loop(url, int(concurrency), float(seconds), b"x" * int(size))))
