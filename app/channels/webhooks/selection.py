"""Deliveries made of events: which endpoint hears of which event, in SQL, as both are many. One rule for all ways."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Final

import asyncpg

from app.channels.webhooks.budget import BUDGETED, spend

CHANNEL: Final = "safqa_webhook"
"""Told by whoever makes a delivery due now."""

# Whose event it is.
_HEARS = """
(
    ev.audience = 'everyone'
    OR ev.audience = 'organisation' AND ev.organisation_id = ep.owner_id
    OR ev.audience = 'operators' AND owner.kind = 'operator'
)
"""
# A filter that is not set is no member. Whoever heard of a match by its old grade hears that it changed or is gone.
_SAID = {
    "grades": "ev.payload ->> 'grade', ev.payload ->> 'old_grade'",
    "sectors": "ev.payload -> 'tender' ->> 'sector'",
    "regions": "ev.payload -> 'tender' ->> 'region'",
    "categories": "ev.payload -> 'tender' ->> 'category'",
    "startup_ids": "ev.startup_id::text, ev.payload ->> 'startup_id'",
}
_WANTS = (
    "(ep.types = '{}' OR ev.type = ANY (ep.types))"
    + "".join(
        f"\nAND (NOT ep.filters ? '{name}' OR ep.filters -> '{name}' ?| array_remove(ARRAY[{said}], NULL)"
        f" OR array_remove(ARRAY[{said}], NULL) = '{{}}')"
        for name, said in _SAID.items()
    )
    + """
AND (NOT ep.filters ? 'cohort' OR ev.startup_id IS NULL OR EXISTS (
    SELECT FROM startup WHERE startup.id = ev.startup_id AND startup.registrar_id = ep.owner_id
))
AND (NOT ep.filters ? 'simplified_access' OR CASE
    WHEN jsonb_typeof(ev.payload -> 'simplified_access') = 'boolean'
        THEN ev.payload -> 'simplified_access' = ep.filters -> 'simplified_access'
    WHEN jsonb_typeof(ev.payload #> '{tender,simplified_access}') = 'boolean'
        THEN ev.payload #> '{tender,simplified_access}' = ep.filters -> 'simplified_access'
    ELSE true
END)
AND (NOT ep.filters ? 'value' OR CASE
    WHEN jsonb_typeof(ev.payload #> '{tender,value,amount}') = 'number'
        AND ev.payload #>> '{tender,value,currency}' = ep.filters #>> '{value,currency}'
        AND (ev.payload #>> '{tender,value,amount}')::numeric > 0
    THEN (ev.payload #>> '{tender,value,amount}')::numeric
        BETWEEN coalesce((ep.filters #>> '{value,min_amount}')::numeric, 0)
        AND coalesce((ep.filters #>> '{value,max_amount}')::numeric, 'Infinity')
    ELSE true
END)
"""
)
_FAN_OUT = f"""
WITH taken AS (
    DELETE FROM webhook_outbox WHERE event_id IN (
        SELECT event_id FROM webhook_outbox ORDER BY event_id LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING event_id
), made AS (
    INSERT INTO webhook_delivery (id, endpoint_id, event_id, type, state, due_at, created_at)
    SELECT safqa_uuid7(), ep.id, ev.id, ev.type, CASE WHEN {BUDGETED} THEN 'withheld' ELSE 'waiting' END, $1, $1
    FROM taken
    JOIN event ev ON ev.id = taken.event_id
    CROSS JOIN webhook_endpoint ep
    JOIN organisation owner ON owner.id = ep.owner_id
    WHERE ep.state = 'enabled' AND {_HEARS} AND {_WANTS}
    ON CONFLICT (endpoint_id, event_id) DO NOTHING
    RETURNING id, state
)
SELECT (SELECT count(*) FROM taken) AS events, (SELECT array_agg(id) FROM made WHERE state = 'withheld') AS alerts
"""  # noqa: S608 (constants of our own modules only)
_WAITING = "SELECT EXISTS (SELECT FROM webhook_outbox)"
_MISSED = f"""
WITH made AS (
    INSERT INTO webhook_delivery (id, endpoint_id, event_id, type, state, due_at, created_at)
    SELECT safqa_uuid7(), ep.id, ev.id, ev.type, 'waiting', $4, $4
    FROM webhook_endpoint ep
    JOIN organisation owner ON owner.id = ep.owner_id
    JOIN event ev ON ev.occurred_at >= $2 AND ev.occurred_at < $3 AND {_HEARS} AND {_WANTS}
    WHERE ep.id = $1 AND NOT EXISTS (
        SELECT FROM webhook_delivery old WHERE old.endpoint_id = ep.id AND old.event_id = ev.id
    )
    ORDER BY ev.sequence
    ON CONFLICT (endpoint_id, event_id) DO NOTHING
    RETURNING 1
)
SELECT count(*) FROM made
"""  # noqa: S608


async def fan_out(connection: asyncpg.Connection, now: dt.datetime, limit: int) -> int:
    """Make the deliveries of up to ``limit`` events that nobody has looked at, in one transaction; how many events.

    Any number of workers may do it at once. An event is taken from the outbox by the commit that makes its deliveries,
    and that spends the alerts of their day.
    """
    if not await connection.fetchval(_WAITING):
        return 0
    try:
        async with connection.transaction():
            row = await connection.fetchrow(_FAN_OUT, now, limit)
            if row["alerts"]:
                await spend(connection, row["alerts"], now)
    except asyncpg.ForeignKeyViolationError:  # an endpoint was deleted meanwhile: the next turn knows it no more
        return 0
    taken: int = row["events"]
    return taken


async def make_missed(
    connection: asyncpg.Connection, endpoint_id: uuid.UUID, since: dt.datetime, until: dt.datetime, now: dt.datetime
) -> int:
    """Make deliveries of the events of a time that an endpoint would be told of now and has none of; how many."""
    made: int = await connection.fetchval(_MISSED, endpoint_id, since, until, now)
    return made
