"""Where the event log ends just now."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.channels.polling.repository import LogKey

_END = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


async def end_of_log(session: AsyncSession) -> LogKey:
    """The place after every event that can be read now; what can't be read yet comes after it."""
    return (await session.scalar(_END) or 0, 0)
