"""What an upload holds, before anything of it is stored: the first records as they were read, and what is refused.

The file is read as the import itself reads it: in the sandbox, mapped to rows, with the same refusals.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final
from weakref import WeakKeyDictionary

import orjson
from pydantic import BaseModel, ConfigDict, JsonValue

from app.db.base import JsonObject
from app.files.contract import ReadOptions, Rejected, Side
from app.files.errors import FileError
from app.files.sandbox import read_sandboxed
from app.ingest.mapping import Gathered, map_batch
from app.ingest.repository import storable
from app.models.import_run import ImportKind

MOST_ROWS: Final = 2_000
"""How many records of a file are looked at: enough to see what is wrong with it, in a second or two."""

SHOWN: Final = 20
ERRORS_SHOWN: Final = 100
AT_ONCE: Final = 2
"""Uploads that a process looks at side by side: each has a reader of its own, with all the memory that one may take."""
_TURNS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]] = WeakKeyDictionary()
_SECONDS: Final = 20
_LONGEST_TEXT: Final = 200
_FIELDS: Final = (
    "id", "title", "name", "buyer", "deadline", "value", "place", "city", "regions", "sectors", "procedure", "lots",
)  # fmt: skip
_JSON_LINES: Final = (".jsonl", ".ndjson", ".jsonlines")


class Refusal(BaseModel):
    """A record that would be refused. ``unit``: what ``line`` counts, a line (or row) or a record."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    unit: str
    code: str
    reason: str
    excerpt: str


class Reading(BaseModel):
    """A record that would be taken in: the fields that tell which one it is."""

    line: int
    record: dict[str, JsonValue]


class Preview(BaseModel):
    """What the beginning of a file holds. ``whole``: that was all of it. ``problem``: the code of what stopped it."""

    accepted: int = 0
    refused: int = 0
    whole: bool = True
    problem: str | None = None
    readings: list[Reading] = []
    refusals: list[Refusal] = []


async def look(file: BinaryIO, filename: str, kind: ImportKind, options: ReadOptions) -> Preview:
    """Read the beginning of an uploaded file; what is unusable about it is told in ``problem``."""
    async with _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)):
        return await _look(file, filename, kind, options)


async def _look(file: BinaryIO, filename: str, kind: ImportKind, options: ReadOptions) -> Preview:
    limits = replace(options.limits, cpu_seconds=_SECONDS, waiting_seconds=float(_SECONDS))
    side: Side = "tender" if kind is ImportKind.TENDERS else "startup"
    found = Preview()
    with tempfile.TemporaryDirectory(prefix="safqa-preview-") as folder:
        path = Path(folder) / f"upload{suffix_of(filename)}"
        await asyncio.to_thread(_copy, file, path)
        try:
            async with aclosing(aiter(read_sandboxed(path, side, replace(options, limits=limits)))) as frames:
                async for frame in frames:
                    given = Gathered(list(frame.records), list(frame.lines), list(frame.rejected))
                    await asyncio.to_thread(_add, found, kind, given)
                    if found.accepted + found.refused >= MOST_ROWS:
                        found.whole = False
                        break
        except FileError as error:
            found.problem, found.whole = error.code, False
    return found


def suffix_of(filename: str) -> str:
    """The end of a name that the reader goes by where the content leaves something open."""
    return ".jsonl" if filename.casefold().removesuffix(".gz").endswith(_JSON_LINES) else ""


def _copy(file: BinaryIO, path: Path) -> None:
    file.seek(0)
    with path.open("wb") as copy:
        shutil.copyfileobj(file, copy)
    file.seek(0)


def _add(found: Preview, kind: ImportKind, given: Gathered) -> None:
    mapped = map_batch(kind, given)
    for line, record in zip(mapped.lines, mapped.records, strict=True):
        if len(found.readings) >= SHOWN:
            break
        found.readings.append(Reading(line=line, record=_told(orjson.loads(record))))
    found.refusals += _refusals(mapped.rejected, ERRORS_SHOWN - len(found.refusals))
    found.accepted += len(mapped.records)
    found.refused += len(mapped.rejected)


def _refusals(rejected: Sequence[Rejected], most: int) -> list[Refusal]:
    # A NUL of a stranger's file can't be kept as JSON by PostgreSQL.
    return [
        Refusal.model_validate(
            replace(each, reason=storable(each.reason), excerpt=storable(each.excerpt)), from_attributes=True
        )
        for each in rejected[:most]
    ]


def _told(record: JsonObject) -> JsonObject:
    """The fields that a person knows a record by; texts cut short, lots counted."""
    told: JsonObject = {}
    for name in _FIELDS:
        match record.get(name):
            case None:
                pass
            case str() as text:
                told[name] = text[:_LONGEST_TEXT]
            case list() as several if name == "lots":
                told[name] = len(several)
            case list() as several:
                told[name] = [str(each)[:_LONGEST_TEXT] for each in several[:10]]
            case dict() as part:
                told[name] = {key: str(value)[:_LONGEST_TEXT] for key, value in part.items() if key in _PARTS}
            case plain:
                told[name] = plain
    return told


_PARTS: Final = frozenset({"name", "amount", "currency"})
