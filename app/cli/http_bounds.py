"""uvicorn's HTTP/1.1 with an end to what a stranger may send before the application hears of it, or leave untaken.

httptools takes headers of any size for any time, so that a few connections without a key could fill the memory or hold
every descriptor. Bounds on bodies are :mod:`app.api.body_limit`'s.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 128 * 1024
"""Received without a piece of a body coming out of it: request line, headers, trailers, chunk extensions."""

HEAD_SECONDS = 20.0
"""From a connection, or the first byte of a further request on it, to the end of the headers."""

IDLE_SECONDS = 60.0
"""Without a byte of a body that has been announced."""

STALLED_SECONDS = 60.0
"""Without taking a byte of an answer that waits to be sent."""

LOOK_SECONDS = 5.0


class BoundedHttp(HttpToolsProtocol):
    """Ends connections that send too much, too slowly, or nothing, and those that do not take what they asked for."""

    _silent_bytes = 0
    _head_since: float | None = None
    _body_is_open = False
    _heard_at = 0.0
    _unsent_bytes = 0
    _taken_at = 0.0
    _looking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._head_since = self._heard_at = self.loop.time()
        self._looking = self.loop.call_later(LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and refuse it where it leads nowhere."""
        self._heard_at = self.loop.time()
        self._silent_bytes += len(data)
        super().data_received(data)
        if self._silent_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The headers are too long.")

    def on_message_begin(self) -> None:
        """The first byte of a request came."""
        super().on_message_begin()
        self._head_since = self._heard_at
        self._silent_bytes = 0

    def on_headers_complete(self) -> None:
        """Its headers are whole."""
        self._head_since = None
        self._body_is_open = True
        self._silent_bytes = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body came."""
        self._silent_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is whole."""
        self._body_is_open = False
        self._silent_bytes = 0
        super().on_message_complete()

    def _look(self) -> None:
        now = self.loop.time()
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent != self._unsent_bytes:
            self._unsent_bytes, self._taken_at = unsent, now
        if now - self._taken_at > STALLED_SECONDS:
            self.transport.abort()  # to close it would wait for what is not taken
            return
        late = self._head_since is not None and now - self._head_since > HEAD_SECONDS
        idle = self._body_is_open and not self.flow.read_paused and now - self._heard_at > IDLE_SECONDS
        if late or idle:
            self.transport.close()
        elif unsent or not self.transport.is_closing():
            self._looking = self.loop.call_later(LOOK_SECONDS, self._look)
