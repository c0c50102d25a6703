"""The list of a startup's matches, in either of its orders, a page at a time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Literal, TypeAlias

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.jobs.messages import MatchStartup
from app.jobs.queue import is_waiting
from app.kit.ids import StartupId
from app.kit.paging import Keyset, PageRequest
from app.matches.kept import DeadlineKey, KeptMatches, MatchFilters, ScoreKey
from app.matches.service import require_whole_startup
from app.models.match import Match
from app.models.startup import Startup
from app.startups.visibility import whole_for

MatchOrder: TypeAlias = Literal["score", "deadline"]
BY_SCORE: Keyset[ScoreKey] = Keyset("matches.score", TypeAdapter(tuple[float, uuid.UUID]))
BY_DEADLINE: Keyset[DeadlineKey] = Keyset("matches.deadline", TypeAdapter(tuple[dt.datetime, uuid.UUID]))


async def listed(
    db: AsyncSession, caller: Caller, startup_id: StartupId, filters: MatchFilters, order: MatchOrder, page: PageRequest
) -> tuple[Sequence[Match], str | None]:
    """A page of a startup's matches, and the cursor of the next one.

    Raises:
        NotFound: no such startup, or one that the caller does not see the whole of.
        InvalidCursor: it is one of another list or order.

    """
    kept, wanted = KeptMatches(db), page.limit + 1
    following: str | None
    if order == "score":
        found = await kept.of_startup(caller, startup_id, filters, page.after(BY_SCORE), wanted)
        following = page.next_cursor(found, BY_SCORE, lambda match: (match.score, match.id))
    else:
        closing = await kept.closing_first(caller, startup_id, filters, page.after(BY_DEADLINE), wanted)
        following = page.next_cursor(closing, BY_DEADLINE, lambda row: (row[1], row[0].id))
        found = [match for match, _ in closing]
    if not found:
        await require_whole_startup(db, caller, startup_id)
    return found[: page.limit], following


async def is_ranking(db: AsyncSession, startup_id: StartupId, version: int) -> bool:
    """Whether this version of a profile is still to be ranked: its list is that of the version before."""
    return await is_waiting(db, MatchStartup(startup_id=startup_id, version=version))


async def is_outdated(db: AsyncSession, caller: Caller, startup_id: StartupId) -> bool:
    """Whether a startup's list is still that of an earlier version of its profile."""
    version = await db.scalar(select(Startup.version).where(Startup.id == startup_id, whole_for(caller)))
    return version is not None and await is_ranking(db, startup_id, version)
