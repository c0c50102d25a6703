"""A real HTTP receiver of webhooks on loopback: keeps what it got, byte for byte, and answers as it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Got:
    """One request as it came over the line."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]

    def verified_by(self, secret: str) -> dict[str, object]:
        """What the reference library reads from it; it raises where the signature is wrong or old."""
        found: dict[str, object] = Webhook(secret).verify(self.body, self.headers)
        return found


Answer = Callable[[Got, asyncio.StreamWriter], Awaitable[None]]


def answering(status: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer like any server's; ``retry_after="5"`` is the header ``retry-after``."""

    async def answer(_: Got, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


def saying(raw: bytes) -> Answer:
    """These bytes, whatever they are, and the connection's end."""

    async def answer(_: Got, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        writer.close()

    return answer


@dataclass
class Receiver:
    """``answers`` are used up from the front; ``otherwise`` is given when there is none."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    otherwise: Answer = field(default_factory=lambda: answering(204))
    under_way: int = 0
    most_under_way: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def begin_anew(self) -> None:
        """Forget what came and how to answer; stay on the same port."""
        self.got, self.answers, self.otherwise, self.most_under_way = [], [], answering(204), 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                got = Got(head[0].split(" ")[1], headers, body)
                self.got.append(got)
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
                try:
                    await (self.answers.pop(0) if self.answers else self.otherwise)(got, writer)
                finally:
                    self.under_way -= 1
                await writer.drain()
        writer.close()


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await receiver.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
