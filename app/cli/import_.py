"""``safqa import``: a file of startups or tenders into the database, in this process, no worker needed."""

from __future__ import annotations

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.cli.progress import Progress
    from app.config import Settings
    from app.ingest.outcome import Counts, Taken
    from app.ingest.runs import Importer
    from app.ingest.service import NewImport
    from app.kit.ids import OrganisationId
    from app.models.import_run import ImportRun
    from app.runtime import Runtime

SHOWN_REJECTIONS = 20


class What(StrEnum):
    """What a file holds."""

    STARTUPS = "startups"
    TENDERS = "tenders"


def command(
    what: Annotated[What, typer.Argument(help="What the file holds.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSONL, JSON, CSV, XLSX, or for tenders OCDS 1.1; also gzipped.")
    ],
    *,
    agreed: Annotated[
        bool, typer.Option("--agreed", help="The startups have agreed to being listed; only for the operator.")
    ] = False,
    as_: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="ORGANISATION",
            help="Name or id of the organisation whose records these are (default: the operator's).",
        ),
    ] = None,
) -> None:
    """Bring startups or tenders from a file into the database: new ones, and new versions of those that changed.

    Records that can't be taken are reported with their line and reason, kept with the run, and skipped; the exit code
    is then 1. The same file again changes nothing. Formats: docs/formats.md.

    Example: safqa import tenders notices.jsonl.gz
    """
    from app.cli.database import read_settings, run_async
    from app.cli.errors import UserMistake
    from app.files.errors import FileError
    from app.ingest.runs import read_options
    from app.ingest.service import NewImport
    from app.models.import_run import ImportKind
    from scrapers.files.input_file import InputFile

    settings = read_settings()
    options = read_options(memory_bytes=settings.import_memory_bytes, cpu_seconds=settings.import_seconds)
    try:
        InputFile.check(file, options.limits)  # what can be told before a database is started
        wanted = NewImport(ImportKind(what.value), file.name, file.stat().st_size, agreed)
        counts = run_async(_run(settings, wanted, file, as_))
    except FileError as error:
        raise UserMistake(f"{file} {error.reason}") from error
    if counts.rejected:
        raise typer.Exit(1)


async def _run(settings: Settings, wanted: NewImport, file: Path, owner: str | None) -> Counts:
    from app.cli.database import migrated
    from app.db.session import unit_of_work
    from app.ingest import service
    from app.ingest.runs import Importer, read_options
    from app.kit.clock import utc_now
    from app.kit.ids import ImportRunId

    options = read_options(memory_bytes=settings.import_memory_bytes, cpu_seconds=settings.import_seconds)
    async with migrated(settings) as runtime:
        organisation_id = await _owner(runtime, owner, wanted)
        async with unit_of_work(runtime.sessions) as session:
            entered = await service.enter(session, organisation_id, wanted, utc_now())
        importer = Importer(runtime.sessions, utc_now, options)
        run = await importer.take(ImportRunId(entered.id))
        assert run is not None
        return await _carry_out(importer, run, file)


async def _carry_out(importer: Importer, run: ImportRun, file: Path) -> Counts:
    from app.cli.progress import Progress

    with Progress() as progress:
        display = _Display(file, progress)
        try:
            counts = await importer.carry_out(run, file, display.saw)
        except BaseException as broken:
            from app.files.errors import FileError
            from app.kit.ids import ImportRunId

            if not isinstance(broken, FileError):
                await importer.end(ImportRunId(run.id), ("import.interrupted", "The command was stopped."))
            elif display.seen:
                print(f"{file}: {display.seen:,} records before the damage were taken", file=sys.stderr)
            raise
    display.close(counts)
    return counts


async def _owner(runtime: Runtime, given: str | None, wanted: NewImport) -> OrganisationId:
    from app.cli.errors import UserMistake
    from app.db.session import reading
    from app.ingest.repository import ImportRepository
    from app.ingest.service import IMPORTERS
    from app.kit.ids import OrganisationId
    from app.models.organisation import OrganisationKind

    async with reading(runtime.sessions) as session:
        found = await ImportRepository(session).organisations_called(given)
    fitting = [each for each in found if each.kind in IMPORTERS[wanted.kind]]
    if not fitting:
        kinds = " or ".join(sorted(IMPORTERS[wanted.kind]))
        if given is None:
            raise UserMistake(
                "there is no operator yet: make one with `safqa key create`, or name whose records with --as"
            )
        raise UserMistake(f"no {kinds} is called {given!r}")
    if len(fitting) > 1:
        raise UserMistake(f"{len(fitting)} organisations fit: give the id of one with --as")
    if wanted.agreed and fitting[0].kind is not OrganisationKind.OPERATOR:
        raise UserMistake("--agreed is for the operator: other startups are listed when they claim their profile")
    return OrganisationId(fitting[0].id)


class _Display:
    """Rows per second while it goes on, refusals as they are met, the counts at the end."""

    def __init__(self, file: Path, progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self._started = time.monotonic()
        self.seen = 0
        self._shown = 0

    def saw(self, taken: Taken) -> None:
        from app.cli.match_input import rejection_line

        self.seen += taken.counts.seen
        for row in taken.rejected[: max(0, SHOWN_REJECTIONS - self._shown)]:
            print(rejection_line(self._file, row), file=sys.stderr)
            self._shown += 1
        rate = self.seen / max(time.monotonic() - self._started, 0.001)
        self._progress.tell(f"importing ({rate:,.0f} rows/s)", self.seen)

    def close(self, counts: Counts) -> None:
        if counts.rejected > self._shown:
            print(f"{self._file}: {counts.rejected - self._shown:,} more refused", file=sys.stderr)
        seconds = time.monotonic() - self._started
        print(
            f"{counts.seen:,} records: {counts.created:,} new, {counts.updated:,} changed, "
            f"{counts.unchanged:,} as they were, {counts.rejected:,} refused; {seconds:.1f} s"
        )
