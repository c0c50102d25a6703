"""Telling an organisation by mail that a webhook of its was switched off, where an address of its is confirmed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Final

import asyncpg

from app.models.webhook import WebhookState

# One letter per address, however many digests it has. The host alone: an address may hold secrets in its path.
_TELL: Final = r"""
INSERT INTO letter (id, subscription_id, kind, facts, due_at, created_at)
SELECT safqa_uuid7(), to_each.id, 'notice',
    jsonb_build_object('why', $2::text, 'host', $3::text, 'endpoint_id', $1::text), $4, $4
FROM (
    SELECT DISTINCT ON (sub.address_hash) sub.id
    FROM digest_subscription sub
    JOIN webhook_endpoint ep ON ep.owner_id = sub.owner_id
    WHERE ep.id = $1::uuid AND sub.state = 'confirmed'
    ORDER BY sub.address_hash, sub.id
) AS to_each
"""


async def tell_switched_off(
    connection: asyncpg.Connection, endpoint_id: uuid.UUID, why: WebhookState, host: str, now: dt.datetime
) -> None:
    """Write the letters, in the connection's transaction; ``why``: ``gone`` or ``failing``."""
    await connection.execute(_TELL, endpoint_id, why.value, host[:300], now)
