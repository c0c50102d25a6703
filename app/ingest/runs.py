"""Carrying out a run on a file at hand: begun or gone on with, and ended with its counts or its problem."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.db.session import Sessions, unit_of_work
from app.files.contract import Limits, ReadOptions
from app.files.errors import FileError
from app.ingest.loading import Watch, load_file
from app.ingest.outcome import Counts, Order, Target
from app.ingest.repository import ImportRepository
from app.kit.clock import Clock
from app.kit.ids import ImportRunId, OrganisationId
from app.models.import_run import ImportRun

MAX_ATTEMPTS = 5
GAVE_UP = ("import.gave_up", f"The import was tried {MAX_ATTEMPTS} times and came no further.")


def read_options(*, memory_bytes: int, cpu_seconds: int) -> ReadOptions:
    """How files of imports are read: the reading process may use this much, and wait half as long again."""
    return ReadOptions(limits=Limits(memory=memory_bytes, cpu_seconds=cpu_seconds, waiting_seconds=1.5 * cpu_seconds))


@dataclass(frozen=True, slots=True)
class Importer:
    """What carrying out a run stands on."""

    sessions: Sessions
    clock: Clock
    options: ReadOptions

    async def take(self, run_id: ImportRunId) -> ImportRun | None:
        """Begin a run or go on with it; ``None`` if it has ended, or ends now as it was tried too often."""
        async with unit_of_work(self.sessions) as session:
            repository = ImportRepository(session)
            run = await repository.take(run_id, self.clock())
            if run is not None and run.attempts > MAX_ATTEMPTS:
                await repository.end(run_id, self.clock(), GAVE_UP)
                return None
            return run

    async def carry_out(self, run: ImportRun, path: Path, watch: Watch | None = None) -> Counts:
        """Store what the file holds and end the run.

        Raises:
            FileError: the file is unusable; the run says so, and what stood before the damage is stored.
            Overtaken: another process goes on with this run.

        """
        run_id = ImportRunId(run.id)
        target = Target(OrganisationId(run.organisation_id), run.kind, self.clock(), run.agreed)
        done = Counts(run.created, run.updated, run.unchanged, run.rejected)
        try:
            counts = await load_file(self.sessions, path, Order(run_id, target, done), self.options, watch)
        except FileError as error:
            await self.end(run_id, (error.code, f"The file {error.reason}."))
            raise
        await self.end(run_id, None)
        return counts

    async def end(self, run_id: ImportRunId, problem: tuple[str, str] | None) -> None:
        """Finish a run or fail it, in a transaction of its own."""
        async with unit_of_work(self.sessions) as session:
            await ImportRepository(session).end(run_id, self.clock(), problem)
