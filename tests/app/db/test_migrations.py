"""The migrations make what the models say, forwards and backwards."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from app.db.base import Base
from app.db.engine import create_engine
from app.db.migrate import alembic_config, current, head, upgrade
from tests.support.db import Database


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_object": lambda _o, name, kind, *_: not (kind == "table" and name == "alembic_version"),
        },
    )
    return list(compare_metadata(context, Base.metadata))


async def test_the_migrated_schema_is_that_of_the_models(fresh: Database) -> None:
    import app.models  # noqa: F401

    engine = create_engine(fresh.url, pool_size=2, statement_timeout_seconds=20)
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    assert await current(engine) == head()
    await engine.dispose()


async def test_every_revision_goes_down_and_up_again(fresh: Database) -> None:
    engine = create_engine(fresh.url, pool_size=2, statement_timeout_seconds=20)
    async with engine.connect() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "base"))
        await connection.commit()
        left = await connection.execute(
            text("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'pgqueuer')")
        )
        assert left.scalar_one() == 1  # alembic's own
    await upgrade(engine)
    assert await current(engine) == head()
    await engine.dispose()


async def test_two_processes_may_migrate_at_once(fresh: Database) -> None:
    import asyncio

    engines = [create_engine(fresh.url, pool_size=2, statement_timeout_seconds=20) for _ in range(2)]
    async with engines[0].connect() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "base"))
        await connection.commit()
    await asyncio.gather(*(upgrade(engine) for engine in engines))
    assert await current(engines[1]) == head()
    for engine in engines:
        await engine.dispose()
