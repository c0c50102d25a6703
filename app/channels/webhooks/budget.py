"""The alert budget: how many matches an endpoint is told of on one day, and room kept for better ones that come later.

A day's alerts about one startup (about one call, where the endpoint hears as its buyer) are bounded by the endpoint's
``alerts_per_day``. Grades may use a share of it: ``possible`` a half, ``possible`` and ``good`` together four fifths,
all together the whole; so at any time of the day a fifth is left for strong matches alone. What is over stays in the
log of deliveries as ``withheld``. The shares are rounded down: of a single alert a day, strong matches have it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Literal, TypeAlias

import asyncpg

from app.kit.i18n import MOROCCO

Grade: TypeAlias = Literal["strong", "good", "possible"]

# An event that does not say what it is about, or how good it is, is not counted.
_SUBJECT: Final = "CASE WHEN ev.payload ->> 'side' = 'tender' THEN ev.tender_id ELSE ev.startup_id END"
BUDGETED: Final = f"""
(
    ep.alerts_per_day IS NOT NULL AND ev.type = 'match.created' AND {_SUBJECT} IS NOT NULL
    AND ev.payload ->> 'grade' IN ('strong', 'good', 'possible')
)
"""
"""Whether telling the endpoint ``ep`` of the event ``ev`` is an alert that its budget counts."""
# Always in one order, so that two workers can't wait for each other; whoever comes second sees what the first spent.
_HOLD = f"""
INSERT INTO webhook_budget (endpoint_id, subject_id, day)
SELECT DISTINCT d.endpoint_id, {_SUBJECT}, $2::date
FROM webhook_delivery d JOIN event ev ON ev.id = d.event_id
WHERE d.id = ANY ($1)
ORDER BY 1, 2
ON CONFLICT (endpoint_id, subject_id, day) DO UPDATE SET strong = webhook_budget.strong
"""  # noqa: S608 (constants of this module only)
_ALERTS = f"""
SELECT d.id, d.endpoint_id, budget.subject_id, ep.alerts_per_day AS most, ev.payload ->> 'grade' AS grade,
    budget.strong, budget.good, budget.possible
FROM webhook_delivery d
JOIN event ev ON ev.id = d.event_id
JOIN webhook_endpoint ep ON ep.id = d.endpoint_id
JOIN webhook_budget budget
    ON budget.endpoint_id = d.endpoint_id AND budget.subject_id = {_SUBJECT} AND budget.day = $2::date
WHERE d.id = ANY ($1)
ORDER BY d.endpoint_id, budget.subject_id,
    array_position(ARRAY['strong', 'good', 'possible'], ev.payload ->> 'grade'),
    CASE WHEN jsonb_typeof(ev.payload -> 'score') = 'number' THEN (ev.payload ->> 'score')::float8 END
        DESC NULLS LAST,
    ev.sequence
"""  # noqa: S608
_SEND = "UPDATE webhook_delivery SET state = 'waiting' WHERE id = ANY ($1)"
_WITHHOLD = "UPDATE webhook_delivery SET finished_at = $2 WHERE id = ANY ($1)"
_KEEP = """
UPDATE webhook_budget budget SET strong = given.strong, good = given.good, possible = given.possible
FROM unnest($2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::int[])
    AS given (endpoint_id, subject_id, strong, good, possible)
WHERE budget.endpoint_id = given.endpoint_id AND budget.subject_id = given.subject_id AND budget.day = $1
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """The alerts of a day so far, by grade."""

    strong: int = 0
    good: int = 0
    possible: int = 0

    def allows(self, grade: Grade, most: int | None) -> bool:
        """Whether one more alert of this grade fits into ``most`` a day."""
        if most is None:
            return True
        weak, middling = self.possible < most // 2, self.possible + self.good < most * 4 // 5
        left = self.possible + self.good + self.strong < most
        return left and (grade == "strong" or (middling and (grade == "good" or weak)))

    def with_one(self, grade: Grade) -> Spent:
        """One more alert."""
        match grade:
            case "strong":
                return replace(self, strong=self.strong + 1)
            case "good":
                return replace(self, good=self.good + 1)
            case "possible":
                return replace(self, possible=self.possible + 1)


def chosen(spent: Spent, most: int | None, alerts: Iterable[tuple[uuid.UUID, Grade]]) -> tuple[list[uuid.UUID], Spent]:
    """Which of the alerts, given best first, may be sent, and what is spent then."""
    sent = []
    for name, grade in alerts:
        if spent.allows(grade, most):
            sent.append(name)
            spent = spent.with_one(grade)
    return sent, spent


async def spend(connection: asyncpg.Connection, alerts: Sequence[uuid.UUID], now: dt.datetime) -> None:
    """Send those of the withheld deliveries ``alerts`` that the day's budgets allow, in the connection's transaction.

    The budgets are locked until it ends: two workers can't spend the same alert.
    """
    day = now.astimezone(MOROCCO).date()
    await connection.execute(_HOLD, alerts, day)
    rows = await connection.fetch(_ALERTS, alerts, day)
    sent: list[uuid.UUID] = []
    kept: list[tuple[uuid.UUID, uuid.UUID, int, int, int]] = []
    for (endpoint_id, subject_id), group in groupby(rows, key=lambda row: (row["endpoint_id"], row["subject_id"])):
        each = list(group)
        first = each[0]
        before = Spent(first["strong"], first["good"], first["possible"])
        some, after = chosen(before, first["most"], ((row["id"], row["grade"]) for row in each))
        sent += some
        kept.append((endpoint_id, subject_id, after.strong, after.good, after.possible))
    await connection.execute(_SEND, sent)
    await connection.execute(_WITHHOLD, list(set(alerts) - set(sent)), now)
    if kept:
        await connection.execute(_KEEP, day, *map(list, zip(*kept, strict=True)))
