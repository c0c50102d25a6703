"""``safqa sample``: the fictional sample set, loaded on demand, and keys to try it with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from app.config import Settings

command = typer.Typer(
    help="The fictional sample set.", no_args_is_help=True, rich_markup_mode="rich", add_completion=False
)


@command.command("load")
def load() -> None:
    """Load the sample set beside whatever the database holds, or tell its dates from today again.

    Its organisations, startups and tenders are invented and marked as fictional.

    Example: safqa sample load && safqa sample keys
    """
    from app.cli.database import read_settings, run_async

    run_async(_load(read_settings()))


@command.command("keys")
def keys() -> None:
    """Make a new key for each role of the sample set and print them, this once; those made before stop working.

    Example: safqa sample keys
    """
    from app.cli.database import read_settings, run_async

    run_async(_keys(read_settings()))


@command.command("people")
def people() -> None:
    """Give the fictional people of the sample set new passwords and print them, this once; their sessions end.

    Example: safqa sample people
    """
    from app.cli.database import read_settings, run_async

    run_async(_people(read_settings()))


async def _load(settings: Settings) -> None:
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.ingest.sample import load_sample
    from app.kit.clock import utc_now

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        loaded = await load_sample(session, utc_now(), into_empty=False)
    assert loaded is not None
    for what, counts in (("startups", loaded.startups), ("tenders", loaded.tenders)):
        print(f"{what}: {counts.created} new, {counts.updated} changed, {counts.unchanged} as they were")


async def _keys(settings: Settings) -> None:
    from app.cli.database import migrated
    from app.cli.errors import UserMistake
    from app.db.session import unit_of_work
    from app.ingest.sample import rotate_sample_keys

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        made = await rotate_sample_keys(session, runtime.keyring)
    if not made:
        raise UserMistake("the sample set is not in this database: run `safqa sample load` first")
    print("Keys of the sample set, shown this once:", file=sys.stderr)
    for key in made:
        print(f"{key.organisation.kind.value:<10} {key.made.token}  {key.organisation.name}")


async def _people(settings: Settings) -> None:
    from app.cli.database import migrated
    from app.cli.errors import UserMistake
    from app.db.session import unit_of_work
    from app.ingest.sample_people import renew_sample_people
    from app.kit.clock import utc_now

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        found = await renew_sample_people(session, runtime.keyring, utc_now())
    if not found:
        raise UserMistake("the sample set is not in this database: run `safqa sample load` first")
    print("People of the sample set with their passwords, shown this once:", file=sys.stderr)
    for person in found:
        print(f"{person.mail:<28} {person.password}  {person.role.value:<6} {person.organisation}")
