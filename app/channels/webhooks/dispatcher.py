"""Sending what is due: any number of workers side by side, each with bounded requests under way, few per endpoint.

A turn records what came back, makes deliveries of new events and claims what is due; the requests run between turns,
outside of any transaction. Turns follow commits (NOTIFY) and answers at once, and the clock once a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from app import __version__
from app.channels.webhooks.claiming import Claimed, Health, Recorded, claim, record
from app.channels.webhooks.selection import CHANNEL, fan_out
from app.channels.webhooks.sending import Outcome, attempt, judged
from app.kit.clock import Clock
from app.kit.crypto import Keyring
from app.kit.ids import new_uuid
from app.kit.metrics import Metrics
from app.kit.observability import get_logger
from app.kit.safe_http import SafeHttp
from scrapers.net import AddressGuard, Resolver, resolve

log = get_logger(__name__)

_EVENTS: Final = "safqa_event"
_POLL_SECONDS, _PACED_SECONDS = 1.0, 0.1
_EVENTS_PER_TURN = 500
_MOST_CLIENTS = 256


@dataclass(frozen=True, slots=True)
class DispatchLimits:
    """How many requests one worker has under way at most, in all and to one endpoint."""

    total: int = 64
    per_endpoint: int = 4


@dataclass(slots=True)
class Outside:
    """What a dispatcher meets the world through; tests pass their own."""

    guard: AddressGuard
    clock: Clock
    resolver: Resolver = resolve
    dice: Callable[[], float] = random.random
    metrics: Metrics = field(default_factory=Metrics)


@dataclass(slots=True)
class _Desk:
    """What one worker has under way."""

    sending: dict[uuid.UUID, tuple[asyncio.Task[None], uuid.UUID]] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    clients: dict[uuid.UUID, SafeHttp] = field(default_factory=dict)

    def busy(self) -> Counter[uuid.UUID]:
        """How many requests are under way to each endpoint."""
        return Counter(endpoint for _, endpoint in self.sending.values())


class Dispatcher:
    """One worker's part of the sending. ``run()`` works until ``stop()``; requests that run then are finished first."""

    def __init__(
        self, pool: asyncpg.Pool, keyring: Keyring, outside: Outside, limits: DispatchLimits = DispatchLimits()
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._outside = outside
        self._limits = limits
        self._desk = _Desk()
        self._woken = asyncio.Event()
        self._stopping = False
        self._paced = False

    async def run(self) -> None:
        """Send what is due, and what falls due, until stopped. Whatever the database raises ends it: begin anew."""
        try:
            while not self._stopping:
                async with self._listening() as broken:
                    while not (broken.is_set() or self._stopping):
                        if not await self.turn():
                            await self._wait()
            await self._finish()
        finally:
            await self.close()

    def stop(self) -> None:
        """Claim nothing more; ``run()`` returns when the running requests are done and recorded."""
        self._stopping = True
        self._woken.set()

    async def turn(self) -> bool:
        """Record, fan out, claim, begin to send; whether another turn would find more at once."""
        self._woken.clear()
        await self._record()
        await self._tidy()
        now = self._outside.clock()
        async with self._pool.acquire() as connection:
            events = await fan_out(connection, now, _EVENTS_PER_TURN)
            room = self._limits.total - len(self._desk.sending)
            claimed = (
                await claim(connection, now, new_uuid(), room, self._limits.per_endpoint, self._desk.busy())
                if room
                else ()
            )
        self._paced = any(one.rated for one in claimed)
        for one in claimed:
            task = asyncio.create_task(self._send(one), name="webhook")
            self._desk.sending[one.id] = (task, one.endpoint_id)
        return events == _EVENTS_PER_TURN

    async def drain(self) -> int:
        """Send everything that is due by the clock, and record it; how many requests were made."""
        made = 0
        while True:
            more = await self.turn()
            if not self._desk.sending and not more:
                return made
            made += len(self._desk.sending)
            await self._finish()

    async def close(self) -> None:
        """End what is under way, unrecorded: it falls due again when its claim lapses."""
        tasks = [task for task, _ in self._desk.sending.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for client in self._desk.clients.values():
            await client.__aexit__(None, None, None)
        self._desk = _Desk()

    async def _finish(self) -> None:
        await asyncio.gather(*(task for task, _ in self._desk.sending.values()))
        await self._record()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PACED_SECONDS if self._paced else _POLL_SECONDS):
                await self._woken.wait()

    async def _send(self, claimed: Claimed) -> None:
        try:
            http = self._client(claimed.endpoint_id)
            outcome = await attempt(http, self._keyring, claimed, self._outside.clock)
        except Exception:  # a fault of ours must stop no other delivery
            log.exception("webhook.fault", delivery_id=str(claimed.id))
            outcome = Outcome(claimed, self._outside.clock(), 0, error="internal")
        self._desk.outcomes.append(outcome)  # after the wait: the list of before has been recorded meanwhile
        self._desk.sending.pop(claimed.id, None)
        self._woken.set()

    async def _record(self) -> None:
        outcomes, self._desk.outcomes = self._desk.outcomes, []
        if not outcomes:
            return
        now = self._outside.clock()
        attempts: list[Recorded] = []
        health: dict[uuid.UUID, Health] = {}
        for outcome in outcomes:
            one, about = judged(outcome, now, self._outside.dice())
            attempts.append(one)
            health[about.endpoint_id] = _both(health.get(about.endpoint_id), about)
        async with self._pool.acquire() as connection, connection.transaction():
            switched_off = await record(connection, attempts, list(health.values()), now)
        for endpoint_id, why in switched_off:
            log.warning("webhook.disabled", endpoint_id=str(endpoint_id), why=why.value)
            self._outside.metrics.webhook_disabled(why.value)

    def _client(self, endpoint_id: uuid.UUID) -> SafeHttp:
        """The endpoint's own client: one that is slow takes no connection of another's."""
        client = self._desk.clients.get(endpoint_id)
        if client is None:
            headers = {"User-Agent": f"Safqa-Webhooks/{__version__}"}
            outside = self._outside
            client = SafeHttp(headers, outside.clock, outside.guard, resolver=outside.resolver)
            self._desk.clients[endpoint_id] = client
        return client

    async def _tidy(self) -> None:
        if len(self._desk.clients) <= _MOST_CLIENTS:
            return
        busy = self._desk.busy()
        for endpoint_id in [known for known in self._desk.clients if known not in busy]:
            await self._desk.clients.pop(endpoint_id).__aexit__(None, None, None)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[asyncio.Event]:
        """Hear of commits. Yields what is set when the connection to do so has broken."""
        broken = asyncio.Event()

        def wake(*_: object) -> None:
            self._woken.set()

        def wake_to_listen_anew(*_: object) -> None:
            broken.set()
            self._woken.set()

        async with self._pool.acquire() as connection:
            try:
                connection.add_termination_listener(wake_to_listen_anew)
                for channel in (_EVENTS, CHANNEL):
                    await connection.add_listener(channel, wake)
                yield broken
            finally:
                # Ended, not given back: unsubscribing on a broken one fails, and the pool would then lose its place.
                with contextlib.suppress(asyncpg.InterfaceError):  # the pool has it back already
                    connection.terminate()


def _both(before: Health | None, said: Health) -> Health:
    """What several attempts say of one endpoint: one that came through makes it work."""
    if before is None:
        return said
    rests = [rest for rest in (before.resting_until, said.resting_until) if rest is not None]
    return Health(
        said.endpoint_id,
        failed=before.failed or said.failed,
        succeeded=before.succeeded or said.succeeded,
        resting_until=max(rests, default=None),
        state=said.state or before.state,
    )
