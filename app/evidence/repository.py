"""Evidence in the database. Who is asking comes first and is part of every query of the API's."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.kit.ids import StartupId, TenderId
from app.models.startup import Startup
from app.models.startup_evidence import EvidenceFile, EvidenceVersion, StartupEvidence
from app.models.tender import Tender, TenderStatus


def held_by(caller: Caller) -> ColumnElement[bool]:
    """The startups whose evidence is the caller's: its own, those it brought in until they are claimed; operators' all.

    Buyers and matched parties have no part in it, nor has whoever brought a startup in once that has taken over.
    """
    unclaimed = and_(Startup.registrar_id == caller.organisation_id, Startup.owner_id.is_(None))
    mine = true() if caller.is_operator else or_(Startup.owner_id == caller.organisation_id, unclaimed)
    return and_(Startup.deleted_at.is_(None), mine)


def evidence_for(caller: Caller) -> ColumnElement[JsonObject | None]:
    """The evidence that is the caller's to see; nothing follows from any other, as outcomes would tell of it."""
    return case((held_by(caller), StartupEvidence.document))


class EvidenceRepository:
    """Rows of evidence, their versions and files."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def holds(self, caller: Caller, startup_id: StartupId, *, lock: bool = False) -> bool:
        """Whether there is such a startup and its evidence is the caller's; ``lock`` holds the startup's row."""
        query = select(Startup.id).where(Startup.id == startup_id, held_by(caller))
        return await self._session.scalar(query.with_for_update() if lock else query) is not None

    async def current(self, caller: Caller, startup_id: StartupId) -> tuple[bool, StartupEvidence | None]:
        """Whether the caller may see the startup's evidence, and what there is of it."""
        rows = await self._session.execute(
            select(Startup.id, StartupEvidence)
            .outerjoin(StartupEvidence, StartupEvidence.startup_id == Startup.id)
            .where(Startup.id == startup_id, held_by(caller))
            .execution_options(populate_existing=True)
        )
        found = rows.one_or_none()
        return (False, None) if found is None else (True, found[1])

    async def row_of(self, startup_id: uuid.UUID) -> StartupEvidence | None:
        """The evidence of a startup that was looked at before."""
        return await self._session.get(StartupEvidence, startup_id, populate_existing=True)

    def add(self, row: StartupEvidence | EvidenceVersion | EvidenceFile) -> None:
        """Enter a row."""
        self._session.add(row)

    async def flush(self) -> None:
        """Send what was entered or changed."""
        await self._session.flush()

    async def versions(
        self, caller: Caller, startup_id: StartupId, before: int | None, limit: int
    ) -> Sequence[EvidenceVersion]:
        """The versions of a startup's evidence, the newest first, older than the given one."""
        query = (
            select(EvidenceVersion)
            .join(Startup, Startup.id == EvidenceVersion.startup_id)
            .where(EvidenceVersion.startup_id == startup_id, held_by(caller))
            .order_by(EvidenceVersion.version.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(EvidenceVersion.version < before)
        return (await self._session.scalars(query)).all()

    async def version(self, caller: Caller, startup_id: StartupId, version: int) -> EvidenceVersion | None:
        """One version."""
        return await self._session.scalar(
            select(EvidenceVersion)
            .join(Startup, Startup.id == EvidenceVersion.startup_id)
            .where(
                EvidenceVersion.startup_id == startup_id, EvidenceVersion.version == version, held_by(caller)
            )
        )  # fmt: skip

    async def deadline_of(self, caller: Caller, tender_id: TenderId) -> tuple[dt.datetime | None, str | None] | None:
        """The deadline and the country of a call that the caller may see; ``None`` where it may see no such call."""
        seen = or_(Tender.status != TenderStatus.DRAFT, Tender.owner_id == caller.organisation_id)
        rows = await self._session.execute(
            select(Tender.deadline_at, Tender.country).where(Tender.id == tender_id, seen)
        )
        found = rows.one_or_none()
        return None if found is None else (found[0], found[1])


class FileRepository:
    """Files behind the evidence. What they hold is read by :meth:`content` alone."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, startup_id: StartupId) -> Sequence[EvidenceFile]:
        """The files of a startup, the oldest first; whether the caller may is decided before."""
        return (
            await self._session.scalars(
                select(EvidenceFile).where(EvidenceFile.startup_id == startup_id).order_by(EvidenceFile.id)
            )
        ).all()

    async def taken(self, startup_id: StartupId) -> tuple[int, int]:
        """How many files a startup has, and their bytes."""
        rows = await self._session.execute(
            select(func.count(), func.coalesce(func.sum(EvidenceFile.size), 0)).where(
                EvidenceFile.startup_id == startup_id
            )
        )
        count, size = rows.one()
        return count, int(size)

    async def content(self, caller: Caller, startup_id: StartupId, file_id: uuid.UUID) -> EvidenceFile | None:
        """A file with what it holds."""
        return await self._session.scalar(
            select(EvidenceFile)
            .join(Startup, Startup.id == EvidenceFile.startup_id)
            .where(EvidenceFile.id == file_id, EvidenceFile.startup_id == startup_id, held_by(caller))
            .options(undefer(EvidenceFile.content))
        )

    async def delete(self, startup_id: StartupId, file_id: uuid.UUID) -> bool:
        """Remove a file; whether there was one."""
        done = await self._session.execute(
            delete(EvidenceFile)
            .where(EvidenceFile.id == file_id, EvidenceFile.startup_id == startup_id)
            .returning(EvidenceFile.id)
        )
        return done.one_or_none() is not None
