"""The route that streams the event log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Header, Query, Request, status
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.accounts.auth import Key, KeyDep
from app.accounts.repository import caller_by_digest
from app.api.problems import problems
from app.channels.polling.endpoints import LOG, envelope_of
from app.channels.polling.repository import LoggedEvent, LogKey
from app.channels.stream.errors import TooManyStreams
from app.channels.stream.service import Listener, Streams, listen
from app.events.catalogue import EVENT_TYPES, EventType
from app.kit.errors import ServiceUnavailable
from app.kit.paging import CursorSigner

router = APIRouter(tags=["events"])

EVENT_STREAM = "text/event-stream"
_COME_BACK_MILLISECONDS = 3_000
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would keep events back until it has some kilobytes of them
}
_ANSWER = {
    "description": "Events as they happen, without an end; each is an `Envelope`, as `GET /v1/events` gives it.",
    "content": {EVENT_STREAM: {"schema": {"type": "string"}}},
}


class EventStream(StreamingResponse):
    """An answer that holds a place until its connection ends."""

    media_type = EVENT_STREAM

    def __init__(self, streams: Streams, listener: Listener, blocks: AsyncIterator[bytes]) -> None:
        streams.enter(listener.caller)
        self._streams, self._caller = streams, listener.caller
        super().__init__(blocks, headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer until either side ends it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave(self._caller)


@router.get(
    "/events/stream",
    status_code=status.HTTP_200_OK,
    response_class=EventStream,
    responses={**problems(TooManyStreams, ServiceUnavailable), 200: _ANSWER},
)
async def stream_events(
    request: Request,
    key: Annotated[Key, KeyDep("events:read")],
    types: Annotated[
        list[EventType],
        Query(alias="type", default_factory=list, max_length=50, description="Repeat it for several; all, if none."),
    ],
    after: Annotated[
        str | None,
        Query(max_length=1000, description="An `id` of the stream or a `next` of `GET /v1/events`; leave out for now."),
    ] = None,
    last_event_id: Annotated[
        str | None,
        Header(alias="Last-Event-ID", max_length=1000, description="The last `id` that came: goes on after it."),
    ] = None,
) -> EventStream:
    """What happens that you may hear of, while it happens, as server-sent events. Come back with the last `id`.

    Nothing is lost in between, as long as events are kept. A comment comes every 15 seconds where there is no event.
    """
    hot: asyncpg.Pool = request.state.hot
    signer: CursorSigner = request.state.cursors
    streams: Streams = request.state.streams
    caller = key.admit(await caller_by_digest(hot, key.digests))
    place = last_event_id or after
    position = None if place is None else signer.read(LOG, place)

    async def admitted() -> bool:
        return await caller_by_digest(hot, key.digests) == caller

    listener = Listener(caller, list(dict.fromkeys(types)) or EVENT_TYPES, admitted)
    return EventStream(streams, listener, _blocks(listen(streams, listener, position), signer))


async def _blocks(told: AsyncIterator[LogKey | LoggedEvent | None], signer: CursorSigner) -> AsyncIterator[bytes]:
    """The stream as bytes (HTML, "Server-sent events"). The first block has an id alone, to come back with at once."""
    async for each in told:
        match each:
            case None:
                yield b":\n\n"
            case LoggedEvent():
                place = signer.write(LOG, (each.changed_tx, each.sequence))
                # JSON has no line break inside, so that one field holds all of it.
                yield f"event: {each.type}\nid: {place}\ndata: {envelope_of(each).model_dump_json()}\n\n".encode()
            case _:
                yield f"retry: {_COME_BACK_MILLISECONDS}\nid: {signer.write(LOG, each)}\n\n".encode()
