"""Turns: what has to be looked at and done by one after the other, where no row is there to be locked."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession


async def take_turn(session: AsyncSession, what: str, whose: uuid.UUID) -> None:
    """Wait until nobody else is at ``what`` of an organisation, and have whoever comes after wait for the end of this
    transaction: what was counted then is still true when one more is entered.
    """
    turn = func.hashtextextended(f"{what}:{whose}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(turn)))
