"""An allowance per key, told in the headers of every answer before it is used up.

The generic cell rate algorithm: a key earns one request every ``window / limit`` seconds, up to ``limit`` at once. It
needs one number per key, so a check costs about a microsecond; the allowance is per process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from app.kit.errors import TooManyRequests
from app.kit.observability import current_work

_PRUNE_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key has left: ``remaining`` requests now, the whole ``limit`` again in ``reset_seconds``."""

    limit: int
    window_seconds: int
    remaining: int
    reset_seconds: int
    retry_after_seconds: int
    """0 if the request was allowed."""

    def headers(self) -> dict[str, str]:
        """The header fields that tell it, in the usual three and as the IETF draft's policy."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
            "RateLimit-Policy": f'"default";q={self.limit};w={self.window_seconds}',
        }


class RateLimiter:
    """``limit`` requests per ``window_seconds`` for each key; ``clock`` counts seconds and never goes back."""

    def __init__(self, *, limit: int, window_seconds: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._window = window_seconds
        self._interval = window_seconds / limit
        self._clock = clock
        self._full_at: dict[str, float] = {}
        self._checks = 0

    def take(self, key: str) -> Allowance:
        """Use one request of the key's allowance, if there is one."""
        now = self._clock()
        self._checks += 1
        if self._checks % _PRUNE_EVERY == 0:
            self._full_at = {kept: at for kept, at in self._full_at.items() if at > now}
        full_at = max(self._full_at.get(key, now), now)
        wait = full_at + self._interval - self._window - now
        if wait > 1e-9:
            return self._tell(full_at - now, retry_after=max(1, math.ceil(wait)))
        self._full_at[key] = full_at + self._interval
        return self._tell(full_at + self._interval - now, retry_after=0)

    def _tell(self, used_seconds: float, *, retry_after: int) -> Allowance:
        remaining = math.floor((self._window - used_seconds) / self._interval + 1e-9)
        return Allowance(self._limit, self._window, max(0, remaining), math.ceil(used_seconds), retry_after)


def spend(limiter: RateLimiter, key: str) -> None:
    """Use one request of a key's allowance and tell what is left on the answer; 429 when there is none."""
    allowance = limiter.take(key)
    if (work := current_work()) is not None:
        work.headers.update(allowance.headers())
    if allowance.retry_after_seconds:
        raise TooManyRequests(retry_after_seconds=allowance.retry_after_seconds)
