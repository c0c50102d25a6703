"""Taking deliveries to send, and recording what came of them: two short transactions, with the request between them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import asyncpg

from app.channels.mail.notices import tell_switched_off
from app.models.webhook import DeliveryState, WebhookState

LEASE: Final = dt.timedelta(minutes=1)
"""How long a claim holds: several times what sending may take. A worker that dies loses its claims after it."""
_TURNS_PER_SECOND = 10
"""How often an endpoint with a rate gets its share of it."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery to send, with all that it takes. ``payload``: JSON text, ``None`` for a ping."""

    id: uuid.UUID
    claim: uuid.UUID
    endpoint_id: uuid.UUID
    event_id: uuid.UUID | None
    type: str
    tries: int
    created_at: dt.datetime
    url: str
    secret: bytes
    previous_secret: bytes | None
    previous_until: dt.datetime | None
    failing_since: dt.datetime | None
    rated: bool
    sequence: int | None
    occurred_at: dt.datetime | None
    payload: str | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is written of one attempt: the attempt itself, and what becomes of its delivery."""

    id: uuid.UUID
    claim: uuid.UUID
    state: DeliveryState
    tries: int
    due_at: dt.datetime
    finished_at: dt.datetime | None
    started_at: dt.datetime
    milliseconds: int
    status: int | None
    error: str | None
    response: str


@dataclass(frozen=True, slots=True)
class Health:
    """What an endpoint's attempts said of it. ``state``: to be switched off, or ``None``."""

    endpoint_id: uuid.UUID
    failed: bool
    succeeded: bool
    resting_until: dt.datetime | None
    state: WebhookState | None


class Held(NamedTuple):
    """What a worker has in hand for an endpoint, and how many more it may have there than for another."""

    n: int
    ahead: int = 0


# The oldest due first, from each endpoint no more than this worker may have in hand for it: $4 and what it may be
# ahead, one while it fails, its share of its rate. $6/$7/$8: what the worker has in hand, how far ahead it may be.
# Arrays of ids, not joins: a planner that takes the candidates for thousands reads the whole table.
_CLAIM = f"""
WITH busy AS (
    SELECT id, n, ahead FROM unnest($6::uuid[], $7::int[], $8::int[]) AS given (id, n, ahead)
), candidate AS MATERIALIZED (
    SELECT due.id
    FROM webhook_endpoint ep
    LEFT JOIN busy ON busy.id = ep.id
    CROSS JOIN LATERAL (
        SELECT d.id, d.due_at
        FROM webhook_delivery d
        WHERE d.endpoint_id = ep.id AND d.state = 'waiting' AND d.due_at <= $1
        ORDER BY d.due_at
        LIMIT greatest(0, least(
            CASE WHEN ep.failing_since IS NULL THEN $4::int + coalesce(busy.ahead, 0) ELSE 1 END - coalesce(busy.n, 0),
            ceil(ep.rate_per_second / {_TURNS_PER_SECOND}.0)::int
        ))
    ) AS due
    WHERE ep.state = 'enabled' AND (ep.resting_until IS NULL OR ep.resting_until <= $1)
    ORDER BY due.due_at
    LIMIT $5
), locked AS (
    SELECT d.id FROM webhook_delivery d
    WHERE d.id = ANY (ARRAY(SELECT id FROM candidate)) AND d.state = 'waiting' AND d.due_at <= $1
    FOR UPDATE OF d SKIP LOCKED
), taken AS (
    UPDATE webhook_delivery d SET claim = $3, due_at = $2 WHERE d.id = ANY (ARRAY(SELECT id FROM locked))
    RETURNING d.id, d.claim, d.endpoint_id, d.event_id, d.type, d.tries, d.created_at
), paced AS (
    UPDATE webhook_endpoint ep
    SET resting_until = $1 + make_interval(secs => given.n::float8 / ep.rate_per_second)
    FROM (SELECT endpoint_id, count(*) AS n FROM taken GROUP BY endpoint_id) AS given
    WHERE ep.id = given.endpoint_id AND ep.rate_per_second IS NOT NULL
)
SELECT
    taken.*, ep.url, ep.secret, ep.previous_secret, ep.previous_until, ep.failing_since,
    ep.rate_per_second IS NOT NULL AS rated, ev.sequence, ev.occurred_at, ev.payload
FROM taken
JOIN webhook_endpoint ep ON ep.id = taken.endpoint_id
LEFT JOIN event ev ON ev.id = taken.event_id
"""  # noqa: S608 (a constant of this module only)
_RECORD = """
WITH said AS (
    SELECT * FROM unnest(
        $1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
        $8::int[], $9::int[], $10::text[], $11::text[]
    ) AS given (id, claim, state, tries, due_at, finished_at, started_at, milliseconds, status, error, response)
), done AS (
    UPDATE webhook_delivery d
    SET state = said.state, tries = said.tries, attempts = d.attempts + 1, due_at = said.due_at,
        finished_at = said.finished_at, claim = NULL
    FROM said WHERE d.id = said.id AND d.claim = said.claim
    RETURNING d.id, d.attempts
), works AS (
    UPDATE webhook_endpoint SET failing_since = NULL WHERE id = ANY ($12) AND failing_since IS NOT NULL
)
INSERT INTO webhook_attempt (delivery_id, number, started_at, milliseconds, status, error, response)
SELECT done.id, done.attempts, said.started_at, said.milliseconds, said.status, said.error, said.response
FROM done JOIN said ON said.id = done.id
"""
_FAILED = """
UPDATE webhook_endpoint SET
    failing_since = coalesce(failing_since, $2),
    resting_until = greatest(resting_until, $3),
    state = coalesce($4, state),
    state_since = CASE WHEN $4::text IS NULL THEN state_since ELSE $2 END
WHERE id = $1 AND state = 'enabled'
RETURNING url
"""
_GIVE_BACK = """
UPDATE webhook_delivery d SET due_at = $3, claim = NULL FROM unnest($1::uuid[], $2::uuid[]) AS given (id, claim)
WHERE d.id = given.id AND d.claim = given.claim
"""


async def claim(
    connection: asyncpg.Connection, now: dt.datetime, mark: uuid.UUID, room: int, per_endpoint: int,
    busy: Mapping[uuid.UUID, Held],
) -> Sequence[Claimed]:  # fmt: skip
    """Take up to ``room`` deliveries that are due, under ``mark``. Two workers never take the same one."""
    held = (list(busy), [one.n for one in busy.values()], [one.ahead for one in busy.values()])
    rows = await connection.fetch(_CLAIM, now, now + LEASE, mark, per_endpoint, room, *held)
    return [Claimed(**row) for row in rows]


async def record(
    connection: asyncpg.Connection, attempts: Sequence[Recorded], health: Sequence[Health], now: dt.datetime
) -> Sequence[tuple[uuid.UUID, WebhookState]]:
    """Write what came of attempts; of a claim that has lapsed and was taken by another, nothing is written.

    Returns the endpoints that this switched off, and why; their owners are told by mail where they have digests.
    """
    columns = zip(
        *(
            (
                one.id, one.claim, one.state.value, one.tries, one.due_at, one.finished_at, one.started_at,
                one.milliseconds, one.status, one.error, one.response,
            )
            for one in attempts
        ),
        strict=True,
    )  # fmt: skip
    works = [one.endpoint_id for one in health if one.succeeded]
    failed = [one for one in health if one.failed and not one.succeeded]
    if not failed:
        await connection.execute(_RECORD, *map(list, columns), works)
        return ()
    switched_off: list[tuple[uuid.UUID, WebhookState]] = []
    async with connection.transaction():
        await connection.execute(_RECORD, *map(list, columns), works)
        for one in sorted(failed, key=lambda one: one.endpoint_id):
            state = None if one.state is None else one.state.value
            url = await connection.fetchval(_FAILED, one.endpoint_id, now, one.resting_until, state)
            if one.state is not None and url is not None:
                await tell_switched_off(connection, one.endpoint_id, one.state, urlsplit(url).hostname or "", now)
                switched_off.append((one.endpoint_id, one.state))
    return switched_off


async def give_back(connection: asyncpg.Connection, claimed: Sequence[Claimed], now: dt.datetime) -> None:
    """Make deliveries due again that were taken and are not going to be sent."""
    await connection.execute(_GIVE_BACK, [one.id for one in claimed], [one.claim for one in claimed], now)
