"""How often something may be tried, by whom: counted in the database, so that all processes count together.

A window begins with the first attempt. Addresses and networks are kept as keyed hashes only. What is told to whoever
tried too often is the same for addresses that are known and for those that are not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.crypto import Keyring
from app.models.entry import AttemptCount

_COUNT: Final = text("""
INSERT INTO attempt_count (key_hash, attempts, resets_at) VALUES (:key, 1, :until)
ON CONFLICT (key_hash) DO UPDATE SET
    attempts = CASE WHEN attempt_count.resets_at <= :now THEN 1 ELSE attempt_count.attempts + 1 END,
    resets_at = CASE WHEN attempt_count.resets_at <= :now THEN :until ELSE attempt_count.resets_at END
RETURNING attempts
""")


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` attempts in a ``window``; ``name`` tells the counters apart."""

    name: str
    most: int
    window: dt.timedelta


PASSWORD_BY_ADDRESS: Final = Limit("password-address", 10, dt.timedelta(minutes=15))
PASSWORD_BY_NETWORK: Final = Limit("password-network", 60, dt.timedelta(minutes=15))
LINK_BY_ADDRESS: Final = Limit("link-address", 5, dt.timedelta(hours=1))
LINK_BY_NETWORK: Final = Limit("link-network", 40, dt.timedelta(hours=1))
SECOND_FACTOR: Final = Limit("second-factor", 8, dt.timedelta(minutes=15))
SECOND_FACTOR_A_DAY: Final = Limit("second-factor-day", 50, dt.timedelta(days=1))
"""Of 10⁶ codes, three are right at a time: at this pace who knows the password guesses one in some 18 years."""
MOVES: Final = Limit("moves", 10, dt.timedelta(days=1))
"""Letters to addresses that somebody names as their new one."""
PROVIDER_BY_NETWORK: Final = Limit("provider-network", 120, dt.timedelta(minutes=15))
"""Ways to the provider of identities and back: as many people as by password."""
PROVIDER_BY_SUBJECT: Final = Limit("provider-subject", 10, dt.timedelta(minutes=15))
SIGN_UP_BY_NETWORK: Final = Limit("sign-up-network", 20, dt.timedelta(hours=1))
INVITATIONS: Final = Limit("invitations", 60, dt.timedelta(days=1))
INVITATIONS_TO_ADDRESS: Final = Limit("invitations-address", 6, dt.timedelta(days=1))
"""Letters to one address, by whichever organisations: nobody can have it flooded."""


async def within(session: AsyncSession, keyring: Keyring, limit: Limit, whose: object, now: dt.datetime) -> bool:
    """Count an attempt; whether it is within the limit."""
    row = await session.execute(_COUNT, {"key": _key(keyring, limit, whose), "until": now + limit.window, "now": now})
    attempts: int = row.scalar_one()
    return attempts <= limit.most


async def forgive(session: AsyncSession, keyring: Keyring, limit: Limit, whose: object) -> None:
    """Begin anew: whoever tried has shown that they may."""
    await session.execute(delete(AttemptCount).where(AttemptCount.key_hash == _key(keyring, limit, whose)))


def _key(keyring: Keyring, limit: Limit, whose: object) -> bytes:
    return keyring.token_hash(f"attempt:{limit.name}:{whose}")
