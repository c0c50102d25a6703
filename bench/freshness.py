"""How soon a committed change is seen by the ranking, over HTTP, with the worker running beside (``safqa serve``).

* a new tender: from the answer to ``POST /v1/tenders`` (the row is committed then) to the answer to
  ``GET /v1/tenders/{id}/candidates`` that ranks for it over all that was committed (``complete``);
* a changed startup: from the answer to ``PATCH /v1/startups/{id}`` to the answer to the candidates of an existing
  tender that tells its new version;
* kept matches: from the same POST until the matches of the tender stand as rows, made by a job.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence

from bench.database import connect, running_server
from bench.figures import Figure
from bench.market import SAFQA, SECRET, Market, filled, free_port, load_average, serving
from bench.records import flat_file

SIZES = (10_000,)
TIMES = 60
PATIENCE_SECONDS = 20.0


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure with so many startups, and as many tenders."""
    return asyncio.run(_run(sizes or SIZES))


async def _run(sizes: tuple[int, ...]) -> list[Figure]:
    figures: list[Figure] = []
    with running_server() as server:
        for n in sizes:
            async with filled(server, tenders=n, startups=n) as market:
                figures += await _measured(market, n)
    return figures


async def _measured(market: Market, n: int) -> list[Figure]:
    port = free_port()
    settings = {
        "secret": SECRET, "rate_limit": "0", "log_format": "json", "port": str(port),
        "database_url": market.url.replace("+asyncpg", ""),
    }  # fmt: skip
    with serving([*SAFQA, "serve"], ready="/readyz", port=port, settings=settings):
        client = _Client(port, market.token)
        cases = {
            "a new tender in its candidates": await asyncio.to_thread(_new_tenders, client),
            "a changed startup in the candidates": await asyncio.to_thread(_changed_startups, client),
            "a new tender in kept matches": await _kept(client, market),
        }
        return [
            Figure("freshness", case, "safqa", n, metric, value, unit)
            for case, taken in cases.items()
            for metric, value, unit in _told(taken)
        ]


def _new_tenders(client: _Client) -> list[float]:
    taken = []
    for body in _bodies("fresh"):
        made = client.send("POST", "/v1/tenders", body)
        answered = time.perf_counter()
        while not client.send("GET", f"/v1/tenders/{made['id']}/candidates")["complete"]:
            _still(answered)
        taken.append(time.perf_counter() - answered)
    return taken


def _changed_startups(client: _Client) -> list[float]:
    path, best = next(
        (path, [item["startup"]["id"] for item in page["items"]])
        for body in _bodies("existing")
        if (page := client.send("GET", path := _candidates_of(client, body)))["items"]
    )
    taken = []
    for turn in range(TIMES):
        changed = best[turn % len(best)]
        patch = {"employees": turn + 1}
        made = client.send("PATCH", f"/v1/startups/{changed}", patch, {"If-Match": "*"})
        answered = time.perf_counter()
        while not any(
            (item["startup"]["id"], item["startup"]["version"]) == (changed, made["version"])
            for item in client.send("GET", path)["items"]
        ):
            _still(answered)
        taken.append(time.perf_counter() - answered)
    return taken


async def _kept(client: _Client, market: Market) -> list[float]:
    connection = await connect(market.url)
    taken = []
    for body in _bodies("kept"):
        path = await asyncio.to_thread(_candidates_of, client, {**body, "id": f"{body['id']}-tried"})
        if not (await asyncio.to_thread(client.send, "GET", path))["items"]:
            continue  # no startup fits this one well enough to be kept
        made = await asyncio.to_thread(client.send, "POST", "/v1/tenders", body)
        answered = time.perf_counter()
        while not await connection.fetchval("SELECT count(*) FROM match WHERE tender_id = $1", made["id"]):
            _still(answered)
            await asyncio.sleep(0.005)
        taken.append(time.perf_counter() - answered)
    await connection.close()
    return taken


def _candidates_of(client: _Client, body: dict[str, object]) -> str:
    return f"/v1/tenders/{client.send('POST', '/v1/tenders', body)['id']}/candidates?limit=50"


def _still(since: float) -> None:
    if time.perf_counter() - since > PATIENCE_SECONDS:
        raise TimeoutError(f"not seen within {PATIENCE_SECONDS:g} s")


def _bodies(name: str) -> Iterator[dict[str, object]]:
    """Calls like those of the database, published at once; some startup fits each of them."""
    with flat_file("tenders", 10_000).open(encoding="utf-8") as lines:
        for number, line in zip(range(TIMES), lines, strict=False):
            yield json.loads(line) | {"id": f"{name}-{number}", "status": "published"}


def _told(taken: Sequence[float]) -> Iterator[tuple[str, float, str]]:
    ordered = sorted(taken)
    yield "p50", 1_000 * statistics.median(ordered), "ms"
    yield "p99", 1_000 * ordered[int(len(ordered) * 0.99)], "ms"
    yield "load average", load_average(), ""
    print(f"  p50 {1_000 * statistics.median(ordered):.0f} ms", file=sys.stderr, flush=True)


class _Client:
    """One kept-alive connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._token = token

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> dict[str, object]:
        media = "application/merge-patch+json" if method == "PATCH" else "application/json"
        given = {"Authorization": f"Bearer {self._token}", "Content-Type": media, **(headers or {})}
        self._connection.request(method, path, json.dumps(body) if body is not None else None, given)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:300]!r}")
        told: dict[str, object] = json.loads(text)
        return told
