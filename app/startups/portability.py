"""Everything held about a startup: given out as one document, or erased."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.jobs.messages import MatchStartups
from app.jobs.queue import enqueue
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.models.startup import Startup
from app.startups import service
from app.startups.errors import StartupClaimed
from app.startups.portability_repository import Held, PortabilityRepository
from app.startups.visibility import may_change, sees_whole


async def export(session: AsyncSession, caller: Caller, startup_id: StartupId) -> tuple[Startup, Held]:
    """A startup with all that is held about it.

    Raises:
        NotFound: there is none, or it never was this caller's to change.
        StartupClaimed: the caller brought it in, and its startup has taken it over.

    """
    startup = await service.show(session, caller, startup_id)
    if not sees_whole(caller):
        raise NotFound
    if not may_change(caller, startup):
        raise StartupClaimed
    return startup, await PortabilityRepository(session).held(startup)


async def erase(session: AsyncSession, startup: Startup, now: dt.datetime) -> None:
    """Erase a locked startup. A row without content stays, so that the feeds can tell that it is gone."""
    await PortabilityRepository(session).erase(startup, now)
    await enqueue(session, MatchStartups(startup_ids=(startup.id,)))
