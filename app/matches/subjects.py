"""The tender or startup a job is about, as it stands when the job runs."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.matches.documents import OPEN, startup_doc_of_row, tender_doc_of_row
from app.models.startup import Startup
from app.models.tender import Tender
from matching.types import StartupDoc, TenderDoc


async def tender_subject(session: AsyncSession, tender_id: uuid.UUID) -> tuple[int, TenderDoc | None] | None:
    """A tender's version and document; no document if it is not open, ``None`` if there is no such tender."""
    found = await session.execute(select(Tender.version, Tender.record, OPEN).where(Tender.id == tender_id))
    row = found.one_or_none()
    return None if row is None else (row[0], tender_doc_of_row(tender_id, row[1]) if row[2] else None)


async def startup_subject(session: AsyncSession, startup_id: uuid.UUID) -> tuple[int, StartupDoc | None] | None:
    """A startup's version and document; no document once it is deleted, ``None`` if there never was one.

    An unlisted startup has matches too: its registrar sees them, buyers don't.
    """
    found = await session.execute(
        select(Startup.version, Startup.record, Startup.deleted_at).where(Startup.id == startup_id)
    )
    row = found.one_or_none()
    return None if row is None else (row[0], startup_doc_of_row(startup_id, row[1]) if row[2] is None else None)


async def locked_version(session: AsyncSession, table: type[Tender | Startup], row_id: uuid.UUID) -> int | None:
    """The present version, with the row held against changes until the transaction ends."""
    found = await session.execute(select(table.version).where(table.id == row_id).with_for_update(key_share=True))
    return found.scalar_one_or_none()
