"""Sending what is due: any number of workers side by side, each with bounded requests under way, few per endpoint.

A turn records what came back, makes deliveries of new events and claims what is due; the requests run beside it,
outside of any transaction. Turns follow commits (NOTIFY) at once, answers in small batches, and the clock each second.

Whatever is written, compared or signed as a time is the database's, by this process's steady clock between two looks
at it: leases and signatures hold however wrong the clocks of the workers are.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import random
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from app import __version__
from app.channels.webhooks.backlog import tell_backlog
from app.channels.webhooks.claiming import Claimed, Health, Recorded, claim, give_back, record
from app.channels.webhooks.desk import USUAL_LIMITS, Desk, DispatchLimits
from app.channels.webhooks.selection import CHANNEL, fan_out
from app.channels.webhooks.sending import Outcome, attempt, judged
from app.kit.clock import Clock
from app.kit.crypto import Keyring
from app.kit.ids import new_uuid
from app.kit.metrics import Metrics
from app.kit.observability import get_logger
from app.kit.safe_http import SafeHttp
from app.models.webhook import WebhookState
from scrapers.net import AddressGuard, Resolver, resolve

log = get_logger(__name__)

_EVENTS: Final = "safqa_event"
_POLL_SECONDS, _PACED_SECONDS = 1.0, 0.1
_GATHER_SECONDS: Final = 0.04
"""While requests are under way, turns are at least so far apart: each handles several answers."""
_LOOK_SECONDS: Final = 10.0
"""How often the database is asked for its time and for what waits."""
_EVENTS_PER_TURN = 500


@dataclass(slots=True)
class Outside:
    """What a dispatcher meets the world through; tests pass their own."""

    guard: AddressGuard
    clock: Clock
    resolver: Resolver = resolve
    dice: Callable[[], float] = random.random
    metrics: Metrics = field(default_factory=Metrics)


class Dispatcher:
    """One worker's part of the sending. ``run()`` works until ``stop()``; requests that run then are finished first.

    ``turn()`` and ``drain()`` go by the given clock instead of the database's.
    """

    def __init__(
        self, pool: asyncpg.Pool, keyring: Keyring, outside: Outside, limits: DispatchLimits = USUAL_LIMITS
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._outside = outside
        self._limits = limits
        self._clock = outside.clock
        self._desk = Desk(limits, self._client, self._send, self._wake)
        self._woken = asyncio.Event()
        self._stopping = False
        self._paced = False
        self._sent = 0
        self._look_at = 0.0

    async def run(self) -> None:
        """Send what is due, and what falls due, until stopped. Whatever the database raises ends it: begin anew."""
        try:
            while not self._stopping:
                async with self._listening() as broken:
                    await self._work(broken)
            self._desk.clear()
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
        await self._desk.tidy()
        now, more = self._clock(), False
        async with self._pool.acquire() as connection:
            if self._time() >= self._look_at:
                more = await fan_out(connection, now, _EVENTS_PER_TURN) == _EVENTS_PER_TURN
                self._look_at = 0.0 if more else self._time() + _POLL_SECONDS
            if room := self._desk.room():
                held = self._desk.held()
                claimed = await claim(connection, now, new_uuid(), room, self._limits.per_endpoint, held)
                self._paced = any(one.rated for one in claimed)
                self._desk.take(claimed)
        return more

    async def drain(self) -> int:
        """Send everything that is due by the clock, and record it; how many requests were made."""
        before = self._sent
        while True:
            self._look_at = 0.0
            more = await self.turn()
            if self._desk.empty and not more:
                return self._sent - before
            await self._finish()

    async def close(self) -> None:
        """End what is under way, unrecorded: it falls due again when its claim lapses."""
        await self._desk.close()

    async def _work(self, broken: asyncio.Event) -> None:
        look_at = self._time()
        while not (self._stopping or broken.is_set()):
            if self._time() >= look_at:
                async with self._pool.acquire() as connection:
                    self._clock = await _clock_of(connection)
                    await tell_backlog(connection, self._outside.metrics, self._clock())
                look_at = self._time() + _LOOK_SECONDS
            if not await self.turn():
                await self._wait()

    async def _finish(self) -> None:
        await self._desk.finish()
        await self._record()

    async def _wait(self) -> None:
        if self._desk.busy:
            await asyncio.sleep(_GATHER_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PACED_SECONDS if self._paced else _POLL_SECONDS):
                await self._woken.wait()

    async def _send(self, http: SafeHttp, claimed: Claimed) -> Outcome:
        self._sent += 1
        try:
            outcome = await attempt(http, self._keyring, claimed, self._clock)
        except Exception:  # a fault of ours must stop no other delivery
            log.exception("webhook.fault", delivery_id=str(claimed.id))
            outcome = Outcome(claimed, self._clock(), 0, error="internal")
        self._outside.metrics.webhook_tried(outcome.kind, outcome.milliseconds / 1_000)
        return outcome

    async def _record(self) -> None:
        outcomes, returned, now = self._desk.outcomes(), self._desk.returned(), self._clock()
        if not outcomes and not returned:
            return
        attempts: list[Recorded] = []
        health: dict[uuid.UUID, Health] = {}
        for outcome in outcomes:
            one, about = judged(outcome, now, self._outside.dice())
            attempts.append(one)
            health[about.endpoint_id] = _both(health.get(about.endpoint_id), about)
        switched_off: Sequence[tuple[uuid.UUID, WebhookState]] = ()
        async with self._pool.acquire() as connection:
            if attempts:
                switched_off = await record(connection, attempts, list(health.values()), now)
            if returned:
                await give_back(connection, returned, now)
        for endpoint_id, why in switched_off:
            log.warning("webhook.disabled", endpoint_id=str(endpoint_id), why=why.value)
            self._outside.metrics.webhook_disabled(why.value)

    def _client(self) -> SafeHttp:
        headers = {"User-Agent": f"Safqa-Webhooks/{__version__}"}
        return SafeHttp(headers, self._outside.clock, self._outside.guard, resolver=self._outside.resolver)

    def _wake(self) -> None:
        self._woken.set()

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[asyncio.Event]:
        """Hear of commits. Yields what is set when the connection to do so has broken."""
        broken = asyncio.Event()

        def wake(*_: object) -> None:
            self._look_at = 0.0
            self._woken.set()

        def wake_to_listen_anew(*_: object) -> None:
            broken.set()
            self._woken.set()

        async with self._pool.acquire() as connection:
            try:
                connection.add_termination_listener(wake_to_listen_anew)
                self._clock = await _clock_of(connection)
                for channel in (_EVENTS, CHANNEL):
                    await connection.add_listener(channel, wake)
                self._look_at = 0.0
                yield broken
            finally:
                # Ended, not given back: unsubscribing on a broken one fails, and the pool would then lose its place.
                with contextlib.suppress(asyncpg.InterfaceError):  # the pool has it back already
                    connection.terminate()


async def _clock_of(connection: asyncpg.Connection) -> Clock:
    """The database's clock from now on, by our steady one."""
    time = asyncio.get_running_loop().time
    asked = time()
    told: dt.datetime = await connection.fetchval("SELECT clock_timestamp()")
    at = (asked + time()) / 2
    return lambda: told + dt.timedelta(seconds=time() - at)


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
