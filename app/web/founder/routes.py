"""The routes of a founder's own pages."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

import app.web.founder.routes_calendar
import app.web.founder.routes_evidence
import app.web.founder.routes_onboarding
import app.web.founder.routes_openings
import app.web.founder.routes_profile

router: Final = APIRouter()
for _part in (
    app.web.founder.routes_calendar.router,
    app.web.founder.routes_openings.router,
    app.web.founder.routes_evidence.router,
    app.web.founder.routes_onboarding.router,
    app.web.founder.routes_profile.router,
):
    router.include_router(_part)
