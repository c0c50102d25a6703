"""From the start of ``safqa serve`` to the first 200 of ``/readyz``, the database being there already.

The parts are timed by the process itself and read from its log: ``import and open`` until the application answers,
``index`` until its rows are read and ranked over. Each size is started several times; the median is told.
"""

from __future__ import annotations

import asyncio
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from bench.database import running_server
from bench.figures import Figure
from bench.market import SAFQA, SECRET, Market, environment_of, filled, free_port, load_average, wait_ready

SIZES = (10_000, 100_000)
TENDERS = 10_000
STARTS = 1


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure with so many startups, beside ten thousand tenders."""
    return asyncio.run(_run(sizes or SIZES))


async def _run(sizes: tuple[int, ...]) -> list[Figure]:
    figures: list[Figure] = []
    with running_server() as server:
        for n in sizes:
            async with filled(server, tenders=TENDERS, startups=n) as market:
                starts = [await asyncio.to_thread(_start, market) for _ in range(STARTS)]
            figures += _told(starts, n)
            print(f"  {n:,}: {starts[-1]}", file=sys.stderr, flush=True)
    return figures


def _told(starts: list[dict[str, float]], n: int) -> Iterator[Figure]:
    for metric in starts[0]:
        value = statistics.median(start[metric] for start in starts)
        yield Figure("coldstart", "safqa serve", "safqa", n, metric, value, "MB" if metric == "peak RSS" else "s")
    yield Figure("coldstart", "safqa serve", "safqa", n, "load average", load_average(), "")


def _start(market: Market) -> dict[str, float]:
    port = free_port()
    settings = {
        "secret": SECRET, "log_format": "json", "port": str(port), "database_url": market.url.replace("+asyncpg", ""),
    }  # fmt: skip
    with tempfile.TemporaryFile("w+b") as log:
        began = time.perf_counter()
        process = subprocess.Popen([*SAFQA, "serve"], env=environment_of(settings), stdout=log, stderr=log)
        try:
            wait_ready(process, port, "/healthz")
            answering = time.perf_counter() - began
            wait_ready(process, port, "/readyz")
            ready = time.perf_counter() - began
            peak = _peak_mb(process.pid)
        except RuntimeError as ended:
            log.seek(0)
            raise RuntimeError(log.read().decode()[-2_000:]) from ended
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        log.seek(0)
        lines = [json.loads(line) for line in log.read().decode().splitlines() if line.startswith("{")]
    (loaded,) = [line for line in lines if line["event"] == "index.loaded"]
    return {"answering": answering, "index": float(loaded["seconds"]), "ready": ready, "peak RSS": peak}


def _peak_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status", encoding="ascii") as status:  # noqa: PTH123
        (line,) = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
