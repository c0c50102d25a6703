"""What one worker has in hand: a line of claimed deliveries for each endpoint, and the requests that are under way.

An endpoint that answers quickly has more in its line than it is sent at once, so that its next request waits for no
turn of the dispatcher. What a line still holds when a request of it fails, or when it has stood there for long, is
given back: the endpoint's rest, rate and state are looked at before it is taken again.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.channels.webhooks.claiming import Claimed, Held
from app.channels.webhooks.sending import Outcome
from app.kit.safe_http import SafeHttp

_AHEAD: Final = 120
"""How many more than it is sent at once are claimed for an endpoint that answers quickly."""
_QUICK_MILLISECONDS: Final = 250
_STALE_SECONDS: Final = 5.0
"""How long a claimed delivery may stand in a line: a small part of its lease."""
_AT_A_TIME: Final = 16
"""After so many requests in a row others may have the place."""
_MOST_LINES: Final = 256


@dataclass(frozen=True, slots=True)
class DispatchLimits:
    """How many requests one worker has under way at most, in all and to one endpoint."""

    total: int = 64
    per_endpoint: int = 4


USUAL_LIMITS: Final = DispatchLimits()


@dataclass(slots=True)
class _Line:
    """Of one endpoint. ``http``: its own client, so that a slow one takes no connection of another's."""

    http: SafeHttp
    waiting: deque[tuple[Claimed, float]] = field(default_factory=deque)
    senders: set[asyncio.Task[None]] = field(default_factory=set)
    under_way: int = 0
    quick: bool = False

    @property
    def held(self) -> int:
        return self.under_way + len(self.waiting)


class Desk:
    """``send`` makes one request, and never fails; ``told`` is called when there is something to record."""

    def __init__(
        self,
        limits: DispatchLimits,
        client: Callable[[], SafeHttp],
        send: Callable[[SafeHttp, Claimed], Awaitable[Outcome]],
        told: Callable[[], None],
    ) -> None:
        self._limits = limits
        self._client = client
        self._send = send
        self._told = told
        self._lines: dict[uuid.UUID, _Line] = {}
        self._outcomes: list[Outcome] = []
        self._returned: list[Claimed] = []

    @property
    def busy(self) -> bool:
        """Whether requests are under way, or about to be."""
        return any(line.senders for line in self._lines.values())

    @property
    def empty(self) -> bool:
        """Whether nothing is under way, and nothing to be recorded."""
        return not (self.busy or self._outcomes or self._returned)

    def room(self) -> int:
        """How many deliveries more may be claimed."""
        lines = self._lines.values()
        ahead = self._limits.total * (3 if any(line.quick for line in lines) else 0)
        return max(0, self._limits.total + ahead - sum(line.held for line in lines))

    def held(self) -> Mapping[uuid.UUID, Held]:
        """How many deliveries of each endpoint are in hand, and how many more than usual it may have."""
        return {
            endpoint: Held(line.held, _AHEAD if line.quick else 0)
            for endpoint, line in self._lines.items()
            if line.held or line.quick
        }

    def take(self, claimed: Iterable[Claimed]) -> None:
        """Put deliveries into their lines, and begin to send."""
        now = asyncio.get_running_loop().time()
        for one in claimed:
            line = self._lines.get(one.endpoint_id)
            if line is None:
                line = self._lines[one.endpoint_id] = _Line(self._client())
            line.waiting.append((one, now))
        self._begin()

    def outcomes(self) -> Sequence[Outcome]:
        """What has come back since the last call."""
        told, self._outcomes = self._outcomes, []
        return told

    def returned(self) -> Sequence[Claimed]:
        """What was taken and is not going to be sent."""
        given, self._returned = self._returned, []
        return given

    def clear(self) -> None:
        """Return whatever waits in a line."""
        for line in self._lines.values():
            self._return(line)

    async def finish(self) -> None:
        """Wait for the requests that are under way, and for those that begin meanwhile."""
        while running := [task for line in self._lines.values() for task in line.senders]:
            await asyncio.gather(*running)

    async def tidy(self) -> None:
        """Close clients of which nothing is in hand, where there are many."""
        if len(self._lines) <= _MOST_LINES:
            return
        for endpoint in [known for known, line in self._lines.items() if not line.held and not line.senders]:
            await self._lines.pop(endpoint).http.__aexit__(None, None, None)

    async def close(self) -> None:
        """End what is under way and forget it all."""
        lines, self._lines = list(self._lines.values()), {}
        tasks = [task for line in lines for task in line.senders]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for line in lines:
            await line.http.__aexit__(None, None, None)
        self._outcomes.clear()
        self._returned.clear()

    def _begin(self) -> None:
        """Give free places to the lines that wait, to those with the fewest first, one each in turn."""
        free = self._limits.total - sum(len(line.senders) for line in self._lines.values())
        for places in range(1, self._limits.per_endpoint + 1):
            wanting = (
                line
                for line in self._lines.values()
                if len(line.senders) < places and len(line.waiting) > len(line.senders) - line.under_way
            )
            for line in itertools.islice(wanting, max(0, free)):
                free -= 1
                task = asyncio.create_task(self._work(line), name="webhook")
                line.senders.add(task)
                task.add_done_callback(line.senders.discard)

    async def _work(self, line: _Line) -> None:
        now = asyncio.get_running_loop().time
        for _ in range(_AT_A_TIME):
            if not line.waiting:
                break
            if now() - line.waiting[0][1] > _STALE_SECONDS:
                self._return(line)
                break
            claimed, _since = line.waiting.popleft()
            line.under_way += 1
            try:
                outcome = await self._send(line.http, claimed)
            finally:
                line.under_way -= 1
            self._outcomes.append(outcome)
            line.quick = outcome.delivered and outcome.milliseconds <= _QUICK_MILLISECONDS and not claimed.rated
            if not outcome.delivered:
                self._return(line)
            self._told()
        if line.waiting:
            asyncio.get_running_loop().call_soon(self._begin)

    def _return(self, line: _Line) -> None:
        self._returned += [claimed for claimed, _ in line.waiting]
        line.waiting.clear()
        self._told()
