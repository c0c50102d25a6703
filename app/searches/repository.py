"""Kept searches in the database, their organisation first; and how much is new in each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import Select, delete, func, literal, select, true, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.turns import take_turn
from app.kit.ids import first_uuid
from app.matches.kept import open_to
from app.models.match import Match
from app.models.saved_search import SavedSearch, SearchList
from app.models.startup import Startup
from app.models.tender import Tender
from app.searches.asked import Asked
from app.startups.visibility import whole_for
from app.tenders.filters import conditions

MOST_COUNTED = 100
"""New calls of one search that are counted."""


class SearchRepository:
    """Kept searches of one organisation at a time."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, search: SavedSearch) -> None:
        """Keep a search."""
        self._session.add(search)
        await self._session.flush()

    async def count(self, caller: Caller) -> int:
        """How many searches the organisation keeps; until this transaction ends, whoever else asks waits."""
        await take_turn(self._session, "searches", caller.organisation_id)
        mine = select(func.count()).select_from(SavedSearch).where(SavedSearch.owner_id == caller.organisation_id)
        return await self._session.scalar(mine) or 0

    async def all(self, caller: Caller) -> Sequence[tuple[SavedSearch, str | None]]:
        """The searches of the organisation with the names of their startups, the latest kept first.

        Not those of a startup that it sees the whole of no more.
        """
        rows = await self._session.execute(
            select(SavedSearch, Startup.name)
            .outerjoin(Startup, (Startup.id == SavedSearch.startup_id) & whole_for(caller))
            .where(
                SavedSearch.owner_id == caller.organisation_id,
                SavedSearch.startup_id.is_(None) | Startup.id.is_not(None),
            )
            .order_by(SavedSearch.id.desc())
        )
        return [(search, name) for search, name in rows]

    async def get(self, caller: Caller, search_id: uuid.UUID) -> SavedSearch | None:
        """A search of the organisation."""
        mine = select(SavedSearch).where(SavedSearch.id == search_id, SavedSearch.owner_id == caller.organisation_id)
        return await self._session.scalar(mine)

    async def rename(self, caller: Caller, search_id: uuid.UUID, name: str) -> bool:
        """Call a search otherwise; whether there is one."""
        return await self._set(caller, search_id, name=name)

    async def opened(self, caller: Caller, search_id: uuid.UUID, now: dt.datetime) -> bool:
        """Count what is new from now on; whether there is such a search."""
        return await self._set(caller, search_id, opened_at=now)

    async def _set(self, caller: Caller, search_id: uuid.UUID, **values: str | dt.datetime) -> bool:
        mine = (SavedSearch.id == search_id, SavedSearch.owner_id == caller.organisation_id)
        return (
            await self._session.scalar(update(SavedSearch).where(*mine).values(values).returning(SavedSearch.id))
            is not None
        )

    async def remove(self, caller: Caller, search_id: uuid.UUID) -> bool:
        """Keep a search no longer; whether there was one."""
        mine = (SavedSearch.id == search_id, SavedSearch.owner_id == caller.organisation_id)
        return await self._session.scalar(delete(SavedSearch).where(*mine).returning(SavedSearch.id)) is not None

    async def new_in(
        self, caller: Caller, searches: Sequence[tuple[SavedSearch, Asked]], now: dt.datetime
    ) -> dict[uuid.UUID, int]:
        """How many calls came into each search since it was opened, up to ``MOST_COUNTED``; in one statement."""
        if not searches:
            return {}
        counts = []
        for search, asked in searches:
            found = _since(caller, search, asked, now).limit(MOST_COUNTED).subquery()
            counts.append(select(literal(str(search.id)), func.count()).select_from(found))
        rows = await self._session.execute(union_all(*counts))
        return {uuid.UUID(row): count for row, count in rows}


def _since(caller: Caller, search: SavedSearch, asked: Asked, now: dt.datetime) -> Select[bool]:
    """What came into a search since it was opened: rows' ids tell when they were made."""
    first = first_uuid(search.opened_at)
    if search.list is SearchList.TENDERS:
        holds = conditions(asked.tender_filters(now), caller.organisation_id)
        return select(true()).select_from(Tender).where(Tender.id > first, *holds)
    assert search.startup_id is not None
    holds = open_to(caller, search.startup_id, asked.match_filters(now))
    return (
        select(true())
        .select_from(Match)
        .join(Tender, Tender.id == Match.tender_id)
        .join(Startup, Startup.id == Match.startup_id)
        .where(Match.id > first, *holds)
    )
