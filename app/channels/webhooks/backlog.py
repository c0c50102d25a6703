"""How much waits to be sent, and how endpoints are: what an operator's alarms look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from app.kit.metrics import Metrics
from app.models.webhook import WebhookState

# What a worker has claimed falls due when its lease ends: it is not due now.
_DUE = """
SELECT count(*) AS due, coalesce(extract(epoch FROM $1::timestamptz - min(d.due_at)), 0)::float8 AS oldest,
    (SELECT count(*) FROM webhook_outbox) AS events
FROM webhook_delivery d JOIN webhook_endpoint ep ON ep.id = d.endpoint_id
WHERE d.state = 'waiting' AND d.due_at <= $1 AND ep.state = 'enabled'
    AND (ep.resting_until IS NULL OR ep.resting_until <= $1)
"""
_ENDPOINTS = "SELECT state, count(*) AS n FROM webhook_endpoint GROUP BY state"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be sent. ``due`` at enabled endpoints that don't rest; ``events``: no deliveries made of yet."""

    due: int
    oldest_seconds: float
    events: int
    endpoints: Mapping[str, int]


async def read_backlog(connection: asyncpg.Connection, now: dt.datetime) -> Backlog:
    """Count what is due at enabled endpoints that don't rest, and the endpoints by their state."""
    row = await connection.fetchrow(_DUE, now)
    found = {each["state"]: each["n"] for each in await connection.fetch(_ENDPOINTS)}
    states = {state.value: found.get(state.value, 0) for state in WebhookState}
    return Backlog(row["due"], row["oldest"], row["events"], states)


async def tell_backlog(connection: asyncpg.Connection, metrics: Metrics, now: dt.datetime) -> None:
    """Bring the gauges up to date."""
    found = await read_backlog(connection, now)
    metrics.webhooks_wait(
        due=found.due, oldest_seconds=found.oldest_seconds, events=found.events, endpoints=found.endpoints
    )
