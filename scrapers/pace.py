"""Turns at a host: one limit for all sources that share it, within this process.

The strictest wish wins: of two sources on one host the longer interval and the lower concurrency hold for both, and
whoever is told to wait makes everybody wait.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scrapers.errors import SourceUnavailable

_JITTER = 0.25


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Timing:
    """Clock, calendar, sleep and chance, so that tests need none of them."""

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], dt.datetime] = _now
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


@dataclass(slots=True)
class _Host:
    interval: float = 0.0
    limit: int = 64
    running: int = 0
    free_at: float = 0.0
    held_until: float = 0.0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)


class Paces:
    """The hosts that this process talks to, with what each asked of us."""

    def __init__(self, timing: Timing | None = None) -> None:
        self._timing = timing or Timing()
        self._hosts: dict[str, _Host] = {}

    def ask(self, host: str, *, interval: float, concurrency: int) -> None:
        """Note what somebody who will use ``host`` asks for: seconds between requests, requests at a time."""
        state = self._hosts.setdefault(host, _Host())
        state.interval = max(state.interval, interval)
        state.limit = min(state.limit, max(1, concurrency))

    def hold(self, host: str, seconds: float) -> None:
        """Let nobody ask ``host`` for the next ``seconds``."""
        state = self._hosts.setdefault(host, _Host())
        state.held_until = max(state.held_until, self._timing.clock() + seconds)

    @asynccontextmanager
    async def turn(self, host: str, patience: float) -> AsyncIterator[None]:
        """Wait for a turn and keep it while the block runs.

        Raises SourceUnavailable where the host asked to be left alone for longer than ``patience`` seconds.
        """
        state = self._hosts.setdefault(host, _Host())
        async with state.changed:
            await state.changed.wait_for(lambda: state.running < state.limit)
            state.running += 1
        try:
            await self._wait(host, state, patience)
            yield
        finally:
            async with state.changed:
                state.running -= 1
                state.changed.notify()

    async def _wait(self, host: str, state: _Host, patience: float) -> None:
        timing = self._timing
        held = state.held_until - timing.clock()
        if held > patience:
            raise SourceUnavailable(f"{host} asked to be left alone", retry_after=held)
        start = max(timing.clock(), state.free_at, state.held_until)
        # Taken before the wait, so that two who wait get two different moments.
        state.free_at = start + state.interval * (1 + _JITTER * timing.chance())
        if (wait := start - timing.clock()) > 0:
            await timing.sleep(wait)
