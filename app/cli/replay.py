"""``safqa replay``: kept payloads through today's parser, without asking the portal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.config import Settings
    from app.sources.replaying import Replayed


def command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of a source; it need not be enabled.")],
) -> None:
    """Read everything that is kept of a source again; what is read better becomes new versions of its calls.

    Payloads are kept for SAFQA_SOURCES_KEPT_DAYS. With the parser that read them first, nothing changes.
    The exit code is 1 where records were refused; those that were not are stored.

    Example: safqa replay uk_find_a_tender
    """
    from app.cli.database import read_settings, run_async
    from app.cli.errors import UserMistake
    from app.sources.guarding import SourceBusy
    from app.sources.plan import SourcesMisconfigured
    from app.sources.replaying import NothingKept

    started = time.monotonic()
    try:
        done = run_async(_run(read_settings(), source))
    except (SourcesMisconfigured, NothingKept, SourceBusy) as wrong:
        raise UserMistake(str(wrong)) from wrong
    counts = done.counts
    print(
        f"{done.bundles:,} payloads read again: {counts.created:,} new, {counts.updated:,} changed, "
        f"{counts.unchanged:,} as they were, {done.awards:,} awards changed, {done.rejections.total():,} refused; "
        f"{time.monotonic() - started:.1f} s"
    )
    for code, count in done.rejections.most_common():
        print(f"{count:,} x {code}")
    if done.rejections:
        raise typer.Exit(1)


async def _run(settings: Settings, name: str) -> Replayed:
    from app.cli.database import migrated
    from app.cli.progress import Progress
    from app.kit.clock import utc_now
    from app.runtime import configured_sources
    from app.sources.replaying import Replayer

    source = configured_sources(settings).known(name).make()
    async with migrated(settings) as runtime:
        with Progress() as progress:
            return await Replayer(runtime.engine, runtime.sessions, utc_now).run(
                source, lambda done: progress.tell(f"{name}, payloads read again", done.bundles, done.of)
            )
