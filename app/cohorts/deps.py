"""What the routes of cohorts ask for by type."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.cohorts.gaps import Desk, Found
from app.kit.errands import Errands
from app.openness.deps import MeansDep


def get_desk(request: Request, means: MeansDep) -> Desk:
    """What counting gaps needs of this process."""
    errands: Errands = request.state.errands
    found: Found = request.state.cohort_gaps
    return Desk(means, errands, found)


GapsDeskDep = Annotated[Desk, Depends(get_desk)]
