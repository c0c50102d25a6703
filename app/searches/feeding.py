"""Kept searches as feeds read them: their filters, but for eligibility, which is judged for each match looked at."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.feeds.entries import Searched
from app.matches.kept import open_to
from app.models.tender import TenderStatus
from app.searches.repository import SearchRepository
from app.searches.service import asked_of
from app.tenders.filters import conditions

_SHOWN: Final = tuple(status for status in TenderStatus if status is not TenderStatus.DRAFT)


async def searched(db: AsyncSession, reader: Caller, search_id: uuid.UUID, now: dt.datetime) -> Searched | None:
    """What a kept search of the reader's organisation asks for; ``None`` where it is gone."""
    search = await SearchRepository(db).get(reader, search_id)
    if search is None:
        return None
    asked = asked_of(search)
    if search.startup_id is not None:
        holds = open_to(reader, search.startup_id, asked.match_filters(now))
        return Searched(search.startup_id, holds, holds)
    filters = asked.tender_filters(now)
    wherever = replace(filters, statuses=_SHOWN, open_at=None, over_at=None)
    return Searched(None, conditions(filters, reader.organisation_id), conditions(wherever, reader.organisation_id))
