"""Feeds in the database: by their owner, and by the token of their address."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.turns import take_turn
from app.kit.i18n import Lang
from app.kit.ids import ApiKeyId, OrganisationId
from app.kit.observability import count_query
from app.models.feed import Feed, FeedSelection
from app.models.organisation import OrganisationKind

_BY_DIGEST = """
SELECT feed.id, feed.owner_id, feed.selection, feed.startup_id, feed.search_id, feed.language,
    feed.created_at, organisation.kind, organisation.name
FROM feed JOIN organisation ON organisation.id = feed.owner_id WHERE feed.digest = ANY($1::bytea[])
"""


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed as its address found it. ``reader``: its organisation, as whom it is read; ``owner_name``: what it is
    called.
    """

    id: uuid.UUID
    reader: Caller
    owner_name: str
    selection: FeedSelection
    startup_id: uuid.UUID | None
    search_id: uuid.UUID | None
    language: Lang
    created_at: dt.datetime


async def feed_by_digest(hot: asyncpg.Pool, digests: Sequence[bytes]) -> KnownFeed | None:
    """The feed whose token has one of these keyed hashes."""
    row = await hot.fetchrow(_BY_DIGEST, digests)
    count_query(int(row is not None))
    if row is None:
        return None
    # It may do nothing but be read, and its own id stands where that of a key would.
    reader = Caller(
        OrganisationId(row["owner_id"]), OrganisationKind(row["kind"]), frozenset(), ApiKeyId(row["id"])
    )  # fmt: skip
    return KnownFeed(
        id=row["id"],
        reader=reader,
        owner_name=row["name"],
        selection=FeedSelection(row["selection"]),
        startup_id=row["startup_id"],
        search_id=row["search_id"],
        language=row["language"],
        created_at=row["created_at"],
    )


class FeedRepository:
    """Feeds by their owner."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, feed: Feed) -> None:
        """Enter a feed."""
        self._session.add(feed)
        await self._session.flush()

    async def count(self, owner_id: OrganisationId) -> int:
        """How many feeds an organisation has; until this transaction ends, whoever else asks waits."""
        await take_turn(self._session, "feeds", owner_id)
        found = select(func.count()).select_from(Feed).where(Feed.owner_id == owner_id)
        return await self._session.scalar(found) or 0

    async def all(self, owner_id: OrganisationId) -> Sequence[Feed]:
        """The feeds of an organisation, the oldest first."""
        return (await self._session.scalars(select(Feed).where(Feed.owner_id == owner_id).order_by(Feed.id))).all()

    async def remove(self, owner_id: OrganisationId, feed_id: uuid.UUID) -> bool:
        """Delete a feed of this organisation; whether there was one."""
        gone = await self._session.scalar(
            delete(Feed).where(Feed.id == feed_id, Feed.owner_id == owner_id).returning(Feed.id)
        )
        return gone is not None
