"""``safqa migrate``: the database to this version's schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.config import Settings


def command(
    *,
    sample: Annotated[
        bool, typer.Option("--sample", help="Then load the fictional sample set if the database is empty, and show it.")
    ] = False,
    new: Annotated[
        str | None,
        typer.Option(metavar="MESSAGE", help="For developers: write a new revision from the models instead."),
    ] = None,
) -> None:
    """Bring the database to this version's schema; does nothing where it is there already.

    Safe to run from several machines at once: one migrates, the others wait. `safqa serve` does it by itself.

    Example: SAFQA_DATABASE_URL=postgresql://safqa@db/safqa SAFQA_SECRET_FILE=/run/secrets/safqa safqa migrate
    """
    from app.cli.database import read_settings, run_async

    settings = read_settings()
    run_async(_write_revision(settings, new) if new is not None else _migrate(settings, sample=sample))


async def _migrate(settings: Settings, *, sample: bool) -> None:
    from app.cli.database import bring_up, opened, place_of
    from app.cli.first_run import show_sample
    from app.cli.steps import Steps
    from app.db.migrate import head
    from app.runtime import open_ranker

    async with opened(settings) as runtime:
        before = await bring_up(runtime)
        if before == head():
            print(f"{place_of(settings)} is at revision {before} already", flush=True)
        else:
            print(f"{place_of(settings)} went from revision {before or 'none'} to {head()}", flush=True)
        if sample:
            async with open_ranker(runtime) as ranker:
                await show_sample(runtime, ranker, Steps())


async def _write_revision(settings: Settings, message: str) -> None:
    from app.cli.database import migrated
    from app.cli.errors import UserMistake
    from app.db.migrate import write_revision

    if not message.strip():
        raise UserMistake('say what the revision does: make migration m="what it does"')
    async with migrated(settings) as runtime:
        written = await write_revision(runtime.engine, message)
    print(f"wrote {written.relative_to(Path.cwd()) if written.is_relative_to(Path.cwd()) else written}; read it")
