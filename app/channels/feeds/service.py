"""Feeds: made for what their organisation may see, ended at a word, and written as their address asks."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.feeds.errors import TooManyFeeds
from app.channels.feeds.repository import FeedRepository
from app.channels.feeds.schemas import FeedIn
from app.kit.crypto import Keyring, new_token, token_hint
from app.kit.errors import NotFound
from app.kit.ids import new_uuid
from app.models.feed import Feed, FeedSelection
from app.models.organisation import OrganisationKind
from app.models.saved_search import SavedSearch
from app.models.startup import Startup
from app.startups.errors import WrongOrganisationKind
from app.startups.visibility import sees_whole, whole_for

MOST_FEEDS: Final = 50
_FOR_BUYERS: Final = frozenset({FeedSelection.SIMPLIFIED_ACCESS, FeedSelection.SEARCH})
_PREFIX: Final = "sfqf"
_TOKEN = re.compile(rf"{_PREFIX}_[0-9A-Za-z]{{43}}")


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed with its token, which is shown this once."""

    feed: Feed
    token: str


async def create(session: AsyncSession, keyring: Keyring, caller: Caller, wanted: FeedIn, now: dt.datetime) -> NewFeed:
    """Make a feed.

    Raises:
        WrongOrganisationKind: a buyer sees no startup's matches.
        NotFound: there is no such startup of which the caller sees the whole, or no such search of its own.
        TooManyFeeds: the organisation has enough.
    """
    if wanted.selection not in _FOR_BUYERS and not sees_whole(caller):
        raise WrongOrganisationKind(
            kind=caller.kind, allowed=[kind for kind in OrganisationKind if kind is not OrganisationKind.BUYER]
        )
    if wanted.startup_id is not None:
        seen = select(Startup.id).where(Startup.id == wanted.startup_id, whole_for(caller))
        if await session.scalar(seen) is None:
            raise NotFound
    if wanted.search_id is not None:
        mine = select(SavedSearch.id)
        mine = mine.where(SavedSearch.id == wanted.search_id, SavedSearch.owner_id == caller.organisation_id)
        if await session.scalar(mine) is None:
            raise NotFound
    repository = FeedRepository(session)
    if await repository.count(caller.organisation_id) >= MOST_FEEDS:
        raise TooManyFeeds(limit=MOST_FEEDS)
    token = new_token(_PREFIX)
    feed = Feed(
        id=new_uuid(),
        owner_id=caller.organisation_id,
        selection=wanted.selection,
        startup_id=wanted.startup_id,
        search_id=wanted.search_id,
        language=wanted.language,
        hint=token_hint(token),
        digest=keyring.token_hash(token),
        created_at=now,
    )
    await repository.add(feed)
    return NewFeed(feed, token)


async def feeds(session: AsyncSession, caller: Caller) -> Sequence[Feed]:
    """The feeds of the caller's organisation."""
    return await FeedRepository(session).all(caller.organisation_id)


async def remove(session: AsyncSession, caller: Caller, feed_id: uuid.UUID) -> None:
    """End a feed: its address leads nowhere from now on.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    if not await FeedRepository(session).remove(caller.organisation_id, feed_id):
        raise NotFound


def is_token(text: str) -> bool:
    """Whether this may be a token of a feed at all: nothing else is looked for."""
    return _TOKEN.fullmatch(text) is not None
