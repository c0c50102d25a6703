"""The tender or startup a job is about, as it stands when the job runs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Generic

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.kit.ids import TenderId
from app.matches.documents import OPEN, Doc, startup_doc_of_row, tender_doc_of_row
from app.matches.lessons import TAUGHT, LessonRepository
from app.models.organisation import OrganisationKind
from app.models.startup import Startup
from app.models.tender import Tender
from app.startups.visibility import whole_for
from matching.types import StartupDoc, TenderDoc


@dataclass(frozen=True, slots=True)
class Subject(Generic[Doc]):
    """A tender or startup as a job finds it, written by transaction ``tx``.

    ``doc`` is ``None`` where it has no matches to keep: a tender that is not open, a startup that is deleted.
    """

    version: int
    tx: int
    doc: Doc | None
    listed: bool = True


async def tender_subject(session: AsyncSession, tender_id: uuid.UUID) -> Subject[TenderDoc] | None:
    """A tender as it stands; ``None`` if there is none."""
    found = await session.execute(
        select(Tender.version, Tender.changed_tx, Tender.record, OPEN).where(Tender.id == tender_id)
    )
    row = found.one_or_none()
    return None if row is None else Subject(row[0], row[1], tender_doc_of_row(tender_id, row[2]) if row[3] else None)


async def startup_subject(session: AsyncSession, startup_id: uuid.UUID) -> Subject[StartupDoc] | None:
    """A startup as it stands; ``None`` if there never was one.

    An unlisted startup has matches too: its registrar sees them, buyers don't.
    """
    there = (Startup.version, Startup.changed_tx, Startup.record, Startup.deleted_at.is_(None), Startup.listed)
    row = (await session.execute(select(*there).where(Startup.id == startup_id))).one_or_none()
    if row is None:
        return None
    doc = await _taught_startup(session, startup_id, row[2]) if row[3] else None
    return Subject(row[0], row[1], doc, row[4])


async def _taught_startup(session: AsyncSession, startup_id: uuid.UUID, record: JsonObject) -> StartupDoc:
    said = await LessonRepository(session).of_startups([startup_id])
    return startup_doc_of_row(startup_id, record, said.get(startup_id, ()))


async def unchanged_since(session: AsyncSession, table: type[Tender | Startup], row_id: uuid.UUID, tx: int) -> bool:
    """Whether transaction ``tx`` was the last to write a row; holds it against changes until this one ends."""
    found = await session.execute(select(table.changed_tx).where(table.id == row_id).with_for_update(key_share=True))
    return found.scalar_one_or_none() == tx


@dataclass(frozen=True, slots=True)
class OwnTender:
    """A tender of the caller; ``doc`` is ``None`` where it is not open.

    Its lessons are its buyer's own: they are in this document only, never in the index or in a kept match, where the
    startups would see them.
    """

    version: int
    doc: TenderDoc | None


async def own_open_tender(session: AsyncSession, caller: Caller, tender_id: uuid.UUID) -> OwnTender | None:
    """A tender whose candidates the caller may see: its own, or for operators, any."""
    query = select(Tender.version, Tender.record, OPEN, TAUGHT).where(Tender.id == tender_id)
    if not caller.is_operator:
        query = query.where(Tender.owner_id == caller.organisation_id)
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    if not row[2]:
        return OwnTender(row[0], None)
    said = await LessonRepository(session).of_tender(TenderId(tender_id)) if row[3] else ()
    return OwnTender(row[0], tender_doc_of_row(tender_id, row[1], said))


async def whole_startup(session: AsyncSession, caller: Caller, startup_id: uuid.UUID) -> tuple[int, StartupDoc] | None:
    """A startup's version and document, if the caller sees the whole of it; what it learned from its own decisions is
    in it for a startup only, not for the incubator that once registered it.
    """
    found = await session.execute(
        select(Startup.version, Startup.record).where(Startup.id == startup_id, whole_for(caller))
    )
    row = found.one_or_none()
    if row is None:
        return None
    if caller.kind is not OrganisationKind.STARTUP:
        return row[0], startup_doc_of_row(startup_id, row[1])
    return row[0], await _taught_startup(session, startup_id, row[1])
