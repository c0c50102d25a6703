"""A portal on loopback that does what it is told to: a real HTTP server, for the real client, as bad as they get.

Routes are plain functions from what was asked to a reply; a reply may be sent slowly, cut short, badly packed, or with
a length that is a lie. Everything that was asked is remembered.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Self, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from scrapers.client import Answer, PoliteClient, Request
from scrapers.manners import Manners, Permit
from scrapers.net import AddressGuard
from scrapers.pace import Timing

CONTACT = "operator@safqa.example"
MANNERS = Manners(hosts=frozenset({"127.0.0.1"}), interval_seconds=0.0)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    raw_query: str = ""

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What is sent. ``announce``: another length than the body has; ``pause``: seconds between its bytes; ``cut``:
    hang up after so many bytes of the body; ``chunked``: in chunks, without a length.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    announce: int | None = None
    pause: float = 0.0
    cut: int | None = None
    chunked: bool = False

    @classmethod
    def json(cls, document: object, status: int = 200, **headers: str) -> Reply:
        told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return cls(status, json.dumps(document).encode(), (("Content-Type", "application/json"), *told))

    @classmethod
    def html(cls, text: str, status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> Reply:
        return cls(status, text.encode(), (("Content-Type", "text/html; charset=utf-8"), *headers))

    @classmethod
    def packed(cls, body: bytes, encoding: str = "gzip") -> Reply:
        return cls(200, gzip.compress(body), (("Content-Encoding", encoding),))


Route: TypeAlias = Callable[[Asked], Reply | Awaitable[Reply]]


@dataclass
class Portal:
    """The server. ``async with Portal() as portal``; ``portal.url`` is where it listens."""

    robots: Reply = field(default_factory=lambda: Reply(404))
    routes: dict[str, Route] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def guard(self) -> AddressGuard:
        """A guard that lets this portal through, and nothing else of this machine."""
        return AddressGuard(exceptions=frozenset({("127.0.0.1", self.port)}))

    def client(self, *sources: str, timing: Timing | None = None, patience: float = 90.0) -> PoliteClient:
        permit = Permit(CONTACT, frozenset(sources))
        return PoliteClient.of(permit, guard=self.guard, timing=timing or hurried(), patience=patience)

    async def fetch(self, path: str = "/", manners: Manners | None = None, **more: object) -> Answer:
        """One answer by the real client, in a session of its own."""
        async with self.client("s").session("s", manners or MANNERS) as session:
            return await session.fetch(Request(url=self.url + path, **more))  # type: ignore[arg-type]

    def route(self, path: str, route: Route) -> None:
        self.routes[path] = route

    def script(self, path: str, *replies: Reply) -> None:
        """Answer with one reply after the other; the last one stays."""
        left = list(replies)
        self.routes[path] = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def paths(self) -> list[str]:
        """What was asked for, robots.txt apart."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await _read(reader):
                self.asked.append(asked)
                if not await _send(writer, await self._reply(asked)):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked was killed, or has heard enough
        finally:
            writer.close()

    async def _reply(self, asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return self.robots
        route = self.routes.get(asked.path) or self.routes.get("*")
        if route is None:
            return Reply(404)
        reply = route(asked)
        return reply if isinstance(reply, Reply) else await reply


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Asked(method, parts.path, query, headers, body, parts.query)


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    """Send a reply; whether the connection can be used again."""
    length = reply.announce if reply.announce is not None else len(reply.body)
    framing = ("Transfer-Encoding", "chunked") if reply.chunked else ("Content-Length", str(length))
    headers = "".join(f"{name}: {value}\r\n" for name, value in (*reply.headers, framing))
    writer.write(f"HTTP/1.1 {reply.status} Told\r\n{headers}\r\n".encode("latin-1"))
    body = reply.body if reply.cut is None else reply.body[: reply.cut]
    step = 1 if reply.pause else 64 * 1024
    for start in range(0, len(body), step):
        piece = body[start : start + step]
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if reply.chunked else piece)
        await writer.drain()
        if reply.pause:
            await asyncio.sleep(reply.pause)
    if reply.chunked and reply.cut is None:
        writer.write(b"0\r\n\r\n")
    await writer.drain()
    return reply.cut is None and length == len(body)


@dataclass
class Hurry:
    """A clock that only sleeping moves; what was slept is noted."""

    at: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


def hurried(hurry: Hurry | None = None, chance: float = 0.0) -> Timing:
    """A timing without waiting: jitter is ``chance`` of its range."""
    hurry = hurry or Hurry()
    return Timing(clock=hurry.clock, sleep=hurry.sleep, chance=lambda: chance)
