"""What the routes of matches ask for by type."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Query, Request

from app.api.deps import CpuDep, Lang, NowDep
from app.db.session import Sessions
from app.eligibility.lists import Wanted
from app.eligibility.schemas import OutcomeName
from app.matches.ranking import Ranker


def get_ranker(request: Request) -> Ranker:
    """The ranker of this process."""
    ranker: Ranker = request.state.ranker
    return ranker


def get_read_sessions(request: Request) -> Sessions:
    """Read-only sessions, for routes that rank between two reads and must not hold a connection meanwhile."""
    sessions: Sessions = request.state.read_sessions
    return sessions


RankerDep = Annotated[Ranker, Depends(get_ranker)]
ReadSessionsDep = Annotated[Sessions, Depends(get_read_sessions)]

_ELIGIBILITY = "Have each pair judged (docs/eligibility.md), and show these outcomes only: `pass`, `pass,unknown` ..."
_OUTCOMES = "^(pass|fail|unknown)(,(pass|fail|unknown)){0,2}$"


def get_wanted(
    cpu: CpuDep,
    now: NowDep,
    lang: Lang,
    eligibility: Annotated[str | None, Query(pattern=_OUTCOMES, description=_ELIGIBILITY)] = None,
) -> Wanted:
    """Which outcomes of eligibility a list shows."""
    names = eligibility.split(",") if eligibility else []
    return Wanted(cpu, now, frozenset(cast("OutcomeName", name) for name in names), lang)


WantedOutcomes = Annotated[Wanted, Depends(get_wanted)]
