"""The job that carries out an uploaded import, on whichever machine the worker runs."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.db.session import reading
from app.files.errors import FileError
from app.ingest.previews import suffix_of
from app.ingest.repository import ImportRepository, Overtaken
from app.ingest.runs import Importer
from app.jobs.errors import Retry
from app.jobs.messages import RunImport
from app.jobs.runner import Handler
from app.kit.ids import ImportRunId
from app.models.import_run import ImportRun

_ATTEMPTS = 10_000
"""More than any run gets: the run counts those without progress itself, and must be there to end when they run out."""


@dataclass(frozen=True, slots=True)
class ImportJobs:
    """Handlers of the import jobs, with what they stand on."""

    importer: Importer

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers; one import at a time, as each keeps a core and the database busy."""
        return (Handler(RunImport, self.run_import, concurrency=1, attempts=_ATTEMPTS),)

    async def run_import(self, job: RunImport) -> None:
        """Read an uploaded file and store its records; a run that a killed worker left is gone on with."""
        run = await self.importer.take(ImportRunId(job.run_id))
        if run is None:
            return
        with tempfile.TemporaryDirectory(prefix="safqa-import-") as folder:
            path = Path(folder) / f"upload{suffix_of(run.filename)}"
            await self._fetch(run, path)
            try:
                with suppress(FileError):  # the run says so; nobody is helped by another attempt
                    await self.importer.carry_out(run, path)
            except Overtaken as other:
                # This worker was silent for so long that another took its job: look later whether that one ended it.
                raise Retry(dt.timedelta(minutes=1), "another worker goes on with this import") from other

    async def _fetch(self, run: ImportRun, path: Path) -> None:
        with path.open("wb") as file:
            async with reading(self.importer.sessions) as session:
                async for piece in ImportRepository(session).upload(ImportRunId(run.id)):
                    file.write(piece)
