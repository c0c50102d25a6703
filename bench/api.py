"""The hot routes under 32 connections, against the barest FastAPI application that does the same (``bench.bare``).

Both servers run at once over one database, as processes of their own; rounds of load alternate between them, so that
whatever else the machine does meets both. The ratio is that of two neighbouring rounds; its median is told.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

from bench.database import running_server
from bench.figures import Figure
from bench.load import Load, put_load
from bench.market import SAFQA, SECRET, Market, filled, free_port, load_average, serving

CONNECTIONS = 32
ROUNDS = 9
SECONDS = 3.0
SIZES = (10_000,)
SETTINGS = {"secret": SECRET, "rate_limit": "100000000", "log_format": "json"}


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure with as many tenders as startups."""
    return asyncio.run(_run(sizes or SIZES))


async def _run(sizes: tuple[int, ...]) -> list[Figure]:
    figures: list[Figure] = []
    with running_server() as server:
        for n in sizes:
            async with filled(server, tenders=n, startups=n) as market:
                figures += await asyncio.to_thread(_measured, market, n)
    return figures


def _measured(market: Market, n: int) -> list[Figure]:
    ours, bare = free_port(), free_port()
    settings = {**SETTINGS, "database_url": market.url.replace("+asyncpg", ""), "port": str(ours)}
    with ExitStack() as stack:
        stack.enter_context(serving([*SAFQA, "api"], ready="/readyz", port=ours, settings=settings))
        command = [sys.executable, "-m", "bench.bare", str(bare), market.url, SECRET]
        stack.enter_context(serving(command, ready="/", port=bare, settings={}))
        figures = list(_detail(market, ours, bare, n))
        figures += _candidates(market, ours, n)
    return figures


def _detail(market: Market, ours: int, bare: int, n: int) -> Iterator[Figure]:
    paths = [f"/v1/tenders/{tender}" for tender in market.tenders[:2_000]]
    rounds: dict[str, list[Load]] = {"safqa": [], "bare": []}
    for turn in range(ROUNDS + 1):
        for name, port in (("safqa", ours), ("bare", bare)):
            load = put_load(port, paths, market.token, connections=CONNECTIONS, seconds=SECONDS)
            if load.failed:
                raise RuntimeError(f"{name}: {load.failed} answers were not 200")
            if turn:  # the first warms up
                rounds[name].append(load)
        print(f"  round {turn}: load average {load_average():.1f}", file=sys.stderr, flush=True)
    ratios = [a.rate / b.rate for a, b in zip(rounds["safqa"], rounds["bare"], strict=True)]
    case = f"GET /v1/tenders/{{id}}, {CONNECTIONS} connections"
    for name, loads in rounds.items():
        for metric, value, unit in _middle(loads):
            yield Figure("api", case, name, n, metric, value, unit)
    yield Figure("api", case, "safqa", n, "share of bare, median", 100 * statistics.median(ratios), "%")
    yield Figure("api", case, "safqa", n, "share of bare, least", 100 * min(ratios), "%")
    yield Figure("api", case, "safqa", n, "load average", load_average(), "")


def _candidates(market: Market, ours: int, n: int) -> Iterator[Figure]:
    paths = [f"/v1/tenders/{tender}/candidates" for tender in market.tenders[:500]]
    for connections in (1, CONNECTIONS):
        put_load(ours, paths, market.token, connections=connections, seconds=1)
        before = _ranker(ours)
        loads = [
            put_load(ours, paths, market.token, connections=connections, seconds=SECONDS)
            for _ in range(ROUNDS // 2 + 1)
        ]
        seconds, count = (new - old for new, old in zip(_ranker(ours), before, strict=True))
        if any(load.failed for load in loads):
            raise RuntimeError("some candidates were not answered with 200")
        case = f"GET /v1/tenders/{{id}}/candidates, {connections} connection{'s' * (connections > 1)}"
        for metric, value, unit in _middle(loads):
            yield Figure("api", case, "safqa", n, metric, value, unit)
        engine_ms = 1_000 * seconds / count
        whole_ms = 1_000 * connections / statistics.median(load.rate for load in loads)
        yield Figure("api", case, "safqa", n, "in the ranker", engine_ms, "ms")
        yield Figure("api", case, "safqa", n, "ranker's share of the answer", 100 * engine_ms / whole_ms, "%")
        yield Figure("api", case, "safqa", n, "load average", load_average(), "")


def _ranker(port: int) -> tuple[float, float]:
    """Seconds in the ranker and rankings so far, as the server's own metrics tell them."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'safqa_ranking_seconds_(sum|count)\{of="startups"\} (\S+)', text)
    told = {name: float(value) for name, value in found}
    return told.get("sum", 0.0), told.get("count", 0.0)


def _middle(loads: list[Load]) -> Iterator[tuple[str, float, str]]:
    yield "requests", statistics.median(load.rate for load in loads), "1/s"
    yield "p50", statistics.median(load.p50_ms for load in loads), "ms"
    yield "p99", statistics.median(load.p99_ms for load in loads), "ms"
