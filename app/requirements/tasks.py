"""The jobs that read records and documents; nothing is open in the database while they do."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.db.session import Sessions, reading, unit_of_work
from app.jobs.messages import ReadBacklog, ReadDocument, ReadRequirements
from app.jobs.queue import enqueue
from app.jobs.runner import Handler
from app.kit.clock import Clock
from app.models.tender_requirement import DocumentState, TenderDocument
from app.requirements.following import follow
from app.requirements.reading import (
    DocumentText,
    NotRead,
    findings_of_text,
    rows_of_document,
    rows_of_record,
    text_of,
)
from app.requirements.repository import DocumentRepository, RequirementRepository, Unread

MAX_ATTEMPTS = 3
CALLS_AT_ONCE = 100
BACKLOG_AT_ONCE = 500
_GAVE_UP = NotRead(DocumentState.TOO_LARGE, "too_large: it was tried three times and never came to an end")


@dataclass(frozen=True, slots=True)
class RequirementJobs:
    """The handlers of readings."""

    sessions: Sessions
    clock: Clock

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers; one of each at a time, so that rankings need not wait."""
        return (
            Handler(ReadRequirements, self.read_requirements, concurrency=1),
            Handler(ReadBacklog, self.read_backlog, concurrency=1),
            Handler(ReadDocument, self.read_document, concurrency=1, attempts=MAX_ATTEMPTS + 1),
        )

    async def read_requirements(self, job: ReadRequirements) -> None:
        """Read the records of calls that were not read as they stand, some at a time."""
        for at in range(0, len(job.tender_ids), CALLS_AT_ONCE):
            await self._read_some(job.tender_ids[at : at + CALLS_AT_ONCE])

    async def _read_some(self, tender_ids: Sequence[uuid.UUID]) -> None:
        async with reading(self.sessions) as session:
            calls = await RequirementRepository(session).unread(tender_ids)
        if not calls:
            return
        rows = await asyncio.to_thread(rows_of, calls)
        async with unit_of_work(self.sessions) as session:
            repository = RequirementRepository(session)
            # A call that has changed meanwhile is read by the job of its change.
            as_read = {one.id: one.content_hash for one in calls}
            present = await repository.unread([one.id for one in calls], lock=True)
            still = [one for one in present if one.content_hash == as_read[one.id]]
            if still:
                await repository.keep_readings(still, [row for one in still for row in rows[one.id]], self.clock())
                await follow(session, [one.id for one in still], self.clock())

    async def read_backlog(self, job: ReadBacklog) -> None:
        """Have a stretch of calls read in the order of their ids; the next one is asked for in the same transaction."""
        async with unit_of_work(self.sessions) as session:
            ids = await RequirementRepository(session).ids_after(job.after, BACKLOG_AT_ONCE)
            if ids:
                await enqueue(session, ReadRequirements(tender_ids=tuple(ids)), ReadBacklog(after=ids[-1]))

    async def read_document(self, job: ReadDocument) -> None:
        """Read a document and keep what it asks for, or why it could not be read."""
        async with unit_of_work(self.sessions) as session:
            document = await DocumentRepository(session).pending(job.document_id)
            record = await RequirementRepository(session).record_of(document.tender_id) if document else None
        if document is None or record is None:
            return
        read = await self._text(document)
        country = record.get("country")
        values: dict[str, object] = {"read_at": self.clock()}
        rows: list[dict[str, object]] = []
        if isinstance(read, DocumentText):
            findings = await asyncio.to_thread(findings_of_text, read, country if isinstance(country, str) else None)
            rows = rows_of_document(document.tender_id, document.id, read, findings)
            values |= {"state": DocumentState.READ, "text": read.text, "reason": read.remark}
        else:
            values |= {"state": read.state, "reason": read.reason}
        async with unit_of_work(self.sessions) as session:
            if await DocumentRepository(session).end(document.id, values, rows):
                await follow(session, [document.tender_id], self.clock())

    async def _text(self, document: TenderDocument) -> DocumentText | NotRead:
        if document.attempts > MAX_ATTEMPTS or document.content is None:
            return _GAVE_UP
        return await text_of(document.content, document.media_type)


def rows_of(calls: Sequence[Unread]) -> dict[uuid.UUID, list[dict[str, object]]]:
    """What the records of calls ask for, as rows by call; pure work for a thread."""
    return {one.id: rows_of_record(one.id, one.version, one.record) for one in calls}
