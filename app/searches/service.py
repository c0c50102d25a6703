"""Keeping searches: who may keep what, and how much is new in each."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.errors import NotFound
from app.kit.ids import StartupId, new_uuid
from app.matches.service import require_whole_startup
from app.models.saved_search import SavedSearch
from app.searches.asked import Asked
from app.searches.errors import TooManySearches
from app.searches.repository import SearchRepository
from app.searches.schemas import SearchIn, SearchKept, SearchOut

MOST_SEARCHES: Final = 20


async def keep(db: AsyncSession, caller: Caller, wanted: SearchIn, now: dt.datetime) -> SavedSearch:
    """Keep a search for the caller's organisation.

    Raises:
        NotFound: there is no such startup, or the caller does not see the whole of it.
        TooManySearches: the organisation keeps enough.

    """
    if wanted.startup_id is not None:
        await require_whole_startup(db, caller, StartupId(wanted.startup_id))
    repository = SearchRepository(db)
    if await repository.count(caller) >= MOST_SEARCHES:
        raise TooManySearches(limit=MOST_SEARCHES)
    search = SavedSearch(
        id=new_uuid(),
        owner_id=caller.organisation_id,
        list=wanted.list,
        startup_id=wanted.startup_id,
        name=wanted.name,
        asked=wanted.asked.of(wanted.list).model_dump(mode="json", exclude_defaults=True),
        opened_at=now,
        created_at=now,
    )
    await repository.add(search)
    return search


async def kept(db: AsyncSession, caller: Caller, now: dt.datetime) -> Sequence[SearchOut]:
    """The searches of the caller's organisation, the latest kept first, with how much is new in each."""
    repository = SearchRepository(db)
    found = await repository.all(caller)
    new = await repository.new_in(caller, [(search, asked_of(search)) for search, _ in found], now)
    return [SearchOut(**dict(shown(search)), startup=name, new=new[search.id]) for search, name in found]


def shown(search: SavedSearch) -> SearchKept:
    """A search as its organisation sees it."""
    return SearchKept.model_validate(search)


async def opened(db: AsyncSession, caller: Caller, search_id: uuid.UUID, now: dt.datetime) -> SavedSearch:
    """A search that is about to be looked at: what is new is counted from now on.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    repository = SearchRepository(db)
    search = await repository.get(caller, search_id)
    if search is None or not await repository.opened(caller, search_id, now):
        raise NotFound
    return search


async def rename(db: AsyncSession, caller: Caller, search_id: uuid.UUID, name: str) -> None:
    """Call a search otherwise.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    if not await SearchRepository(db).rename(caller, search_id, name):
        raise NotFound


async def forget(db: AsyncSession, caller: Caller, search_id: uuid.UUID) -> None:
    """Keep a search no longer.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    if not await SearchRepository(db).remove(caller, search_id):
        raise NotFound


def asked_of(search: SavedSearch) -> Asked:
    """What a kept search asks for."""
    return Asked.model_validate(search.asked)
