"""A pool of bare asyncpg connections for the few reads that every request pays for.

SQLAlchemy costs about four times a bare asyncpg query; authentication and the hottest detail route go without it
(see docs/decisions/0005-hot-reads-by-asyncpg.md). Reads only: the connections are read-only by default.
"""

from __future__ import annotations

import asyncpg
import orjson
from sqlalchemy.engine import make_url


async def create_hot_pool(url: str, *, size: int, statement_timeout_seconds: float) -> asyncpg.Pool:
    """A pool of up to ``size`` read-only connections; JSONB comes as the bytes PostgreSQL sent, to be passed on."""
    plain = make_url(url).set(drivername="postgresql")
    return await asyncpg.create_pool(
        plain.render_as_string(hide_password=False),
        min_size=2,
        max_size=size,
        max_inactive_connection_lifetime=300,
        timeout=10,
        init=_speak_json,
        reset=_nothing_to_reset,
        server_settings={
            "application_name": "safqa-hot",
            "timezone": "UTC",
            "jit": "off",
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(statement_timeout_seconds * 1_000)),
        },
    )


async def _nothing_to_reset(_: asyncpg.Connection) -> None:
    """Spare the statement with which asyncpg resets each connection that comes back: half of all that is sent.

    It undoes what a user left behind: locks, cursors, listeners, settings. Reads of one statement leave nothing.
    """


async def _speak_json(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.Fragment
        )
