"""``safqa sources``: how the portals are, and the switches of whoever runs this installation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.config import Settings
    from app.sources.overview import SourceView

command = typer.Typer(
    help="The portals: how each is, stop and restart them, erase what they sent.",
    rich_markup_mode="rich",
    add_completion=False,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a source.")]


@command.callback(invoke_without_command=True)
def list_(context: typer.Context) -> None:
    """List the sources: which are enabled, how each is, its last runs and what drifts. Asks no portal anything.

    Example: safqa sources
    """
    if context.invoked_subcommand is None:
        from app.cli.database import read_settings, run_async

        run_async(_list(read_settings()))


@command.command("halt")
def halt(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Name of a source (default: all).")] = None,
    *,
    reason: Annotated[str | None, typer.Option(help="Why, for whoever looks at it later.")] = None,
) -> None:
    """Stop one source or all, within seconds and on every machine, until `safqa sources resume`.

    Example: safqa sources halt --reason "the portal is being moved"
    """
    from app.cli.database import read_settings, run_async

    run_async(_halt(read_settings(), name, reason))


@command.command("resume")
def resume(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The name that was halted (default: all).")
    ] = None,
) -> None:
    """Take back what `safqa sources halt` has set. A refusal of the portal stands: see `restart`.

    Example: safqa sources resume
    """
    from app.cli.database import read_settings, run_async

    run_async(_resume(read_settings(), name))


@command.command("restart")
def restart(name: Name) -> None:
    """Let a source run again after its portal has refused it, and take what it fills now for what is usual.

    Look first why: a refusal is the portal's word. Runs of the past are no longer compared with where fields had
    drifted.

    Example: safqa sources restart uk_find_a_tender
    """
    from app.cli.database import read_settings, run_async

    run_async(_restart(read_settings(), name))


@command.command("erase")
def erase(
    name: Name,
    *,
    before: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only what came before this day (default: everything).")
    ] = None,
) -> None:
    """Erase the payloads that are kept of a source. Calls that were read from them stay.

    Example: safqa sources erase uk_find_a_tender --before 2026-10-01
    """
    from app.cli.database import read_settings, run_async
    from app.cli.errors import UserMistake

    try:
        day = dt.date.fromisoformat(before) if before is not None else None
    except ValueError as wrong:
        raise UserMistake(f"--before {before!r} is no day: write 2026-10-01") from wrong
    run_async(_erase(read_settings(), name, day))


async def _list(settings: Settings) -> None:
    from app.cli.database import migrated
    from app.db.session import reading
    from app.sources.overview import overview
    from scrapers.registry import SOURCES

    async with migrated(settings) as runtime, reading(runtime.sessions) as session:
        views = await overview(session, runtime.sources)
    for view in views:
        _show(view)
    if others := sorted({*SOURCES} - {view.name for view in views}):
        print(f"not enabled: {', '.join(others)}")
    if not runtime.sources.enabled:
        print("no source is enabled: name them in SAFQA_SOURCES, and set SAFQA_SOURCE_CONTACT")


def _show(view: SourceView) -> None:
    print(f"{view.name}: {view.status.value} - {view.title}")
    print(f"  {view.licence or 'no licence told'}; {view.attribution or 'no attribution told'}")
    if view.schedule:
        print(f"  due at {view.schedule} (UTC)")
    if view.halted_at:
        print(f"  halted {_when(view.halted_at)}" + (f": {view.halt_reason}" if view.halt_reason else ""))
    if view.refused_at:
        print(f"  refused {_when(view.refused_at)}: {view.refusal}; then `safqa sources restart {view.name}`")
    if view.not_before:
        print(f"  to be left alone until {_when(view.not_before)}")
    for drift in view.drift:
        print(f"  {drift['field']} drifts: {drift['before']} before, {drift['now']} now")
    run = view.last_run
    if run is None:
        print("  has not run yet")
        return
    expected = f" of {run.expected:,}" if run.expected is not None else ""
    how = f"{run.outcome.value}{f' ({run.reason})' if run.reason else ''}" if run.ended_at else "under way, or killed"
    print(
        f"  last run {_when(run.started_at)}: {how}, "
        f"{run.seen:,}{expected} seen, {run.created:,} new, {run.updated:,} changed, {run.rejected:,} refused"
    )
    if view.last_complete is None:
        print("  no complete run yet")
    elif view.last_complete.id != run.id:
        print(f"  last complete run {_when(view.last_complete.started_at)}")


def _when(instant: dt.datetime) -> str:
    return f"{instant.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"


async def _halt(settings: Settings, name: str | None, reason: str | None) -> None:
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now
    from app.sources.repository import ALL, SourceRepository

    _check(settings, name)
    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        await SourceRepository(session).halt(name or ALL, reason, utc_now())
    print(f"{name or 'all sources'} halted")


async def _resume(settings: Settings, name: str | None) -> None:
    from app.cli.database import migrated
    from app.cli.errors import UserMistake
    from app.db.session import unit_of_work
    from app.sources.repository import ALL, SourceRepository

    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        repository = SourceRepository(session)
        was_set = await repository.resume(name or ALL)
        others = await repository.halted([name] if name else [])
    if not was_set:
        raise UserMistake(f"{name or 'all sources'}: no switch was set")
    print(f"{name or 'all sources'} resumed" + ("; the switch of all sources is still set" if others else ""))


async def _restart(settings: Settings, name: str) -> None:
    from app.cli.database import migrated
    from app.cli.errors import UserMistake
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now
    from app.sources.service import restart as restart_source

    _check(settings, name)
    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        if not await restart_source(session, name, utc_now()):
            raise UserMistake(f"{name} has not run yet: there is nothing to restart")
    print(f"{name} runs again at its next time, or now with `safqa ingest {name}`")


async def _erase(settings: Settings, name: str, before: dt.date | None) -> None:
    from app.cli.database import migrated
    from app.cli.errors import UserMistake
    from app.db.session import unit_of_work
    from app.kit.clock import utc_now
    from app.sources import payloads
    from app.sources.repository import SourceRepository

    instant = dt.datetime.combine(before, dt.time(), dt.UTC) if before else utc_now()
    async with migrated(settings) as runtime, unit_of_work(runtime.sessions) as session:
        state = await SourceRepository(session).state_of(name)
        if state is None:
            raise UserMistake(f"nothing is kept of {name!r}")
        erased = await payloads.erase(session, instant, state.source_id)
    print(f"{erased.bodies:,} payloads of {name} erased")


def _check(settings: Settings, name: str | None) -> None:
    """A name that is no source is a slip: a switch under it would stop nothing."""
    from app.cli.errors import UserMistake
    from app.runtime import configured_sources
    from app.sources.plan import SourcesMisconfigured

    try:
        if name is not None:
            configured_sources(settings).known(name)
    except SourcesMisconfigured as wrong:
        raise UserMistake(str(wrong)) from wrong
