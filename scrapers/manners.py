"""How a source treats its portal, and who allowed it to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Literal

from scrapers.errors import SourceDisabled, SourceMisconfigured

MIB = 1024 * 1024
PRODUCT = "Safqa"
"""The token by which robots.txt may name us."""
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII)


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Permit:
    """What the operator allows: sources by name, under a mail address at which portals reach a person.

    ``halted`` is the one switch that stops all: it is asked before every request. Raises SourceMisconfigured where the
    contact is no mail address.
    """

    contact: str
    enabled: frozenset[str] = frozenset()
    halted: Callable[[], bool] = _never

    def __post_init__(self) -> None:
        if not _MAILBOX.fullmatch(self.contact):
            raise SourceMisconfigured(
                "no network source runs without a contact: the mail address of whoever operates this installation"
            )

    def check(self, source: str) -> None:
        """Raise SourceDisabled unless this source may make a request now."""
        if source not in self.enabled:
            raise SourceDisabled(f"{source} is not enabled")
        if self.halted():
            raise SourceDisabled("all sources are stopped")

    def headers(self) -> dict[str, str]:
        """Who asks: the product with its version, and the operator's mail address."""
        try:
            release = version("safqa")
        except PackageNotFoundError:
            release = "0"
        return {"User-Agent": f"{PRODUCT}/{release} (+mailto:{self.contact})", "From": self.contact}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """A source's behaviour towards its portal. Every number that differs from these has its reason beside it.

    ``hosts``: where requests may go, redirects included (host names in lower case, without ports).
    ``robots``: "obeyed", or "delay_only" for a documented interface whose terms allow what robots.txt denies to
    search engines; robots.txt is read and its delay kept in both cases.
    ``refusal_*``: what means "go away": a status, a header that is there, bytes in a body whose status is fine.
    ``slow_down``: what means "not so fast": a status, with the seconds to wait at least.
    ``requests_per_run``: the budget of one run; the next goes on where it was spent.
    """

    hosts: frozenset[str]
    interval_seconds: float = 2.0
    concurrency: int = 1
    robots: Literal["obeyed", "delay_only"] = "obeyed"
    refusal_statuses: frozenset[int] = frozenset({401, 403, 406, 451})
    refusal_headers: frozenset[str] = frozenset()
    refusal_marks: tuple[bytes, ...] = ()
    slow_down: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({429: 60.0}))
    max_bytes: int = 32 * MIB
    deadline_seconds: float = 120.0
    requests_per_run: int = 5_000
