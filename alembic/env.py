"""Alembic's environment. The connection comes from ``app.db.migrate``."""

from __future__ import annotations

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


given = context.config.attributes.get("connection")
if given is None:
    raise SystemExit("use `safqa migrate`: it knows the settings and brings the embedded server up")
run(given)
