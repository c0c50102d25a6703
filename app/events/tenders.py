"""Events of calls: made of the versions that a transaction has just written, in one statement for all of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

import asyncpg

from app.events.tender_sql import BRIEF, CHANGES

# One event per version, the one that says most; which version is told stands in the key.
_TYPE = """
CASE
    WHEN version.status IN ('draft', 'planned') THEN NULL
    WHEN version.status = before.status THEN
        CASE WHEN version.changes ? 'deadline' THEN 'tender.deadline_moved' ELSE 'tender.updated' END
    WHEN version.status = 'published' AND coalesce(before.status, 'draft') IN ('draft', 'planned') THEN
        CASE WHEN tender.deadline_at <= version.created_at THEN NULL ELSE 'tender.published' END
    WHEN version.status = 'awarded' THEN 'tender.awarded'
    WHEN coalesce(before.status, 'draft') = 'draft' THEN NULL
    WHEN version.status IN ('cancelled', 'withdrawn') THEN 'tender.cancelled'
    WHEN version.changes ? 'deadline' THEN 'tender.deadline_moved'
    ELSE 'tender.updated'
END
"""

# $1: ids of calls. What a draft said before it was published is its owner's alone. OFFSET 0: an index probe per call,
# however the planner judges tables that have just grown.
_APPEND = f"""
INSERT INTO event (type, audience, tender_id, source_id, key, payload, occurred_at)
SELECT
    told.type, 'everyone', tender.id, tender.source_id, 'tender:' || tender.id || ':' || version.version,
    jsonb_build_object('tender', {BRIEF}) || CASE WHEN told.type = 'tender.published' THEN '{{}}'
        ELSE (SELECT jsonb_build_object('changes', fields, 'more_changes', more) FROM ({CHANGES}) AS said) END,
    version.created_at
FROM unnest($1::uuid[]) AS given (id)
CROSS JOIN LATERAL (SELECT * FROM tender WHERE tender.id = given.id OFFSET 0) AS tender
CROSS JOIN LATERAL (
    SELECT version, status, created_at,
        CASE WHEN tender.version > 1 THEN changes ELSE '{{}}' END AS changes
    FROM tender_version WHERE tender_id = tender.id AND version = tender.version OFFSET 0
) AS version
LEFT JOIN LATERAL (
    SELECT status FROM tender_version WHERE tender_id = tender.id AND version = tender.version - 1 OFFSET 0
) AS before ON true
CROSS JOIN LATERAL (SELECT {_TYPE} AS type) AS told
WHERE told.type IS NOT NULL
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 (constants of our own modules only)


# $1: ids of calls, $2: the instant, else that of the version. Once for a call, however often it enters the lane.
_SIMPLIFIED = f"""
INSERT INTO event (type, audience, tender_id, source_id, key, payload, occurred_at)
SELECT
    'tender.simplified_access', 'everyone', tender.id, tender.source_id, 'simplified:' || tender.id,
    jsonb_build_object('tender', {BRIEF}, 'grounds', to_jsonb(tender.simplified_grounds)), told.at
FROM unnest($1::uuid[]) AS given (id)
CROSS JOIN LATERAL (SELECT * FROM tender WHERE tender.id = given.id OFFSET 0) AS tender
CROSS JOIN LATERAL (SELECT coalesce($2::timestamptz, tender.updated_at) AS at) AS told
WHERE tender.simplified_access AND tender.status = 'published'
    AND (tender.deadline_at IS NULL OR tender.deadline_at > told.at)
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 (constants of our own modules only)


async def tell_simplified(
    connection: asyncpg.Connection, tender_ids: Collection[uuid.UUID], now: dt.datetime | None = None
) -> None:
    """Append that open calls can be entered without references, each once, in the connection's transaction.

    ``now``: when it became known, where no version of the call says it.
    """
    if tender_ids:
        await connection.execute(_SIMPLIFIED, list(tender_ids), now)


async def tell_tenders(connection: asyncpg.Connection, tender_ids: Collection[uuid.UUID]) -> None:
    """Append what the newest versions of calls say, in the connection's transaction.

    Call it with the calls that the transaction has given a new version; one that was told already is not told again.
    Drafts make no event, nor does what its publisher has only announced.
    """
    if tender_ids:
        await connection.execute(_APPEND, list(tender_ids))
        await tell_simplified(connection, tender_ids)
