"""What is written into the trail, and who may read it."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.audit.chain import FIRST, digest, first_break
from app.audit.repository import AuditRepository, FrozenLine, step_of
from app.audit.schemas import AuditEntryOut
from app.db.base import JsonObject
from app.db.session import Sessions
from app.kit.errors import NotFound
from app.kit.ids import TenderId
from app.models.audit_entry import AuditAction, AuditEntry

_AT_ONCE = 500
ExportFormat = Literal["jsonl", "csv"]
_COLUMNS = (
    "number", "at", "action", "organisation_id", "key_id", "tender_id", "tender_version", "details", "previous", "hash",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def record(
    session: AsyncSession,
    caller: Caller,
    tender_id: TenderId,
    action: AuditAction,
    details: JsonObject,
    now: dt.datetime,
) -> AuditEntry:
    """Add a step to the trail of a call of the caller's.

    Raises:
        NotFound: there is no such call, or it is somebody else's.

    """
    repository = AuditRepository(session)
    call = await repository.call_to_add_to(caller, tender_id)
    if call is None:
        raise NotFound
    return await repository.add(caller, (tender_id, *call), action, details, now)


async def entries(
    session: AsyncSession, caller: Caller, tender_id: TenderId, after: int, limit: int
) -> Sequence[AuditEntry]:
    """A page of a trail.

    Raises:
        NotFound: there is no such call, or it is somebody else's. The trail of a deleted draft stays its owner's.

    """
    repository = AuditRepository(session)
    rows = await repository.page(caller, tender_id, after, limit)
    if not rows and await repository.call(caller, tender_id) is None:
        raise NotFound
    return rows


async def frozen(
    session: AsyncSession, caller: Caller, tender_id: TenderId, before: int | None, limit: int
) -> Sequence[FrozenLine]:
    """The frozen lists of a call, the latest first.

    Raises:
        NotFound: there is no such call, or it is somebody else's.

    """
    repository = AuditRepository(session)
    rows = await repository.frozen(caller, tender_id, before, limit)
    if not rows and await repository.call(caller, tender_id) is None:
        raise NotFound
    return rows


async def frozen_list(session: AsyncSession, caller: Caller, tender_id: TenderId, number: int) -> AuditEntry:
    """The entry that keeps a frozen list.

    Raises:
        NotFound: there is no such list, or it is somebody else's.

    """
    rows = await AuditRepository(session).page(caller, tender_id, number - 1, 1)
    if not rows or rows[0].number != number or rows[0].action is not AuditAction.FROZEN:
        raise NotFound
    return rows[0]


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a stretch of a trail found: how many entries, and the first that doesn't follow from the others."""

    entries: int
    broken_at: int | None


def check_page(before: AuditEntry | None, rows: Sequence[AuditEntry]) -> Checked:
    """Whether entries follow from each other, and from the one before them (``None``: they begin the trail)."""
    previous, expected = (before.hash, before.number + 1) if before else (FIRST, 1)
    broken = first_break(((step_of(row), row.hash) for row in rows), previous, expected)
    return Checked(len(rows), broken)


async def check_trail(sessions: Sessions, caller: Caller, tender_id: TenderId) -> Checked:
    """The whole trail, some hundred entries at a time; between two of them no connection is held."""
    before: AuditEntry | None = None
    entries = 0
    while True:
        async with sessions() as session:
            rows = await AuditRepository(session).page(caller, tender_id, before.number if before else 0, _AT_ONCE)
        found = await asyncio.to_thread(check_page, before, rows)
        entries += found.entries
        if not rows or found.broken_at is not None:
            return Checked(entries, found.broken_at)
        before = rows[-1]


async def export(sessions: Sessions, caller: Caller, tender_id: TenderId, form: ExportFormat) -> AsyncIterator[str]:
    """The whole trail as text, some hundred entries at a time; between two of them no connection is held."""
    if form == "csv":
        yield _row(_COLUMNS)
    after = 0
    while True:
        async with sessions() as session:
            rows = await AuditRepository(session).page(caller, tender_id, after, _AT_ONCE)
            text = "".join(_line(row, form) for row in rows)
        if not rows:
            return
        yield text
        after = rows[-1].number


def _line(entry: AuditEntry, form: ExportFormat) -> str:
    told = {**step_of(entry).told(), "hash": entry.hash.hex()}
    if form == "jsonl":
        return json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n"
    told["details"] = json.dumps(told["details"], ensure_ascii=False, sort_keys=True)
    return _row([str(told[name]) for name in _COLUMNS])


def list_hash(candidates: Sequence[JsonObject]) -> bytes:
    """The hash of a frozen list."""
    return digest({"candidates": list(candidates)})


def out(entry: AuditEntry) -> AuditEntryOut:
    """An entry as it is shown."""
    told = step_of(entry).told()
    return AuditEntryOut.model_validate({**told, "hash": entry.hash.hex()})


def _row(values: Sequence[str]) -> str:
    """A line of CSV; what a spreadsheet would run as a formula is told as text."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerow(
        [f"'{each}" if each.startswith(_FORMULA) else each for each in values]
    )
    return target.getvalue()
