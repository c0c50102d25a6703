"""What the routes of openness ask for by type."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.api.deps import CpuDep
from app.kit.errands import Errands
from app.matches.deps import RankerDep, ReadSessionsDep
from app.openness.cohort import Desk, Opened
from app.openness.facts import FactsKeeper
from app.openness.service import Means


def get_means(request: Request, sessions: ReadSessionsDep, ranker: RankerDep, cpu: CpuDep) -> Means:
    """The means of this process."""
    keeper: FactsKeeper = request.state.facts
    return Means(sessions, ranker, keeper, cpu)


MeansDep = Annotated[Means, Depends(get_means)]


def get_desk(request: Request, means: MeansDep) -> Desk:
    """What looking at a cohort needs of this process."""
    errands: Errands = request.state.errands
    opened: Opened = request.state.cohort_openings
    return Desk(means, errands, opened)


DeskDep = Annotated[Desk, Depends(get_desk)]
