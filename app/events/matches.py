"""Events of matches: what two sides see of a pair now and saw of it before, told to each that sees another grade."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg

from app.events.tender_sql import BRIEF

Because = Literal["reranked", "deadline_passed", "startup_hidden"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to be seen of a match: its grade, and whether the tender's side may know of it.

    A match that is withdrawn, or was never made, is ``GONE``.
    """

    grade: str | None
    public: bool = False

    def by(self, side: str) -> str | None:
        """The grade that one side sees; ``None`` for no match."""
        return self.grade if side == "startup" or self.public else None


GONE = Seen(None)


@dataclass(frozen=True, slots=True)
class Turn:
    """A match row that was written: what was to be seen of it before, and what is now."""

    match_id: uuid.UUID
    before: Seen
    now: Seen


_HEARERS = "SELECT startup.registrar_id AS id UNION SELECT startup.owner_id WHERE startup.owner_id IS NOT NULL"
"""A startup's side: the organisation that registered it, and its own."""

# $1 matches, $2 sides, $3 types, $4 grades before, $5 why. Calls of portals have no buyer here that could hear
# of anything. The transaction that stamped the match is in the key: its next turn is another event.
_APPEND = f"""
INSERT INTO event (
    type, audience, organisation_id, tender_id, startup_id, match_id, source_id, key, payload, occurred_at
)
SELECT
    given.type, 'organisation', hearer.id, tender.id, match.startup_id, match.id, tender.source_id,
    given.type || ':' || match.id || ':' || match.changed_tx || ':' || given.side || ':' || hearer.id,
    jsonb_build_object(
        'side', given.side, 'match_id', match.id, 'startup_id', match.startup_id, 'lot_id', left(match.lot_id, 300),
        'tender', {BRIEF}
    ) || CASE WHEN given.type = 'match.withdrawn' THEN '{{}}'
        ELSE jsonb_build_object('score', match.score, 'grade', match.grade) END
    || CASE WHEN given.was IS NULL THEN '{{}}' ELSE jsonb_build_object('old_grade', given.was) END
    || CASE WHEN given.because IS NULL THEN '{{}}' ELSE jsonb_build_object('because', given.because) END,
    now()
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY
    AS given (id, side, type, was, because, place)
JOIN match ON match.id = given.id
JOIN tender ON tender.id = match.tender_id
JOIN startup ON startup.id = match.startup_id
CROSS JOIN LATERAL (
    SELECT id FROM ({_HEARERS}) AS either WHERE given.side = 'startup'
    UNION SELECT tender.owner_id WHERE given.side = 'tender'
        AND NOT EXISTS (SELECT FROM source_state WHERE source_state.organisation_id = tender.owner_id)
) AS hearer
ORDER BY given.place
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 (constants of our own modules only)


# $1 who invites, $2 tender, $3 startup, $4 the instant. Whoever takes an invitation back and repeats it tells nothing
# new.
_INVITE = f"""
INSERT INTO event (type, audience, organisation_id, tender_id, startup_id, source_id, key, payload, occurred_at)
SELECT
    'shortlist.invited', 'organisation', hearer.id, tender.id, startup.id, tender.source_id,
    'shortlist.invited:' || $1::uuid || ':' || tender.id || ':' || startup.id || ':' || hearer.id,
    jsonb_build_object('startup_id', startup.id, 'tender', {BRIEF}), $4
FROM tender CROSS JOIN startup CROSS JOIN LATERAL ({_HEARERS}) AS hearer
WHERE tender.id = $2 AND startup.id = $3
ON CONFLICT (key) DO NOTHING
"""  # noqa: S608 (constants of our own modules only)

# $1 the instant, $2 the lead, $3 how many at most. What a startup's side dismissed is not told to that side.
_SOON = f"""
INSERT INTO event (
    type, audience, organisation_id, tender_id, startup_id, match_id, source_id, key, payload, occurred_at
)
SELECT
    'deadline.soon', 'organisation', hearer.id, tender.id, match.startup_id, match.id, tender.source_id, due.key,
    jsonb_build_object(
        'side', 'startup', 'match_id', match.id, 'startup_id', match.startup_id, 'lot_id', left(match.lot_id, 300),
        'score', match.score, 'grade', match.grade, 'tender', {BRIEF}
    ), $1
FROM tender
JOIN match ON match.tender_id = tender.id AND match.state = 'active'
JOIN startup ON startup.id = match.startup_id
CROSS JOIN LATERAL ({_HEARERS}) AS hearer
CROSS JOIN LATERAL (
    SELECT 'deadline.soon:' || match.id || ':' || extract(epoch FROM tender.deadline_at)::bigint || ':' || hearer.id
        AS key
) AS due
WHERE tender.status = 'published' AND tender.deadline_at > $1 AND tender.deadline_at <= $1 + $2::interval
    AND NOT EXISTS (
        SELECT FROM decision
        WHERE decision.organisation_id = hearer.id AND decision.tender_id = tender.id
            AND decision.startup_id = match.startup_id AND decision.kind = 'dismissed'
    )
    AND NOT EXISTS (SELECT FROM event AS known WHERE known.key = due.key)
ORDER BY tender.deadline_at, match.id
LIMIT $3
ON CONFLICT (key) DO NOTHING
RETURNING event.id
"""  # noqa: S608 (constants of our own modules only)


async def tell_matches(connection: asyncpg.Connection, turns: Sequence[Turn], because: Because = "reranked") -> None:
    """Append what the turns of matches mean for each side, in the connection's transaction.

    ``because``: why matches that are gone for both sides are so.
    """
    told = [news for turn in turns for side in ("startup", "tender") if (news := news_of(turn, side, because))]
    if told:
        await connection.execute(_APPEND, *map(list, zip(*told, strict=True)))


def news_of(turn: Turn, side: str, because: Because) -> tuple[uuid.UUID, str, str, str | None, str | None] | None:
    """What one side hears of a turn: match, side, type, the grade before, why; ``None`` where its grade stays."""
    was, now = turn.before.by(side), turn.now.by(side)
    if was == now:
        return None
    if was is None:
        return turn.match_id, side, "match.created", None, None
    if now is None:
        why = because if turn.now.grade is None else "startup_hidden"
        return turn.match_id, side, "match.withdrawn", was, why
    return turn.match_id, side, "match.updated", was, None


async def tell_invitation(
    connection: asyncpg.Connection, by: uuid.UUID, pair: tuple[uuid.UUID, uuid.UUID], at: dt.datetime
) -> None:
    """Append that a buyer invited a startup (``pair``: tender, startup), once for each buyer and pair."""
    await connection.execute(_INVITE, by, *pair, at)


async def tell_deadlines(connection: asyncpg.Connection, now: dt.datetime, lead: dt.timedelta, limit: int) -> int:
    """Append which calls with active matches close within ``lead`` and were not told of; how many events that made."""
    return len(await connection.fetch(_SOON, now, lead, limit))
