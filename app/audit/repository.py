"""The trail in the database. The owner of the call comes first in every query."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.audit.chain import FIRST, Step
from app.db.base import JsonObject
from app.kit.ids import TenderId
from app.models.audit_entry import AuditAction, AuditEntry
from app.models.tender import Tender


class FrozenLine(NamedTuple):
    """A frozen list, as a list of them shows it."""

    number: int
    at: dt.datetime
    tender_version: int
    list_hash: str
    candidates: int


class AuditRepository:
    """Rows of the trail."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def call(self, caller: Caller, tender_id: TenderId) -> tuple[uuid.UUID, int] | None:
        """Owner and version of a call whose trail is the caller's to see: its own, or for operators, any."""
        query = select(Tender.owner_id, Tender.version).where(Tender.id == tender_id)
        if not caller.is_operator:
            query = query.where(Tender.owner_id == caller.organisation_id)
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def call_to_add_to(self, caller: Caller, tender_id: TenderId) -> tuple[uuid.UUID, int] | None:
        """The same for :meth:`add`: whoever adds to the same trail waits until this transaction ends."""
        turn = func.pg_advisory_xact_lock(func.hashtextextended(f"audit:{tender_id}", 0))
        query = select(Tender.owner_id, Tender.version, turn).where(Tender.id == tender_id)
        if not caller.is_operator:
            query = query.where(Tender.owner_id == caller.organisation_id)
        row = (await self._session.execute(query)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def add(
        self, caller: Caller, call: tuple[TenderId, uuid.UUID, int], action: AuditAction, details: JsonObject,
        now: dt.datetime,
    ) -> AuditEntry:  # fmt: skip
        """Add an entry after the last one. ``call``: its id, and what :meth:`call_to_add_to` said of it."""
        tender_id, owner_id, version = call
        last = (
            await self._session.execute(
                select(AuditEntry.number, AuditEntry.hash)
                .where(AuditEntry.tender_id == tender_id)
                .order_by(AuditEntry.number.desc())
                .limit(1)
            )
        ).one_or_none()
        number, previous = (last[0] + 1, last[1]) if last else (1, FIRST)
        step = Step(
            tender_id, number, caller.organisation_id, caller.key_id, action, version, details, now, previous
        )  # fmt: skip
        entry = AuditEntry(
            tender_id=tender_id, number=number, owner_id=owner_id, organisation_id=caller.organisation_id,
            key_id=caller.key_id, action=action, tender_version=version, details=details, at=now, previous=previous,
            hash=step.hashed(),
        )  # fmt: skip
        self._session.add(entry)
        await self._session.flush()
        return entry

    async def page(self, caller: Caller, tender_id: TenderId, after: int, limit: int) -> Sequence[AuditEntry]:
        """Entries of a trail, the first ones first."""
        query = (
            select(AuditEntry)
            .where(AuditEntry.tender_id == tender_id, AuditEntry.number > after)
            .order_by(AuditEntry.number)
            .limit(limit)
        )
        if not caller.is_operator:
            query = query.where(AuditEntry.owner_id == caller.organisation_id)
        return (await self._session.scalars(query)).all()

    async def frozen(self, caller: Caller, tender_id: TenderId, before: int | None, limit: int) -> Sequence[FrozenLine]:
        """The frozen lists of a trail without their candidates, the latest first, earlier than the given one."""
        query = (
            select(
                AuditEntry.number, AuditEntry.at, AuditEntry.tender_version,
                AuditEntry.details["list_hash"].astext,
                func.jsonb_array_length(AuditEntry.details["candidates"]),
            )
            .where(AuditEntry.tender_id == tender_id, AuditEntry.action == AuditAction.FROZEN)
            .order_by(AuditEntry.number.desc())
            .limit(limit)
        )  # fmt: skip
        if not caller.is_operator:
            query = query.where(AuditEntry.owner_id == caller.organisation_id)
        if before is not None:
            query = query.where(AuditEntry.number < before)
        return [FrozenLine._make(row) for row in await self._session.execute(query)]


def step_of(entry: AuditEntry) -> Step:
    """A row as it is hashed."""
    return Step(
        entry.tender_id, entry.number, entry.organisation_id, entry.key_id, entry.action, entry.tender_version,
        entry.details, entry.at, entry.previous,
    )  # fmt: skip
