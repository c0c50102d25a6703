"""Reading the event log. Who may hear of an event is part of the query."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject, XactId
from app.models.event import EventAudience

LogKey = tuple[int, int]
"""The transaction that wrote an event, and the event's sequence number."""

BEGINNING: LogKey = (0, 0)

_AFTER = """
    event.type = wanted.type AND (event.changed_tx, event.sequence) > (CAST(CAST(:tx AS text) AS xid8), :sequence)
    AND event.changed_tx < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY event.changed_tx, event.sequence LIMIT :limit
"""

# One walk along the index for each type and audience, however rare the type is in the log. Events of transactions that
# may still be overtaken are left for later, as in every feed (``app.db.feed``).
_PAGE = text(f"""
SELECT id, sequence, type, occurred_at, payload, changed_tx FROM (
    SELECT page.* FROM unnest(CAST(:audiences AS text[])) AS open (audience)
    CROSS JOIN unnest(CAST(:types AS text[])) AS wanted (type)
    CROSS JOIN LATERAL (
        SELECT * FROM event WHERE event.audience = open.audience AND event.organisation_id IS NULL AND {_AFTER}
    ) AS page
    UNION ALL
    SELECT page.* FROM unnest(CAST(:types AS text[])) AS wanted (type)
    CROSS JOIN LATERAL (
        SELECT * FROM event
        WHERE event.audience = 'organisation' AND event.organisation_id = :organisation AND {_AFTER}
    ) AS page
) AS either
ORDER BY changed_tx, sequence LIMIT :limit
""").columns(payload=JSONB, changed_tx=XactId)  # noqa: S608 (constants of this module only)


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event, and where it stands in the log."""

    id: uuid.UUID
    sequence: int
    type: str
    occurred_at: dt.datetime
    payload: JsonObject
    changed_tx: int


async def heard_after(
    session: AsyncSession, caller: Caller, types: Sequence[str], position: LogKey, limit: int
) -> list[LoggedEvent]:
    """The events of these types that the caller may hear of, in an order that loses none."""
    audiences = [EventAudience.EVERYONE.value]
    if caller.is_operator:
        audiences.append(EventAudience.OPERATORS.value)
    rows = await session.execute(
        _PAGE,
        {
            "audiences": audiences, "types": list(types), "organisation": caller.organisation_id, "limit": limit,
            "tx": str(position[0]), "sequence": position[1],
        },
    )  # fmt: skip
    return [LoggedEvent(*row) for row in rows]
