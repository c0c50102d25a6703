"""How commands come to their settings and to the database; every fault of set-up is one line for the person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import asyncpg
from pydantic import ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.cli.errors import UserMistake
from app.config import Settings
from app.db.embedded import EmbeddedError
from app.db.migrate import NewerDatabase, current, head, upgrade
from app.kit.metrics import Metrics
from app.kit.observability import configure_logging
from app.runtime import Runtime, UnusableSecret, UnusableTable, open_runtime
from app.sources.plan import SourcesMisconfigured
from matching.errors import ModelError

T = TypeVar("T")


def read_settings(**given: object) -> Settings:
    """The settings of the environment, with what the command line gives (``None``: not given) over them.

    Raises:
        UserMistake: a setting has no possible value; all of them are named.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as refused:
        raise UserMistake("; ".join(_told(dict(error)) for error in refused.errors(include_url=False))) from None


def _told(error: dict[str, Any]) -> str:
    text = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return text
    name = f"SAFQA_{error['loc'][0]}".upper()
    # A wrong secret or URL must not end up on a screen or in a log: only the names of those are said.
    shown = "" if name in {"SAFQA_SECRET", "SAFQA_DATABASE_URL"} else f" (it is {error['input']!r})"
    return f"{name}: {text[:1].lower()}{text[1:]}{shown}"


def place_of(settings: Settings) -> str:
    """Where the database is, for people: no password in it."""
    if settings.database_url is None:
        return f"the embedded PostgreSQL in {settings.folder}"
    try:
        return make_url(settings.database_url.get_secret_value()).set(query={}).render_as_string(hide_password=True)
    except ArgumentError:
        return "SAFQA_DATABASE_URL"


@asynccontextmanager
async def opened(settings: Settings, metrics: Metrics | None = None) -> AsyncIterator[Runtime]:
    """The runtime of this process, whatever revision its database is at.

    Raises:
        UserMistake: the database, the secret, the model, the CPV table or a setting of the sources can't be used.
    """
    async with AsyncExitStack() as stack:
        try:
            runtime = await stack.enter_async_context(open_runtime(settings, metrics))
        except (EmbeddedError, UnusableSecret, UnusableTable, SourcesMisconfigured, ModelError) as failed:
            raise UserMistake(str(failed)) from failed
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ArgumentError) as failed:
            why = str(failed) or type(failed).__name__
            raise UserMistake(f"no connection to {place_of(settings)}: {why}") from failed
        yield runtime


@asynccontextmanager
async def migrated(settings: Settings, metrics: Metrics | None = None) -> AsyncIterator[Runtime]:
    """The runtime over a database that is brought to this version's revision first."""
    async with opened(settings, metrics) as runtime:
        await bring_up(runtime)
        yield runtime


async def bring_up(runtime: Runtime) -> str | None:
    """Run the missing migrations; the revision before.

    Raises:
        UserMistake: the database was left by a newer version of Safqa.
    """
    before = await current(runtime.engine)
    if before != head():
        try:
            await upgrade(runtime.engine)
        except NewerDatabase as newer:
            raise UserMistake(str(newer)) from newer
    return before


async def refuse_empty(runtime: Runtime) -> None:
    """For processes that leave the migration to another: one that has not been done at all is told at once.

    Raises:
        UserMistake: the database has no tables of Safqa.
    """
    if await current(runtime.engine) is None:
        raise UserMistake(f"{place_of(runtime.settings)} is empty: run `safqa migrate` first")


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run the body of a command; what it logs is for its log, not for its output: warnings, on standard error."""
    configure_logging(level="WARNING")
    return asyncio.run(main)
