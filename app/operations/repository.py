"""The installation in numbers: a few statements, none of which reads a large table whole."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.api_key import ApiKey
from app.models.organisation import Organisation, OrganisationKind
from app.models.person import Membership
from app.models.source_state import SourceState

_QUEUES = text("""
SELECT entrypoint,
    count(*) FILTER (WHERE status = 'queued' AND execute_after <= :now) AS due,
    count(*) FILTER (WHERE status = 'queued' AND execute_after > :now) AS later,
    count(*) FILTER (WHERE status = 'picked') AS running,
    min(execute_after) FILTER (WHERE status = 'queued' AND execute_after <= :now) AS oldest_due
FROM pgqueuer.pgqueuer GROUP BY entrypoint ORDER BY entrypoint
""")
_FAILED = text("""
SELECT entrypoint, count(*) FROM pgqueuer.pgqueuer_log
WHERE created > :since AND status IN ('exception', 'failed') GROUP BY entrypoint
""")
_SCHEDULES = text("SELECT entrypoint, last_run, next_run FROM pgqueuer.pgqueuer_schedules ORDER BY entrypoint")
_LETTERS = text("SELECT state, count(*) FROM letter WHERE created_at > :since GROUP BY state")
_NEWEST_EVENT = text("SELECT sequence, occurred_at FROM event ORDER BY id DESC LIMIT 1")
_SIZES = text("""
SELECT c.relname, greatest(c.reltuples, 0)::bigint AS rows, pg_total_relation_size(c.oid) AS bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' ORDER BY bytes DESC LIMIT 12
""")


class Queue(NamedTuple):
    """One kind of job. ``later``: queued for a time to come, or again after a failure."""

    entrypoint: str
    due: int
    later: int
    running: int
    oldest_due: dt.datetime | None


class Schedule(NamedTuple):
    """A recurring job and its times; ``last_run`` is ``None`` before its first."""

    entrypoint: str
    last_run: dt.datetime | None
    next_run: dt.datetime | None


class TableSize(NamedTuple):
    """A table with its indexes on disk; ``rows`` as the planner estimates them."""

    name: str
    rows: int
    bytes: int


class NewestEvent(NamedTuple):
    """The end of the event log; ``sequence`` is ``None`` until it has its place in the order."""

    sequence: int | None
    occurred_at: dt.datetime


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation of this installation. ``portal``: calls are collected from it, and nobody signs in for it."""

    id: uuid.UUID
    kind: OrganisationKind
    name: str
    country: str | None
    fictional: bool
    created_at: dt.datetime
    members: int
    keys: int
    portal: bool


class OperationsRepository:
    """Reads of the operator's; who may is decided before."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def queues(self, now: dt.datetime) -> Sequence[Queue]:
        """The jobs that wait or run, by kind."""
        return [Queue._make(row) for row in await self._session.execute(_QUEUES, {"now": now})]

    async def failures(self, since: dt.datetime) -> Mapping[str, int]:
        """How often jobs of each kind have failed."""
        return {row[0]: row[1] for row in await self._session.execute(_FAILED, {"since": since})}

    async def schedules(self) -> Sequence[Schedule]:
        """The recurring jobs."""
        return [Schedule._make(row) for row in await self._session.execute(_SCHEDULES)]

    async def letters(self, since: dt.datetime) -> Mapping[str, int]:
        """Letters by their state."""
        return {row[0]: row[1] for row in await self._session.execute(_LETTERS, {"since": since})}

    async def newest_event(self) -> NewestEvent | None:
        """The last entry of the event log."""
        found = (await self._session.execute(_NEWEST_EVENT)).one_or_none()
        return None if found is None else NewestEvent._make(found)

    async def sizes(self) -> Sequence[TableSize]:
        """The largest tables."""
        return [TableSize._make(row) for row in await self._session.execute(_SIZES)]

    async def organisations(
        self, kind: OrganisationKind | None, name: str | None, before: uuid.UUID | None, limit: int
    ) -> Sequence[OrganisationLine]:
        """Organisations, the newest first, with how many members and live keys each has."""
        query = _organisations().order_by(Organisation.id.desc()).limit(limit)
        if kind is not None:
            query = query.where(Organisation.kind == kind)
        if name is not None:
            query = query.where(Organisation.name.icontains(name, autoescape=True))
        if before is not None:
            query = query.where(Organisation.id < before)
        return [OrganisationLine(*row) for row in await self._session.execute(query)]

    async def organisation(self, organisation_id: uuid.UUID) -> OrganisationLine | None:
        """One of them."""
        rows = await self._session.execute(_organisations().where(Organisation.id == organisation_id))
        found = rows.one_or_none()
        return None if found is None else OrganisationLine(*found)


def _organisations() -> Select[*tuple[Any, ...]]:
    members = select(func.count()).where(Membership.organisation_id == Organisation.id).scalar_subquery()
    live = (ApiKey.revoked_at.is_(None), func.coalesce(ApiKey.expires_at > func.now(), True))
    keys = select(func.count()).where(ApiKey.organisation_id == Organisation.id, *live).scalar_subquery()
    return select(
        Organisation.id, Organisation.kind, Organisation.name, Organisation.country, Organisation.fictional,
        Organisation.created_at, members, keys, exists().where(SourceState.organisation_id == Organisation.id),
    )  # fmt: skip
