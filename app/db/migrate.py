"""Bringing a database to the schema of this version."""

from __future__ import annotations

import functools
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine


class NewerDatabase(RuntimeError):
    """The database is at a revision that this code does not know; the text says what to do."""


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


@functools.cache
def head() -> str:
    """The newest revision known to this code. Read once: Alembic runs every migration's file to tell it."""
    found = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if found is None:
        raise RuntimeError("no migrations found")
    return found


async def current(engine: AsyncEngine) -> str | None:
    """The revision the database is at; ``None`` for an empty one."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def upgrade(engine: AsyncEngine) -> None:
    """Run the missing migrations, one transaction each, while holding an advisory lock.

    Raises:
        NewerDatabase: a newer version of Safqa has been here.
    """
    async with engine.connect() as connection:
        # Another process may be migrating: however long it takes, this one waits for it.
        await connection.execute(text("SET LOCAL lock_timeout = 0"))
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        await connection.commit()
        try:
            await connection.run_sync(_upgrade)
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            await connection.commit()


def _upgrade(connection: Connection) -> None:
    at = MigrationContext.configure(connection).get_current_revision()
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as failed:
        if at is None or at in _known():
            raise
        raise NewerDatabase(
            f"the database is at revision {at}, which this version of Safqa does not know: install the newer one, "
            "or restore a backup made before the upgrade"
        ) from failed


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


async def write_revision(engine: AsyncEngine, message: str) -> Path:
    """Write a new revision from the difference between the models and a database at the newest revision."""

    def write(connection: Connection) -> Path:
        made = command.revision(alembic_config(connection), message, autogenerate=True)
        if made is None or isinstance(made, list):
            raise RuntimeError("alembic wrote no single revision")
        return Path(made.path)

    async with engine.connect() as connection:
        return await connection.run_sync(write)
