"""A database that is away, busy or slow is no fault of ours: it is answered 503, with when to come again."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.api.problems import tell
from app.db.outages import DATABASE_ERRORS, passing
from app.kit.errors import ServiceUnavailable
from app.kit.observability import get_logger

log = get_logger(__name__)

RETRY_SECONDS = 2


def install_outage_handlers(app: FastAPI) -> None:
    """Answer what passes by itself with 503 and ``Retry-After``; anything else stays a fault."""
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _on_database_error)


async def _on_database_error(request: Request, error: Exception) -> Response:
    why = passing(error)
    if why is None:
        raise error
    log.warning("database.unavailable", why=why, error=type(error).__name__)
    return await tell(request, ServiceUnavailable(retry_after_seconds=RETRY_SECONDS))
