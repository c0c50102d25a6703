"""The installation as its operator sees it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.accounts.schemas import OrganisationIn
from app.accounts.service import create_organisation
from app.channels.webhooks.backlog import Backlog, read_backlog
from app.db.session import driver_connection
from app.jobs.messages import Tidy
from app.kit.errors import NotFound
from app.kit.ids import OrganisationId
from app.models.organisation import OrganisationKind
from app.operations.repository import (
    NewestEvent,
    OperationsRepository,
    OrganisationLine,
    Queue,
    Schedule,
    TableSize,
)

LATE: Final = dt.timedelta(minutes=10)
"""A job that has been due for so long waits for a worker that is not there, or is far too busy."""
_FAILURES_SINCE: Final = dt.timedelta(days=1)
_LETTERS_SINCE: Final = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Operations:
    """What waits, what failed within a day, letters of a week, the event log, what takes room on disk."""

    queues: Sequence[Queue]
    late: bool
    failures: Mapping[str, int]
    schedules: Sequence[Schedule]
    tidied_at: dt.datetime | None
    webhooks: Backlog
    letters: Mapping[str, int]
    newest_event: NewestEvent | None
    sizes: Sequence[TableSize]


async def look(session: AsyncSession, caller: Caller, now: dt.datetime) -> Operations:
    """How the installation is.

    Raises:
        NotFound: the caller is no operator.

    """
    _require_operator(caller)
    repository = OperationsRepository(session)
    queues = await repository.queues(now)
    schedules = await repository.schedules()
    tidied = [each.last_run for each in schedules if each.entrypoint == Tidy.entrypoint]
    return Operations(
        queues=queues,
        late=any(each.oldest_due is not None and now - each.oldest_due > LATE for each in queues),
        failures=await repository.failures(now - _FAILURES_SINCE),
        schedules=schedules,
        tidied_at=tidied[0] if tidied else None,
        webhooks=await read_backlog(await driver_connection(session), now),
        letters=await repository.letters(now - _LETTERS_SINCE),
        newest_event=await repository.newest_event(),
        sizes=await repository.sizes(),
    )


@dataclass(frozen=True, slots=True)
class OrganisationFilters:
    """Which organisations are wanted; ``None`` means any."""

    kind: OrganisationKind | None = None
    name: str | None = None


async def organisations(
    session: AsyncSession, caller: Caller, filters: OrganisationFilters, before: uuid.UUID | None, limit: int
) -> Sequence[OrganisationLine]:
    """The organisations of this installation, the newest first.

    Raises:
        NotFound: the caller is no operator.

    """
    _require_operator(caller)
    return await OperationsRepository(session).organisations(filters.kind, filters.name, before, limit)


async def organisation(session: AsyncSession, caller: Caller, organisation_id: uuid.UUID) -> OrganisationLine:
    """One of them.

    Raises:
        NotFound: there is none, or the caller is no operator.

    """
    _require_operator(caller)
    found = await OperationsRepository(session).organisation(organisation_id)
    if found is None:
        raise NotFound
    return found


async def enter_organisation(session: AsyncSession, caller: Caller, order: OrganisationIn) -> OrganisationId:
    """Enter an organisation that has neither members nor keys yet.

    Raises:
        NotFound: the caller is no operator.

    """
    _require_operator(caller)
    made = create_organisation(session, kind=order.kind, name=order.name, country=order.country)
    await session.flush()
    return OrganisationId(made.id)


def _require_operator(caller: Caller) -> None:
    if not caller.is_operator:
        raise NotFound
