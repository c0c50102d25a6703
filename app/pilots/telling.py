"""Who is told by letter what happened to a pilot: its buyer of applications, startups of what their buyer decided."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.channels.mail.matters import News, tell
from app.models.matter import Matter
from app.models.pilot import Pilot
from app.models.startup import Startup
from app.pilots.repository import PilotRepository


async def applied(session: AsyncSession, caller: Caller, pilot: Pilot, startup_id: uuid.UUID, now: dt.datetime) -> None:
    """Tell the buyer of an application; of the same startup's once, whatever it says afterwards."""
    news = News(Matter.PILOT_APPLICATION, pilot.id, {pilot.buyer_id}, startup_id)
    await tell(session, caller.organisation_id, news, now)


async def chosen(session: AsyncSession, caller: Caller, pilot: Pilot, startup: Startup, now: dt.datetime) -> None:
    """Tell the startup that may run a pilot, and the others that applied."""
    owners = set((await PilotRepository(session).applicants_owners(pilot)).values())
    await _decided(session, caller, Matter.PILOT_CHOSEN, pilot, {startup.owner_id}, now)
    await _decided(session, caller, Matter.PILOT_PASSED, pilot, owners - {startup.owner_id}, now)


async def cancelled(session: AsyncSession, caller: Caller, pilot: Pilot, now: dt.datetime) -> None:
    """Tell the startup that ran a pilot; before one was chosen, all that applied."""
    owners = await PilotRepository(session).applicants_owners(pilot)
    hearers = owners.values() if pilot.startup_id is None else [owners.get(pilot.startup_id)]
    await _decided(session, caller, Matter.PILOT_CANCELLED, pilot, set(hearers), now)


async def closed(session: AsyncSession, caller: Caller, pilot: Pilot, startup: Startup, now: dt.datetime) -> None:
    """Tell the startup that ran a pilot that there is a verdict."""
    await _decided(session, caller, Matter.PILOT_CLOSED, pilot, {startup.owner_id}, now)


async def _decided(
    session: AsyncSession, caller: Caller, what: Matter, pilot: Pilot, owners: Collection[uuid.UUID | None],
    now: dt.datetime,
) -> None:  # fmt: skip
    """Startups that are nobody's by now have nobody to be told."""
    hearers = [owner for owner in owners if owner is not None]
    await tell(session, caller.organisation_id, News(what, pilot.id, hearers), now)
