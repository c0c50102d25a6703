"""What the routes of matches ask for by type."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.db.session import Sessions
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
