"""Startups in the database. Who is asking comes first, and is part of every query."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue
from sqlalchemy import Select, exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.accounts.caller import Caller
from app.kit.ids import StartupId
from app.models.startup import Startup
from app.models.startup_version import StartupVersion
from app.startups.filters import StartupFilters, conditions
from app.startups.visibility import changed_by, visible_to, whole_for

# The searched text is as long as the profile, and nobody reads it.
_WITHOUT_SEARCH = (defer(Startup.search, raiseload=True), defer(Startup.search_text, raiseload=True))


class Line(NamedTuple):
    """What a list shows of a startup, as its record wrote it; ``sort_name`` is the key of the list."""

    id: uuid.UUID
    sort_name: str
    name: str
    country: str | None
    city: str | None
    regions: JsonValue
    sectors: JsonValue
    languages: JsonValue
    labels: JsonValue
    certifications: JsonValue
    employees: int | None
    listed: bool
    version: int
    updated_at: dt.datetime


class StartupRepository:
    """Rows of startups and their versions."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def visible(self, caller: Caller, startup_id: StartupId) -> Startup | None:
        """The startup, if the caller may know of it."""
        found = select(Startup).where(Startup.id == startup_id, visible_to(caller)).options(*_WITHOUT_SEARCH)
        return await self._session.scalar(found)

    async def several(self, caller: Caller, startup_ids: Collection[uuid.UUID]) -> Sequence[Startup]:
        """Those of these startups that the caller may know of."""
        found = select(Startup).where(Startup.id.in_(list(startup_ids)), visible_to(caller)).options(*_WITHOUT_SEARCH)
        return (await self._session.scalars(found)).all()

    async def locked(self, caller: Caller, startup_id: StartupId) -> Startup | None:
        """The startup, locked until the transaction ends, if it is or was until its claim the caller's to change."""
        return await self._session.scalar(
            select(Startup)
            .where(Startup.id == startup_id, changed_by(caller))
            .options(*_WITHOUT_SEARCH)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def add(self, values: Mapping[str, object]) -> Startup | None:
        """Enter a startup; ``None`` if its registrar has one with this external id."""
        return await self._session.scalar(
            insert(Startup)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["registrar_id", "external_id"])
            .returning(Startup)
            .options(*_WITHOUT_SEARCH)
        )

    def add_version(self, version: StartupVersion) -> None:
        """Enter a version of a profile."""
        self._session.add(version)

    async def by_name(
        self, caller: Caller, filters: StartupFilters, after: tuple[str, uuid.UUID] | None, limit: int
    ) -> list[Line]:
        """The startups that the caller may know of and that pass, by folded name, after the given name and id."""
        query = _lines(caller, filters).order_by(Startup.sort_name, Startup.id).limit(limit)
        if after is not None:
            query = query.where(tuple_(Startup.sort_name, Startup.id) > after)
        return [Line._make(row) for row in await self._session.execute(query)]

    async def newest(self, caller: Caller, filters: StartupFilters, before: uuid.UUID | None, limit: int) -> list[Line]:
        """The startups that the caller may know of and that pass, the newest first, older than the given id."""
        query = _lines(caller, filters).order_by(Startup.id.desc()).limit(limit)
        if before is not None:
            query = query.where(Startup.id < before)
        return [Line._make(row) for row in await self._session.execute(query)]

    async def sees_whole(self, caller: Caller, startup_id: StartupId) -> bool:
        """Whether the caller sees the whole of this startup."""
        return bool(await self._session.scalar(select(exists().where(Startup.id == startup_id, whole_for(caller)))))

    async def versions(
        self, caller: Caller, startup_id: StartupId, before: int | None, limit: int
    ) -> Sequence[StartupVersion]:
        """The versions of a startup without their records, the newest first, older than the given one."""
        query = (
            select(StartupVersion)
            .join(Startup, Startup.id == StartupVersion.startup_id)
            .where(StartupVersion.startup_id == startup_id, whole_for(caller))
            .order_by(StartupVersion.version.desc())
            .limit(limit)
            .options(defer(StartupVersion.record, raiseload=True))
        )
        if before is not None:
            query = query.where(StartupVersion.version < before)
        return (await self._session.scalars(query)).all()

    async def version(self, caller: Caller, startup_id: StartupId, version: int) -> StartupVersion | None:
        """One version with its record."""
        return await self._session.scalar(
            select(StartupVersion)
            .join(Startup, Startup.id == StartupVersion.startup_id)
            .where(StartupVersion.startup_id == startup_id, StartupVersion.version == version, whole_for(caller))
        )


def _lines(caller: Caller, filters: StartupFilters) -> Select[*tuple[object, ...]]:
    written = [Startup.record[name] for name in ("regions", "sectors", "languages", "labels", "certifications")]
    return select(
        *(Startup.id, Startup.sort_name, Startup.name, Startup.country, Startup.city),
        *written,
        *(Startup.employees, Startup.listed, Startup.version, Startup.updated_at),
    ).where(visible_to(caller), *conditions(filters))
