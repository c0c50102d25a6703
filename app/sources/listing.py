"""What a source lists: seen again, vanished, listed once more. Each change of a call is a version of it.

A complete run that lists a call no more closes it. Where more than half of what stood listed would vanish at once, a
second complete run has to say the same first: portals have shown empty lists on bad days.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from app.events.tenders import tell_tenders
from app.kit.ids import OrganisationId

_FEW = 20

# $1 source, $2 refs, $3 the run's start.
_SEEN = """
INSERT INTO listed_notice AS kept (source_id, ref, seen_at)
SELECT $1, ref, $3 FROM unnest($2::text[]) AS ref ORDER BY ref
ON CONFLICT (source_id, ref) DO UPDATE SET seen_at = excluded.seen_at WHERE kept.seen_at < excluded.seen_at
"""

# $1 source, $2 refs, $3 fingerprints, $4 external ids, $5 the run's start.
_READ = """
INSERT INTO listed_notice AS kept (source_id, ref, fingerprint, external_id, seen_at)
SELECT $1, ref, fingerprint, external_id, $5
FROM unnest($2::text[], $3::text[], $4::text[]) AS row (ref, fingerprint, external_id) ORDER BY ref
ON CONFLICT (source_id, ref) DO UPDATE SET
    fingerprint = excluded.fingerprint, external_id = coalesce(excluded.external_id, kept.external_id),
    seen_at = greatest(kept.seen_at, excluded.seen_at)
"""

_VERSION = """
INSERT INTO tender_version (tender_id, version, status, record, created_at, changes)
SELECT id, version, status, record, $4, jsonb_build_object('status', jsonb_build_object('old', before, 'new', status))
FROM moved RETURNING tender_id
"""

# $1 source, $2 owner, $3 refs, $4 the instant.
_REOPEN = f"""
WITH again AS (
    UPDATE listed_notice SET vanished_at = NULL
    WHERE source_id = $1 AND ref = ANY($3) AND vanished_at IS NOT NULL RETURNING external_id
), moved AS (
    UPDATE tender SET status = 'published', version = version + 1, updated_at = $4
    WHERE owner_id = $2 AND external_id IN (SELECT external_id FROM again) AND status = 'closed'
    RETURNING id, version, status, record, 'closed' AS before
)
{_VERSION}
"""  # noqa: S608 (constants of this module only)

# $1 source, $2 owner, $3: what was seen last before this instant is gone, $4 the instant.
_CLOSE = f"""
WITH gone AS (
    UPDATE listed_notice SET vanished_at = $4
    WHERE source_id = $1 AND vanished_at IS NULL AND seen_at < $3 RETURNING external_id
), moved AS (
    UPDATE tender SET status = 'closed', version = version + 1, updated_at = $4
    WHERE owner_id = $2 AND external_id IN (SELECT external_id FROM gone) AND status = 'published'
    RETURNING id, version, status, record, 'published' AS before
)
{_VERSION}
"""  # noqa: S608 (constants of this module only)

_OPEN = """
SELECT count(*) AS listed, count(*) FILTER (WHERE seen_at < $2) AS gone
FROM listed_notice WHERE source_id = $1 AND vanished_at IS NULL
"""

_COMPLETE_BEFORE = """
SELECT max(started_at) FROM crawl_run
WHERE source_id = $1 AND started_at < $2 AND kind = 'regular' AND outcome = 'complete'
"""


@dataclass(frozen=True, slots=True)
class ListTarget:
    """Whose list it is, who owns its calls, the run's start and the instant of the batch."""

    source_id: uuid.UUID
    owner_id: OrganisationId
    started: dt.datetime
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """A notice that was fetched: what the list said of it, and the call that was read from it, if one was."""

    fingerprint: str
    external_id: str | None


async def note_listed(
    connection: asyncpg.Connection, target: ListTarget, refs: Sequence[str], read: Mapping[str, ReadNotice]
) -> list[uuid.UUID]:
    """Note what a batch listed and what was read of it; the calls that are open again for that."""
    if refs:
        await connection.execute(_SEEN, target.source_id, list(dict.fromkeys(refs)), target.started)
    if read:
        await connection.execute(
            _READ,
            target.source_id,
            [*read],
            [one.fingerprint for one in read.values()],
            [one.external_id for one in read.values()],
            target.started,
        )
    again = sorted({*refs, *read})
    if not again:
        return []
    opened = await connection.fetch(_REOPEN, target.source_id, target.owner_id, again, target.now)
    return await _told(connection, opened)


async def close_vanished(connection: asyncpg.Connection, target: ListTarget) -> list[uuid.UUID]:
    """Close the calls that a complete run no longer listed."""
    counts = await connection.fetchrow(_OPEN, target.source_id, target.started)
    assert counts is not None
    before = target.started
    if counts["gone"] > max(_FEW, counts["listed"] // 2):
        earlier = await connection.fetchval(_COMPLETE_BEFORE, target.source_id, target.started)
        if earlier is None:
            return []
        before = earlier
    closed = await connection.fetch(_CLOSE, target.source_id, target.owner_id, before, target.now)
    return await _told(connection, closed)


async def _told(connection: asyncpg.Connection, moved: Sequence[asyncpg.Record]) -> list[uuid.UUID]:
    ids = [row["tender_id"] for row in moved]
    await tell_tenders(connection, ids)
    return ids
