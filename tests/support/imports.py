"""Files to import, and a way to run an import to its end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import httpx

from tests.support.api import Api, Person


def jsonl(records: Iterable[dict[str, object]]) -> bytes:
    """Records as a flat file."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def write_jsonl(path: Path, records: Iterable[dict[str, object]]) -> Path:
    """The same, on disk."""
    path.write_bytes(jsonl(records))
    return path


async def send(person: Person, what: str, content: bytes, **parameters: str) -> httpx.Response:
    """Upload a file as the raw body."""
    return await person.client.post(
        f"/v1/imports/{what}",
        params={"filename": f"{what}.jsonl", **parameters},
        content=content,
        headers={"Content-Type": "application/octet-stream"},
    )


async def imported(api: Api, person: Person, what: str, content: bytes, **parameters: str) -> dict[str, object]:
    """Upload a file, let a worker carry the import out, and read what became of it."""
    answer = await send(person, what, content, **parameters)
    assert answer.status_code == 202, answer.text
    async with api.worker():
        pass
    run: dict[str, object] = (await person.client.get(answer.headers["Location"])).json()
    return run


def counts(run: dict[str, object]) -> dict[str, object]:
    """The counts of a run."""
    return {name: run[name] for name in ("seen", "created", "updated", "unchanged", "rejected")}
