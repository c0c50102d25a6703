"""The engine: pool, timeouts, JSON by orjson."""

from __future__ import annotations

import orjson
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def create_engine(url: str, *, pool_size: int, statement_timeout_seconds: float) -> AsyncEngine:
    """An engine on asyncpg whose connections refuse to run or wait for ever.

    ``statement_timeout_seconds`` bounds a single statement, a tenth of it (at least 2 s) the wait for a lock.
    """
    lock_seconds = max(2.0, statement_timeout_seconds / 10)
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        hide_parameters=True,  # an error goes into the log, and what people wrote must not
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 10,
            "server_settings": {
                "application_name": "safqa",
                "timezone": "UTC",
                "jit": "off",  # compiling a plan costs more than any of our short statements
                "statement_timeout": str(int(statement_timeout_seconds * 1_000)),
                "lock_timeout": str(int(lock_seconds * 1_000)),
                "idle_in_transaction_session_timeout": "60000",
            },
        },
    )


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode()
