"""``safqa ingest``: one run of a source into the database, in this process, as the worker does it by the clock."""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.cli.progress import Progress
    from app.config import Settings
    from app.sources.outcome import Asked, Crawled

SHOWN_REJECTIONS = 20
_INCOMPLETE, _STOPPED = 1, 2


def command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of an enabled source (see `safqa sources`).")],
    *,
    since: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="A day or an instant with its zone (default: where the last run ended)."),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="The same (default: now).")] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Stop after N records, and leave the cursor where it is.")
    ] = None,
) -> None:
    """Collect what a source has published since its last run, and store it: new calls, and new versions of others.

    Killed at any moment, the same command goes on behind what was stored. The exit code is 0 after a complete run (or
    a sample), 1 after one that is not, 2 where nothing could be asked.

    Example: safqa ingest uk_find_a_tender --since 2026-11-01
    """
    from app.cli.database import read_settings, run_async
    from app.cli.errors import UserMistake
    from app.sources.guarding import SourceBusy
    from app.sources.outcome import Asked, CrawlOvertaken, SourceHalted, SourceStopped, SourceWaits

    asked = Asked(_instant("--since", since), _instant("--until", until), sample)
    if asked.since and asked.until and asked.since >= asked.until:
        raise UserMistake("--since lies behind --until")
    try:
        done = run_async(_run(read_settings(), source, asked))
    except SourceStopped as stopped:
        raise UserMistake(f"{stopped}; look why, then `safqa sources restart {source}`") from stopped
    except SourceHalted as halted:
        raise UserMistake(f"{halted}; `safqa sources resume` takes a switch back") from halted
    except (SourceBusy, SourceWaits, CrawlOvertaken) as other:
        raise UserMistake(str(other)) from other
    if code := _code(done):
        raise typer.Exit(code)


async def _run(settings: Settings, name: str, asked: Asked) -> Crawled:
    from app.cli.database import migrated
    from app.cli.errors import UserMistake
    from app.cli.progress import Progress
    from app.kit.clock import utc_now
    from app.runtime import configured_sources
    from app.sources.crawling import Crawler
    from app.sources.plan import SourcesMisconfigured

    try:
        plan = configured_sources(settings)
        plan.source(name)  # what can be told before a database is started
        async with migrated(settings) as runtime:
            crawler = Crawler(runtime.engine, runtime.sessions, plan, plan.client(), utc_now)
            with Progress() as progress:
                display = _Display(name, progress)
                done = await crawler.run(name, asked, display.saw)
    except SourcesMisconfigured as wrong:
        raise UserMistake(str(wrong)) from wrong
    display.close(done)
    return done


def _code(done: Crawled) -> int:
    report = done.report
    if report is None or report.outcome == "refused":
        return _STOPPED
    return 0 if report.outcome == "complete" or report.reason == "sample" else _INCOMPLETE


def _instant(option: str, written: str | None) -> dt.datetime | None:
    """What a person wrote; a day begins in UTC, as windows of portals are asked for in it."""
    from app.cli.errors import UserMistake
    from scrapers.normalise import parse_iso

    if written is None:
        return None
    try:
        when = parse_iso(written)
    except ValueError as wrong:
        raise UserMistake(f"{option} {written!r}: write a day (2026-11-01) or an instant with its zone") from wrong
    if not isinstance(when, dt.datetime):
        return dt.datetime.combine(when, dt.time(), dt.UTC)
    if when.utcoffset() is None:
        raise UserMistake(f"{option} {written!r} has no zone: write 2026-11-01T08:00:00+01:00")
    return when


class _Display:
    """How far a run is, refusals as they are met, the counts at the end."""

    def __init__(self, name: str, progress: Progress) -> None:
        self._name = name
        self._progress = progress
        self._started = time.monotonic()
        self._shown = self._refused = 0

    def saw(self, done: Crawled) -> None:
        self._refused += len(done.rejections)
        for row in done.rejections[: max(0, SHOWN_REJECTIONS - self._shown)]:
            print(f"{self._name}: {row.ref or 'a notice'}: {row.reason} ({row.code})", file=sys.stderr)
            self._shown += 1
        what = f"{self._name}, requests: {done.tally.requests:,}, notices"
        self._progress.tell(what, done.tally.seen, done.tally.expected)

    def close(self, done: Crawled) -> None:
        if self._refused > self._shown:
            print(f"{self._name}: {self._refused - self._shown:,} more refused", file=sys.stderr)
        report, counts = done.report, done.counts
        assert report is not None
        print(
            f"{counts.created:,} new, {counts.updated:,} changed, {counts.unchanged:,} as they were, "
            f"{done.closed:,} closed, {done.awards:,} awards, {self._refused:,} refused; "
            f"{time.monotonic() - self._started:.1f} s"
        )
        told = f"{self._name}: {report.outcome}"
        if report.reason:
            told += f" ({report.reason}): {report.detail}"
        elif done.tally.expected is not None:
            told += f", {done.tally.seen:,} of {done.tally.expected:,} that were announced"
        print(told, file=sys.stderr)
        for drift in done.drift:
            print(
                f"{self._name}: {drift['field']} drifts: {drift['before']} before, {drift['now']} now", file=sys.stderr
            )
