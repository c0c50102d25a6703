"""Rows as the ranker sees them: which rows stand in the index, and how a row becomes a document.

A document's id is the row's uuid. Records in the database were checked when they came in.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, type_coerce
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject, XactId
from app.files.to_matching import startup_doc, tender_doc
from app.kit.observability import get_logger
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from matching.types import StartupDoc, TenderDoc
from scrapers.records import StartupRecord, TenderRecord

log = get_logger(__name__)
Doc = TypeVar("Doc", StartupDoc, TenderDoc)
DocOfRow: TypeAlias = Callable[[uuid.UUID, JsonObject], Doc]

# What stands in the index. A tender leaves it a day after its deadline, so that a list still open in a browser
# keeps its explanations; the deadline gate of each query does the exact work.
LISTED: ColumnElement[bool] = and_(Startup.listed, Startup.deleted_at.is_(None))
OPEN: ColumnElement[bool] = and_(
    Tender.status == TenderStatus.PUBLISHED,
    or_(Tender.deadline_at.is_(None), Tender.deadline_at > func.now() - func.make_interval(0, 0, 0, 1)),
)

_STARTUPS = select(Startup.id, Startup.changed_tx, Startup.record, LISTED)
_TENDERS = select(Tender.id, Tender.changed_tx, Tender.record, OPEN)
_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Change(Generic[Doc]):
    """A row as some transaction wrote it; ``doc`` is ``None`` where it does not stand in the index (any more)."""

    id: uuid.UUID
    tx: int
    doc: Doc | None


def startup_doc_of_row(row_id: uuid.UUID, record: JsonObject) -> StartupDoc:
    """The document of a startup row."""
    return startup_doc(StartupRecord.model_validate({**record, "id": str(row_id)}))


def tender_doc_of_row(row_id: uuid.UUID, record: JsonObject) -> TenderDoc:
    """The document of a tender row."""
    return tender_doc(TenderRecord.model_validate({**record, "id": str(row_id)}))


async def listed_startups(session: AsyncSession) -> AsyncIterator[list[Change[StartupDoc]]]:
    """Every startup that stands in the index, in batches."""
    async for batch in _batches(session, _STARTUPS.where(LISTED), startup_doc_of_row):
        yield batch


async def open_tenders(session: AsyncSession) -> AsyncIterator[list[Change[TenderDoc]]]:
    """Every tender that stands in the index, in batches."""
    async for batch in _batches(session, _TENDERS.where(OPEN), tender_doc_of_row):
        yield batch


async def changed_startups(session: AsyncSession, since: int) -> AsyncIterator[list[Change[StartupDoc]]]:
    """Startups written by transaction ``since`` or later, in batches."""
    written = Startup.changed_tx >= type_coerce(since, XactId())
    async for batch in _batches(session, _STARTUPS.where(written), startup_doc_of_row):
        yield batch


async def changed_tenders(session: AsyncSession, since: int) -> AsyncIterator[list[Change[TenderDoc]]]:
    """Tenders written by transaction ``since`` or later, in batches."""
    written = Tender.changed_tx >= type_coerce(since, XactId())
    async for batch in _batches(session, _TENDERS.where(written), tender_doc_of_row):
        yield batch


async def known_startups(session: AsyncSession, also: Collection[uuid.UUID]) -> AsyncIterator[list[Change[StartupDoc]]]:
    """Every startup that stands in the index, and those of ``also`` that are not deleted, in batches."""
    wanted = or_(LISTED, and_(Startup.id.in_(list(also)), Startup.deleted_at.is_(None)))
    statement = select(Startup.id, Startup.changed_tx, Startup.record, literal(value=True)).where(wanted)
    async for batch in _batches(session, statement, startup_doc_of_row):
        yield batch


async def chosen_tenders(session: AsyncSession, ids: Collection[uuid.UUID]) -> AsyncIterator[list[Change[TenderDoc]]]:
    """These tenders, whether they are still open or not, in batches."""
    statement = select(Tender.id, Tender.changed_tx, Tender.record, literal(value=True)).where(Tender.id.in_(list(ids)))
    async for batch in _batches(session, statement, tender_doc_of_row):
        yield batch


async def _batches(
    session: AsyncSession,
    statement: Select[uuid.UUID, int, JsonObject, bool],
    doc_of: DocOfRow[Doc],
) -> AsyncIterator[list[Change[Doc]]]:
    found = await session.stream(statement, execution_options={"yield_per": _ROWS_AT_ONCE})
    async for rows in found.partitions(_ROWS_AT_ONCE):
        # Checking and mapping 2,000 records takes tens of milliseconds: not in the event loop.
        yield await asyncio.to_thread(_changes, rows, doc_of)


def _changes(rows: Sequence[Row[uuid.UUID, int, JsonObject, bool]], doc_of: DocOfRow[Doc]) -> list[Change[Doc]]:
    return [Change(row, tx, _readable(row, record, doc_of) if stands else None) for row, tx, record, stands in rows]


def _readable(row: uuid.UUID, record: JsonObject, doc_of: DocOfRow[Doc]) -> Doc | None:
    """The document of a row, or ``None``: one bad record must not keep the others out of the index."""
    try:
        return doc_of(row, record)
    except ValidationError as wrong:
        # Not with its traceback: pydantic quotes the record there.
        log.error("index.unreadable_record", row=str(row), errors=wrong.error_count())  # noqa: TRY400
        return None
