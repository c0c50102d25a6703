"""Rows as the ranker sees them: which rows stand in the index, and how a row becomes a document.

A document's id is the row's uuid. Records in the database were checked when they came in.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, type_coerce
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.base import JsonObject, XactId
from app.files.to_matching import startup_doc, tender_doc
from app.kit.observability import get_logger
from app.matches.lessons import LessonRepository, Said
from app.models.startup import Startup
from app.models.tender import Tender, TenderStatus
from matching.types import StartupDoc, StartupLesson, TenderDoc, TenderLesson
from scrapers.records import StartupRecord, TenderRecord

log = get_logger(__name__)
Doc = TypeVar("Doc", StartupDoc, TenderDoc)
DocOfRow: TypeAlias = Callable[[uuid.UUID, JsonObject], Doc]

# What stands in the index. A tender leaves it a day after its deadline, so that a list still open in a browser
# keeps its explanations; the deadline gate of each query does the exact work.
LISTED: ColumnElement[bool] = and_(Startup.listed, Startup.deleted_at.is_(None))
OPEN: ColumnElement[bool] = and_(
    Tender.status == TenderStatus.PUBLISHED,
    Tender.duplicate_of.is_(None),
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


def startup_doc_of_row(row_id: uuid.UUID, record: JsonObject, said: Sequence[Said] = ()) -> StartupDoc:
    """The document of a startup row; ``said`` is what its own side made of tenders, newest first."""
    doc = startup_doc(StartupRecord.model_validate({**record, "id": str(row_id)}))
    if not said:
        return doc
    tenders = ((_readable(each.id, each.record, tender_doc_of_row), each.kept) for each in said)
    return replace(doc, lessons=tuple(TenderLesson(_subject(tender), kept) for tender, kept in tenders if tender))


def tender_doc_of_row(row_id: uuid.UUID, record: JsonObject, said: Sequence[Said] = ()) -> TenderDoc:
    """The document of a tender row; ``said`` is what its buyer made of startups, newest first."""
    doc = tender_doc(TenderRecord.model_validate({**record, "id": str(row_id)}))
    if not said:
        return doc
    startups = ((_readable(each.id, each.record, startup_doc_of_row), each.kept) for each in said)
    return replace(doc, lessons=tuple(StartupLesson(startup, kept) for startup, kept in startups if startup))


async def in_lane(session: AsyncSession, *, simplified: bool) -> frozenset[str]:
    """The ids of the tenders of the index that are known to be in the lane of simplified access, or not to be."""
    found = await session.scalars(select(Tender.id).where(OPEN, Tender.simplified_access.is_(simplified)))
    return frozenset(map(str, found))


def _subject(tender: TenderDoc) -> TenderDoc:
    """What a tender is about: all that a lesson needs of it for as long as the index holds it."""
    return TenderDoc(
        tender.id, tender.title, tender.description, activities=tender.activities, cpv=tender.cpv,
        category=tender.category, language=tender.language,
    )  # fmt: skip


async def listed_startups(session: AsyncSession) -> AsyncIterator[list[Change[StartupDoc]]]:
    """Every startup that stands in the index, in batches."""
    async for batch in _batches(session, _STARTUPS.where(LISTED), _taught_startups):
        yield batch


async def open_tenders(session: AsyncSession) -> AsyncIterator[list[Change[TenderDoc]]]:
    """Every tender that stands in the index, in batches."""
    async for batch in _batches(session, _TENDERS.where(OPEN), _tenders):
        yield batch


async def changed_startups(session: AsyncSession, since: int) -> AsyncIterator[list[Change[StartupDoc]]]:
    """Startups written by transaction ``since`` or later, in batches."""
    written = Startup.changed_tx >= type_coerce(since, XactId())
    async for batch in _batches(session, _STARTUPS.where(written), _taught_startups):
        yield batch


async def changed_tenders(session: AsyncSession, since: int) -> AsyncIterator[list[Change[TenderDoc]]]:
    """Tenders written by transaction ``since`` or later, in batches."""
    written = Tender.changed_tx >= type_coerce(since, XactId())
    async for batch in _batches(session, _TENDERS.where(written), _tenders):
        yield batch


async def known_startups(session: AsyncSession, also: Collection[uuid.UUID]) -> AsyncIterator[list[Change[StartupDoc]]]:
    """Every startup that stands in the index, and those of ``also`` that are not deleted, in batches.

    Without their lessons: who is trained on decisions must not find them in the profiles.
    """
    wanted = or_(LISTED, and_(Startup.id.in_(list(also)), Startup.deleted_at.is_(None)))
    statement = select(Startup.id, Startup.changed_tx, Startup.record, literal(value=True)).where(wanted)
    async for batch in _batches(session, statement, _startups):
        yield batch


async def chosen_tenders(session: AsyncSession, ids: Collection[uuid.UUID]) -> AsyncIterator[list[Change[TenderDoc]]]:
    """These tenders, whether they are still open or not, in batches."""
    statement = select(Tender.id, Tender.changed_tx, Tender.record, literal(value=True)).where(Tender.id.in_(list(ids)))
    async for batch in _batches(session, statement, _tenders):
        yield batch


async def _taught_startups(session: AsyncSession, rows: Collection[uuid.UUID]) -> DocOfRow[StartupDoc]:
    said = await LessonRepository(session).of_startups(rows)
    return lambda row, record: startup_doc_of_row(row, record, said.get(row, ()))


async def _startups(_session: AsyncSession, _rows: Collection[uuid.UUID]) -> DocOfRow[StartupDoc]:
    return startup_doc_of_row


async def _tenders(_session: AsyncSession, _rows: Collection[uuid.UUID]) -> DocOfRow[TenderDoc]:
    return tender_doc_of_row


async def _batches(
    session: AsyncSession,
    statement: Select[uuid.UUID, int, JsonObject, bool],
    reader: Callable[[AsyncSession, Collection[uuid.UUID]], Awaitable[DocOfRow[Doc]]],
) -> AsyncIterator[list[Change[Doc]]]:
    found = await session.stream(statement, execution_options={"yield_per": _ROWS_AT_ONCE})
    async for rows in found.partitions(_ROWS_AT_ONCE):
        doc_of = await reader(session, [row for row, *_ in rows])
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
