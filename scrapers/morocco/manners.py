"""How the portal of Moroccan public procurement is treated, whichever of its applications is asked."""

from __future__ import annotations

from typing import Final

from scrapers.manners import Manners

_BROWSING_SECONDS: Final = 2.0


def portal_manners(hosts: frozenset[str], *, requests: int, deadline_seconds: float = 120.0) -> Manners:
    """Every refusal is final until a person has looked, 429 too: the firewall of this portal bans by habit."""
    return Manners(
        hosts=hosts,
        interval_seconds=_BROWSING_SECONDS,
        refusal_statuses=frozenset({401, 403, 406, 429, 451}),
        refusal_headers=frozenset({"x-deny-id"}),
        slow_down={},
        deadline_seconds=deadline_seconds,
        requests_per_run=requests,
    )
