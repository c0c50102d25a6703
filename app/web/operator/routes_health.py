"""How the installation is: readiness, queues, letters, events, sizes."""

from __future__ import annotations

import platform
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from app import __version__
from app.api.deps import NowDep, ReadSessionDep
from app.api.health import outcomes_of
from app.matches.deps import RankerDep
from app.operations import service
from app.web.operator.access import Reader
from app.web.pages import page, page_router

router = page_router("/operate/health")

_MEGABYTE: Final = 1_000_000


@router.get("")
async def show_health(request: Request, caller: Reader, db: ReadSessionDep, ranker: RankerDep, now: NowDep) -> Response:
    """Everything that tells whether somebody should do something."""
    found = await service.look(db, caller, now)
    checks = await outcomes_of(request.state.readiness)
    tenders, startups = ranker.index.matcher.sizes()
    return page(
        request,
        "operator/health.html",
        found=found,
        checks=checks,
        versions=[("Safqa", __version__), ("Python", platform.python_version())],
        index={"tenders": tenders, "startups": startups, "age": ranker.index.age_seconds},
        mail=bool(request.state.mail),
        sizes=[(each.name, each.rows, each.bytes / _MEGABYTE) for each in found.sizes],
    )
