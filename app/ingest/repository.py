"""Runs, their uploads and the records they refused, in the database. Whoever asks comes first."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import BinaryIO

from sqlalchemy import ColumnElement, case, delete, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.db.session import driver_connection
from app.events.log import Audience, NewEvent, Subjects, append
from app.events.schemas.operations import ImportFinished
from app.files.contract import Rejected
from app.ingest.outcome import Counts, Order
from app.kit.ids import ImportRunId
from app.models.import_run import ImportChunk, ImportPreview, ImportRun, ImportState, RejectedRecord
from app.models.organisation import Organisation, OrganisationKind

_CHUNK_BYTES = 1024 * 1024
_CHUNKS_AT_ONCE = 8


class Overtaken(Exception):
    """Another process has stored records of this run meanwhile: it is the one that goes on."""


class ImportRepository:
    """Rows of imports."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, run: ImportRun) -> None:
        """Enter a run."""
        self._session.add(run)
        await self._session.flush()

    async def keep_upload(self, run_id: ImportRunId, file: BinaryIO) -> None:
        """Store an uploaded file piece by piece, so that a worker on another machine can read it."""
        connection = await driver_connection(self._session)
        chunks = _chunks(file)
        while some := list(itertools.islice(chunks, _CHUNKS_AT_ONCE)):
            await connection.copy_records_to_table(
                "import_chunk",
                records=[(run_id, position, payload) for position, payload in some],
                columns=("run_id", "position", "payload"),
            )

    async def upload(self, run_id: ImportRunId) -> AsyncIterator[bytes]:
        """The pieces of an uploaded file, in order."""
        position = 0
        while True:
            piece = await self._session.scalar(
                select(ImportChunk.payload).where(ImportChunk.run_id == run_id, ImportChunk.position == position)
            )
            if piece is None:
                return
            yield piece
            position += 1

    async def add_preview(self, run_id: ImportRunId, found: JsonObject) -> None:
        """Keep what was found in the beginning of a held upload."""
        self._session.add(ImportPreview(run_id=run_id, found=found))
        await self._session.flush()

    async def preview(self, caller: Caller, run_id: ImportRunId) -> JsonObject | None:
        """What was found in the beginning of a held upload of the caller's."""
        return await self._session.scalar(
            select(ImportPreview.found)
            .join(ImportRun, ImportRun.id == ImportPreview.run_id)
            .where(ImportPreview.run_id == run_id, _seen_by(caller))
        )

    async def release(self, caller: Caller, run_id: ImportRunId) -> bool:
        """Have a held run of the caller's wait for a worker; whether it was held."""
        freed = await self._session.scalar(
            update(ImportRun).where(*_held_by(caller, run_id)).values(state=ImportState.QUEUED).returning(ImportRun.id)
        )
        await self._session.execute(delete(ImportPreview).where(ImportPreview.run_id == freed))
        return freed is not None

    async def drop_held(self, caller: Caller, run_id: ImportRunId) -> None:
        """Forget a held run of the caller's with its upload."""
        await self._session.execute(delete(ImportRun).where(*_held_by(caller, run_id)))

    async def drop_oldest_held(self, caller: Caller, kept: int) -> None:
        """Forget the held runs of the caller's organisation with their uploads, but for the newest ``kept``."""
        mine = (ImportRun.organisation_id == caller.organisation_id, ImportRun.state == ImportState.HELD)
        older = select(ImportRun.id).where(*mine).order_by(ImportRun.id.desc()).offset(kept)
        await self._session.execute(delete(ImportRun).where(ImportRun.id.in_(older), *mine))

    async def forget_held(self, before: dt.datetime) -> int:
        """Forget the runs that nobody began; how many."""
        gone = await self._session.scalars(
            delete(ImportRun)
            .where(ImportRun.state == ImportState.HELD, ImportRun.created_at < before)
            .returning(ImportRun.id)
        )
        return len(gone.all())

    async def take(self, run_id: ImportRunId, now: dt.datetime) -> ImportRun | None:
        """Begin a run, or go on with it; ``None`` if there is nothing left to do."""
        return await self._session.scalar(
            update(ImportRun)
            .where(ImportRun.id == run_id, ImportRun.state.in_((ImportState.QUEUED, ImportState.RUNNING)))
            .values(
                state=ImportState.RUNNING,
                attempts=ImportRun.attempts + 1,
                started_at=case((ImportRun.started_at.is_(None), now), else_=ImportRun.started_at),
            )
            .returning(ImportRun)
        )

    async def advance(self, order: Order, counts: Counts) -> None:
        """Add a batch to a run's counts; attempts count anew: only those without progress are held against it.

        Raises:
            Overtaken: the run does not stand where this process left it.

        """
        moved = await self._session.scalar(
            update(ImportRun)
            .where(
                ImportRun.id == order.run_id, ImportRun.seen == order.done.seen, ImportRun.state == ImportState.RUNNING
            )
            .values(
                seen=ImportRun.seen + counts.seen,
                created=ImportRun.created + counts.created,
                updated=ImportRun.updated + counts.updated,
                unchanged=ImportRun.unchanged + counts.unchanged,
                rejected=ImportRun.rejected + counts.rejected,
                attempts=0,
            )
            .returning(ImportRun.id)
        )
        if moved is None:
            raise Overtaken

    async def keep_rejected(self, run_id: ImportRunId, first: int, rejected: Sequence[Rejected]) -> None:
        """Keep what was refused; ``first`` is the position of the first of them among the run's refusals."""
        if rejected:
            await self._session.execute(
                insert(RejectedRecord),
                [
                    {
                        "run_id": run_id,
                        "position": position,
                        "line": row.line,
                        "unit": row.unit,
                        "code": row.code,
                        "reason": storable(row.reason),
                        "excerpt": storable(row.excerpt),
                    }
                    for position, row in enumerate(rejected, start=first)
                ],
            )

    async def end(self, run_id: ImportRunId, now: dt.datetime, problem: tuple[str, str] | None) -> None:
        """Finish a run, or with a problem (its stable code and its sentence) fail it; the upload is dropped."""
        code, sentence = problem or (None, None)
        ended = await self._session.scalar(
            update(ImportRun)
            .where(ImportRun.id == run_id)
            .values(
                state=ImportState.FAILED if problem else ImportState.FINISHED,
                problem_code=code,
                problem=sentence,
                finished_at=now,
            )
            .returning(ImportRun)
            .execution_options(populate_existing=True)
        )
        await self._session.execute(delete(ImportChunk).where(ImportChunk.run_id == run_id))
        if ended is not None:
            await append(self._session, _finished(ended, now))

    async def organisations_called(self, given: str | None) -> Sequence[Organisation]:
        """The organisations of this name or id; the operators where none is given."""
        try:
            wanted = Organisation.id == uuid.UUID(given) if given else Organisation.kind == OrganisationKind.OPERATOR
        except ValueError:
            wanted = Organisation.name == given
        return (await self._session.scalars(select(Organisation).where(wanted).order_by(Organisation.id))).all()

    async def runs(self, caller: Caller, before: uuid.UUID | None, limit: int) -> Sequence[ImportRun]:
        """The caller's runs, the newest first."""
        query = select(ImportRun).where(_seen_by(caller)).order_by(ImportRun.id.desc()).limit(limit)
        if before is not None:
            query = query.where(ImportRun.id < before)
        return (await self._session.scalars(query)).all()

    async def run(self, caller: Caller, run_id: ImportRunId) -> ImportRun | None:
        """One run, if it is the caller's to see."""
        return await self._session.scalar(select(ImportRun).where(ImportRun.id == run_id, _seen_by(caller)))

    async def rejected(self, caller: Caller, run_id: ImportRunId, after: int, limit: int) -> Sequence[RejectedRecord]:
        """What a run refused, after the given position."""
        found = await self._session.scalars(
            select(RejectedRecord)
            .join(ImportRun, ImportRun.id == RejectedRecord.run_id)
            .where(RejectedRecord.run_id == run_id, RejectedRecord.position > after, _seen_by(caller))
            .order_by(RejectedRecord.position)
            .limit(limit)
        )
        return found.all()


def _seen_by(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.is_operator else ImportRun.organisation_id == caller.organisation_id


def _held_by(caller: Caller, run_id: ImportRunId) -> tuple[ColumnElement[bool], ...]:
    return (
        ImportRun.id == run_id,
        ImportRun.organisation_id == caller.organisation_id,
        ImportRun.state == ImportState.HELD,
    )


def _finished(run: ImportRun, now: dt.datetime) -> NewEvent:
    data = ImportFinished(
        import_id=run.id,
        kind=run.kind.value,
        state="finished" if run.state is ImportState.FINISHED else "failed",
        seen=run.seen,
        created=run.created,
        updated=run.updated,
        unchanged=run.unchanged,
        rejected=run.rejected,
        problem_code=run.problem_code,
    )
    hearer = Audience.organisation(run.organisation_id)
    return NewEvent(data, hearer, f"import.finished:{run.id}", Subjects(import_id=run.id), now)


def _chunks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    file.seek(0)
    for position in itertools.count():
        payload = file.read(_CHUNK_BYTES)
        if not payload:
            return
        yield position, payload


def storable(text: str) -> str:
    """What a stranger's file said, without what PostgreSQL can't keep."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
