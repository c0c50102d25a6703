"""What the routes of openness ask for by type."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.api.deps import CpuDep
from app.matches.deps import RankerDep, ReadSessionsDep
from app.openness.facts import FactsKeeper
from app.openness.service import Means


def get_means(request: Request, sessions: ReadSessionsDep, ranker: RankerDep, cpu: CpuDep) -> Means:
    """The means of this process."""
    keeper: FactsKeeper = request.state.facts
    return Means(sessions, ranker, keeper, cpu)


MeansDep = Annotated[Means, Depends(get_means)]
