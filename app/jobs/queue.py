"""Asking for work, in the same transaction as the change that calls for it."""

from __future__ import annotations

import datetime as dt

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings
from pgqueuer.ports.driver import Driver
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import driver_connection
from app.jobs.messages import Message

SCHEMA = DBSettings(db_schema="pgqueuer")


def queries(driver: Driver) -> Queries:
    """PGQueuer's statements, for its tables in our schema ``pgqueuer``."""
    return Queries(
        driver,
        qbe=QueryBuilderEnvironment(SCHEMA),
        qbq=QueryQueueBuilder(SCHEMA),
        qbs=QuerySchedulerBuilder(SCHEMA),
    )


async def enqueue(session: AsyncSession, *messages: Message, delay: dt.timedelta | None = None) -> None:
    """Queue ``messages``: they exist if and when the session commits, and not at all if it rolls back.

    A message whose ``dedupe_key`` is already waiting or running is dropped.
    """
    if not messages:
        return
    connection = await driver_connection(session)
    await queries(AsyncpgDriver(connection)).enqueue(
        [message.entrypoint for message in messages],
        [message.model_dump_json().encode() for message in messages],
        [message.priority for message in messages],
        execute_after=[delay for _ in messages],
        dedupe_key=[message.dedupe_key() for message in messages],
        on_conflict="skip",
    )


_WAITING = text(
    "SELECT EXISTS (SELECT FROM pgqueuer.pgqueuer WHERE dedupe_key = :key AND "
    "status = ANY (ARRAY['queued'::pgqueuer.pgqueuer_status, 'picked'::pgqueuer.pgqueuer_status]))"
)


async def is_waiting(session: AsyncSession, message: Message) -> bool:
    """Whether a job that makes this one needless waits or runs. Only for messages that have a ``dedupe_key``."""
    return bool(await session.scalar(_WAITING, {"key": message.dedupe_key()}))
