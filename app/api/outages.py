"""A database that is away, busy or slow is not a fault of ours: the same request is worth repeating after a moment."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import exc

from app.api.problems import problem_response
from app.kit.errors import ServiceUnavailable
from app.kit.observability import get_logger

log = get_logger(__name__)

RETRY_SECONDS = 2
_PASSING = frozenset({
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
    "25P03",  # idle_in_transaction_session_timeout
})  # fmt: skip
_CONNECTION = "08"


def install_outage_handlers(app: FastAPI) -> None:
    """Answer what passes by itself with 503 and ``Retry-After``; anything else stays a fault."""
    kinds: tuple[type[Exception], ...] = (
        exc.SQLAlchemyError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
    )
    for kind in kinds:
        app.add_exception_handler(kind, _on_database_error)


def passing(error: BaseException) -> str | None:
    """Why the database could not do it now, as a short code; ``None`` for a fault that would be met again."""
    for cause in _causes(error):
        match cause:
            case exc.TimeoutError():
                return "pool-exhausted"
            case asyncpg.InterfaceError() if "clos" in str(cause):  # "is closed", "is closing": it has no class for it
                return "connection-lost"
            case OSError() if cause.filename is None and cause.errno != errno.ENOSPC:  # of a socket, not of a file
                return "connection-lost"
            case asyncpg.PostgresError() if _passes(cause):
                return f"sqlstate-{cause.sqlstate}"
            case exc.DBAPIError() if cause.connection_invalidated:
                return "connection-lost"
            case _:
                pass
    return None


def _passes(error: asyncpg.PostgresError) -> bool:
    state = str(error.sqlstate or "")
    return state in _PASSING or state.startswith(_CONNECTION)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies under it: SQLAlchemy wraps the driver's twice."""
    seen: BaseException | None = error
    for _ in range(5):
        if seen is None:
            return
        yield seen
        seen = getattr(seen, "orig", None) or seen.__cause__


async def _on_database_error(request: Request, error: Exception) -> Response:
    why = passing(error)
    if why is None:
        raise error
    log.warning("database.unavailable", why=why, error=type(error).__name__)
    return problem_response(request, ServiceUnavailable(retry_after_seconds=RETRY_SECONDS))
