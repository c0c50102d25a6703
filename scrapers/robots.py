"""robots.txt as RFC 9309 says, a little stricter: a file that is itself forbidden forbids everything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from protego import Protego

from scrapers.errors import SourceRefused, SourceUnavailable
from scrapers.manners import PRODUCT
from scrapers.pace import Timing

KEPT_SECONDS = 24 * 3600
MAX_BYTES = 512 * 1024
"""Rules beyond this are not read, as the RFC allows."""
_FORBIDDING = frozenset({401, 403})
_LONGEST_DELAY = 300.0

Ask = Callable[[str], Awaitable[tuple[int, bytes]]]


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host allows us."""

    parsed: Protego

    def allows(self, url: str) -> bool:
        """Whether we may ask for this address."""
        return bool(self.parsed.can_fetch(url, PRODUCT))

    @property
    def delay(self) -> float:
        """Seconds between requests that the host asks for; 0 where it asks for none."""
        delay = self.parsed.crawl_delay(PRODUCT)
        rate = self.parsed.request_rate(PRODUCT)
        wished = max(delay or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0)
        return min(max(wished, 0.0), _LONGEST_DELAY)


@dataclass(slots=True)
class RobotsBook:
    """Rules per origin, kept for a day."""

    timing: Timing
    _known: dict[str, tuple[float, Rules]] = field(default_factory=dict)

    async def rules(self, origin: str, ask: Ask) -> Rules:
        """The rules of ``scheme://host[:port]``, read by ``ask`` where they are not known.

        Raises SourceRefused where the file is forbidden, SourceUnavailable where it cannot be read.
        """
        known = self._known.get(origin)
        if known and self.timing.clock() - known[0] < KEPT_SECONDS:
            return known[1]
        status, body = await ask(f"{origin}/robots.txt")
        if status in _FORBIDDING:
            raise SourceRefused(f"{origin}/robots.txt answers {status}: the host wants no robots")
        if status == 429 or status >= 500:
            raise SourceUnavailable(f"{origin}/robots.txt answers {status}: nothing is asked for until it is known")
        text = body.decode("utf-8", "replace") if status == 200 else ""
        found = Rules(Protego.parse(text.lstrip("\ufeff")))
        self._known[origin] = (self.timing.clock(), found)
        return found
