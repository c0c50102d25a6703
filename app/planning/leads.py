"""Who is likely to lead the next contract of a trade: those who won such calls, the buyer's own first."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from app.planning.repository import Win
from matching.eligibility.similar import trades_told
from matching.planning.routes import Target

MOST: Final = 5
AT_BUYER: Final = 3
"""A win at the same buyer counts this many elsewhere: whoever knows a buyer is chosen again."""


@dataclass(slots=True)
class _Tally:
    name: str
    identifier: str | None
    awards: dict[uuid.UUID, bool] = field(default_factory=dict)
    trades: set[str] = field(default_factory=set)
    last: dt.date = dt.date.min

    def weight(self) -> tuple[int, dt.date]:
        return sum(AT_BUYER if at_buyer else 1 for at_buyer in self.awards.values()), self.last


def likely_leads(wins: Iterable[Win], trades: frozenset[str], without: frozenset[str]) -> tuple[Target, ...]:
    """The suppliers who won most in these trades, best first; ``without``: keys of names that are not to be named.

    A win whose words tell none of the trades doesn't count; of a call whose trades aren't known no lead can be told.
    """
    tallies: dict[str, _Tally] = {}
    for win in wins:
        if not win.name or not win.name_key or win.name_key in without:
            continue
        shared = _trades(win.title or "", tuple(win.cpv)) & trades
        if not shared:
            continue
        tally = tallies.setdefault(win.name_key, _Tally(win.name, win.identifier))
        tally.awards[win.award_id] = tally.awards.get(win.award_id, False) or win.at_buyer
        tally.trades |= shared
        tally.last = max(tally.last, win.awarded_on or dt.date.min)
    best = sorted(tallies.values(), key=lambda tally: (*tally.weight(), tally.name), reverse=True)[:MOST]
    return tuple(
        Target(
            "supplier", tally.identifier, tally.name, why=tuple(sorted(tally.trades)),
            same_buyer=any(tally.awards.values()), count=len(tally.awards),
        )
        for tally in best
    )  # fmt: skip


@lru_cache(maxsize=8_192)
def _trades(title: str, cpv: tuple[str, ...]) -> frozenset[str]:
    return trades_told((title,), cpv)
