"""Import of flat files against a plain asyncpg COPY of the same columns.

* ``safqa``: the file read by its limited process, validated, its columns derived, staged through COPY, merged into the
  real table with its seven or eight indexes, triggers and foreign keys, a version per record, the run's counts and the
  ranking jobs, one transaction per 4,000 rows.
* ``copy``: the values that the import derived, ready in memory, by ``copy_records_to_table`` into a table with the
  same columns and nothing else: no index, no generated column, no version; one transaction per 4,000 rows.
* ``copy+indexes``: the same into a table with the real one's indexes and generated search column (``LIKE ...
  INCLUDING ALL``), still without versions, triggers and foreign keys.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import asyncpg

from app.files.contract import Side
from app.files.sandbox import read_sandboxed
from app.ingest import startup_sql, tender_sql
from app.ingest.loading import BATCH_ROWS
from app.ingest.mapping import Gathered, StagedRow, map_batch
from app.kit.clock import utc_now
from app.kit.ids import new_uuid
from app.models.import_run import ImportKind
from bench.database import connect, fresh_database, running_server
from bench.figures import Figure
from bench.records import READING, flat_file

SIZES = (10_000, 100_000, 500_000)


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Import and copy, for each size, on one server."""
    return asyncio.run(_run(sizes or SIZES))


async def _run(sizes: tuple[int, ...]) -> list[Figure]:
    figures: list[Figure] = []
    with running_server() as server:
        for kind in ImportKind:
            for n in sizes:
                path = flat_file(kind.value, n)
                async with fresh_database(server) as url:
                    plain, indexed = await _copies(kind, path, url)
                async with fresh_database(server) as url:
                    done = await asyncio.to_thread(_import, kind, path, url)
                figures += _figures(kind, n, done, {"copy": plain, "copy+indexes": indexed})
                print(f"  {kind} {n:,}: {n / done['seconds']:,.0f} rows/s", file=sys.stderr, flush=True)
    return figures


def _figures(kind: ImportKind, n: int, done: dict[str, float], peers: dict[str, float]) -> list[Figure]:
    rate = n / done["seconds"]
    found = [
        ("safqa", "speed", rate, "rows/s"),
        ("safqa", "peak RSS", done["rss_mb"], "MB"),
        ("safqa", "peak RSS of the parser", done["parser_rss_mb"], "MB"),
        ("safqa", "CPU", done["cpu"] / n * 1e6, "µs/row"),
        ("safqa", "CPU of the parser", done["parser_cpu"] / n * 1e6, "µs/row"),
    ]
    for peer, seconds in peers.items():
        found.append((peer, "speed", n / seconds, "rows/s"))
        found.append((peer, "safqa's share of it", 100 * rate / (n / seconds), "%"))
    return [Figure("import", kind.value, engine, n, metric, value, unit) for engine, metric, value, unit in found]


def _import(kind: ImportKind, path: Path, url: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.import_once", kind.value, str(path), url]
    done: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return done


async def _copies(kind: ImportKind, path: Path, url: str) -> tuple[float, float]:
    """Seconds of COPY into the plain table and into the one with indexes; deriving the values is not counted."""
    sql = tender_sql if kind is ImportKind.TENDERS else startup_sql
    real = "tender" if kind is ImportKind.TENDERS else "startup"
    connection = await connect(url)
    plain = indexed = 0.0
    try:
        await connection.execute(re.sub(r"\bTEMP |\bWITH \(.*", "", sql.CREATE))
        await connection.execute(f"CREATE TABLE twin (LIKE {real} INCLUDING ALL)")
        owner, now = new_uuid(), utc_now()
        key = "owner_id" if kind is ImportKind.TENDERS else "registrar_id"
        for rows in _rows(kind, path):
            plain += await _timed(connection, sql.STAGE, rows, sql.STAGED)
            wider = [(*row[1:], owner, now) for row in rows]
            indexed += await _timed(connection, "twin", wider, (*sql.STAGED[1:], key, "created_at"))
    finally:
        await connection.close()
    return plain, indexed


async def _timed(connection: asyncpg.Connection, table: str, rows: list[StagedRow], columns: tuple[str, ...]) -> float:
    started = time.perf_counter()
    await connection.copy_records_to_table(table, records=rows, columns=columns)
    return time.perf_counter() - started


def _rows(kind: ImportKind, path: Path) -> Iterator[list[StagedRow]]:
    side: Side = "tender" if kind is ImportKind.TENDERS else "startup"
    frames = iter(read_sandboxed(path, side, READING))
    while some := list(islice(frames, BATCH_ROWS // 500)):
        records = [record for frame in some for record in frame.records]
        yield list(map_batch(kind, Gathered(records, list(range(len(records))))).rows)
