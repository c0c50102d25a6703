"""Alembic's environment. The service passes its connection; the command line takes the URL of the settings."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from app.db.base import Base
from app.models import Tender  # noqa: F401 (importing the package makes every table known)


def include_object(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave out what other libraries keep: PGQueuer's objects live in a schema of their own."""
    return not (type_ == "table" and name == "alembic_version")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=include_object,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_from_settings() -> None:
    from app.cli.database import database  # noqa: F401

    raise SystemExit("run `safqa migrate`; for a new revision see alembic/README.md")


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_from_settings())
