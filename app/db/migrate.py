"""Bringing a database to the schema of this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x5AF9A  # one migrating process at a time, whoever starts first


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, bound to ``connection`` where one is given."""
    config = Config()
    config.set_main_option("script_location", str(_scripts()))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def _scripts() -> Path:
    return Path(__file__).resolve().parents[2] / "alembic"


def head() -> str:
    """The newest revision known to this code."""
    found = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if found is None:
        raise RuntimeError("no migrations found")
    return found


async def current(engine: AsyncEngine) -> str | None:
    """The revision the database is at; ``None`` for an empty one."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def upgrade(engine: AsyncEngine) -> None:
    """Run the missing migrations, one transaction each, while holding an advisory lock."""
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        await connection.commit()
        try:
            await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            await connection.commit()
