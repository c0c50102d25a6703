"""An answer that tells, piece by piece, how far something is: HTML over server-sent events, for htmx to swap in.

Who reads it holds one of the places that streams of events have (:class:`app.channels.stream.service.Streams`). It
ends when what it tells of has ended, or after a while: browsers then come back by themselves, and are looked at anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send

from app.accounts.caller import Caller
from app.channels.stream.service import Streams
from app.db.session import Sessions
from app.web.rendering import render, words_of
from app.web.visitor import is_still_here

EVENT: Final = "progress"
END: Final = "end"
_LOOK_SECONDS: Final = 0.7
_LONGEST_SECONDS: Final = 240.0
_COME_BACK_MILLISECONDS: Final = 3_000
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it is: what a template shows of it, and whether it has ended."""

    shown: Mapping[str, object]
    over: bool


@dataclass(frozen=True, slots=True)
class Told:
    """How far it is: a piece of a page, and whether it has ended."""

    html: str
    over: bool


Look = Callable[[], Awaitable[Told | None]]
"""Reads how far it is, in a transaction of its own; ``None``: whoever reads may be told no more."""


def follow(
    request: Request, caller: Caller, template: str, stand: Callable[[AsyncSession], Awaitable[Standing]]
) -> ProgressStream:
    """The stream of how far something is, as ``template`` shows it, while whoever asked would still be let in."""
    sessions: Sessions = request.state.read_sessions
    streams: Streams = request.state.streams
    words = words_of(request, request.state.visitor)

    async def look() -> Told | None:
        if not await is_still_here(request):
            return None
        async with sessions() as session:
            standing = await stand(session)
        return Told(render(template, {**words, **standing.shown}), standing.over)

    return ProgressStream(streams, caller, look)


class ProgressStream(StreamingResponse):
    """The answer. It holds its place until either side ends it."""

    media_type = "text/event-stream"

    def __init__(self, streams: Streams, caller: Caller, look: Look) -> None:
        streams.enter(caller)
        self._streams, self._caller = streams, caller
        super().__init__(_blocks(streams, look), headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.leave(self._caller)


async def _blocks(streams: Streams, look: Look) -> AsyncIterator[bytes]:
    """What is new, when there is something new; a comment otherwise, so that a dead connection is noticed."""
    yield f"retry: {_COME_BACK_MILLISECONDS}\n\n".encode()
    before = None
    for _ in range(round(_LONGEST_SECONDS / _LOOK_SECONDS)):
        async with streams.turn():
            told = await look()
        if told is None:
            yield block(END, "")
            return
        yield b":\n\n" if told.html == before else block(EVENT, told.html)
        if told.over:
            yield block(END, "")
            return
        if streams.bell.stopped:
            return
        before = told.html
        await asyncio.sleep(_LOOK_SECONDS)


def block(event: str, html: str) -> bytes:
    """One event (HTML, "Server-sent events"): each line of the data has a field of its own."""
    lines = "".join(f"data: {line}\n" for line in html.replace("\r", "").split("\n"))
    return f"event: {event}\n{lines}\n".encode()
