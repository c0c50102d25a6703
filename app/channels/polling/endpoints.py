"""The route that reads the event log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import ReadSessionDep
from app.api.feed import FeedPage, FeedParams
from app.channels.polling.repository import BEGINNING, LoggedEvent, LogKey, heard_after
from app.events.catalogue import EVENT_TYPES, Envelope, EventType
from app.kit.paging import Keyset

router = APIRouter(tags=["events"])
LOG: Keyset[LogKey] = Keyset("events", TypeAdapter(tuple[int, int]))


@router.get("/events")
async def list_events(
    caller: Annotated[Caller, CallerDep("events:read")],
    db: ReadSessionDep,
    feed: FeedParams,
    types: Annotated[
        list[EventType],
        Query(alias="type", default_factory=list, max_length=50, description="Repeat it for several; all, if none."),
    ],
) -> FeedPage[Envelope]:
    """What happened that you may hear of, in an order that loses none. Keep `next` and come back.

    Events are kept for `SAFQA_EVENTS_KEPT_DAYS`. Each is described in docs/webhooks.md.
    """
    position = BEGINNING if feed.after is None else feed.signer.read(LOG, feed.after)
    rows = await heard_after(db, caller, list(dict.fromkeys(types)) or EVENT_TYPES, position, feed.limit + 1)
    shown = rows[: feed.limit]
    last = (shown[-1].changed_tx, shown[-1].sequence) if shown else position
    return FeedPage[Envelope](
        items=[envelope_of(row) for row in shown], next=feed.signer.write(LOG, last), more=len(rows) > feed.limit
    )


def envelope_of(event: LoggedEvent) -> Envelope:
    """An event as it goes out."""
    return Envelope.model_validate(
        {
            "id": event.id, "sequence": event.sequence, "type": event.type, "timestamp": event.occurred_at,
            "data": event.payload,
        }
    )  # fmt: skip
