"""What of the database passes by itself: it is away, busy or slow. The same work is worth repeating after a moment."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import asyncpg
from sqlalchemy import exc

DATABASE_ERRORS: tuple[type[Exception], ...] = (
    exc.SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""Everything that :func:`passing` may know, and faults of ours beside it."""

_PASSING = frozenset({
    "25P03",  # idle_in_transaction_session_timeout
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
    "53300",  # too_many_connections
    "53400",  # configuration_limit_exceeded
    "55P03",  # lock_not_available: the wait for a lock is bounded
    "57014",  # query_canceled: so is a statement
    "57P01",  # admin_shutdown
    "57P02",  # crash_shutdown
    "57P03",  # cannot_connect_now
    "57P05",  # idle_session_timeout
})  # fmt: skip
_CONNECTION = "08"
_DEEPEST = 10


def passing(error: BaseException) -> str | None:
    """Why the database could not do it now, as a short code; ``None`` for a fault that would be met again."""
    return next((why for cause in _causes(error, _DEEPEST) if (why := _known(cause)) is not None), None)


def _known(cause: BaseException) -> str | None:
    match cause:
        case exc.TimeoutError():
            return "pool-exhausted"
        case asyncpg.PostgresError() if _passes(str(cause.sqlstate or "")):
            return f"sqlstate-{cause.sqlstate}"
        case _:
            return "connection-lost" if _is_loss(cause) else None


def _is_loss(cause: BaseException) -> bool:
    match cause:
        case asyncpg.InterfaceError():
            return "clos" in str(cause)  # "is closed", "is closing": it has no class for it
        case asyncpg.InternalClientError():  # a statement on a connection that broke in the middle of another
            return True
        case OSError():
            return cause.filename is None and cause.errno != errno.ENOSPC  # of a socket, not of a file
        case _:
            return isinstance(cause, exc.DBAPIError) and cause.connection_invalidated


def _passes(state: str) -> bool:
    return state in _PASSING or state.startswith(_CONNECTION)


def _causes(error: BaseException, depth: int) -> Iterator[BaseException]:
    """The error, what lies under it (SQLAlchemy wraps the driver's twice; giving a dead connection back raises another
    error), and the members of groups.
    """
    if depth == 0:
        return
    yield error
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    context = None if error.__suppress_context__ else error.__context__
    for cause in (getattr(error, "orig", None), error.__cause__, context, *members):
        if isinstance(cause, BaseException):
            yield from _causes(cause, depth - 1)
