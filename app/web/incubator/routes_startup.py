"""One startup's sheet, the invitation to its founder, and reports to print."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import CpuDep, KeyringDep, NowDep, ReadSessionDep, SessionDep
from app.cohorts import service as cohorts
from app.cohorts.deps import GapsDeskDep
from app.cohorts.gaps import look_at
from app.cohorts.schemas import LEAST_TOLD, TOLD_FIELDS, CohortFilters
from app.kit.errors import AppError
from app.kit.i18n import MOROCCO
from app.kit.ids import StartupId
from app.models.organisation import OrganisationKind
from app.startups import claims
from app.startups import service as startups
from app.web.forms import filled, sent_form
from app.web.incubator.access import CohortReader, CohortWriter, MatchReader
from app.web.incubator.sheets import Asked, sheet
from app.web.once import show_once, shown_once
from app.web.pages import page, page_router, see_other
from app.web.visitor import Guard, VisitorDep

router = page_router()

MOST_REPORTED: Final = 300
"""Startups that a printed report lists at most."""

Founder = Annotated[Caller, Depends(Guard("startups:write", OrganisationKind.STARTUP))]


async def _sheet(
    startup_id: uuid.UUID, caller: MatchReader, visitor: VisitorDep, db: ReadSessionDep, cpu: CpuDep, now: NowDep
) -> dict[str, object]:
    """What the page of a startup and its report both show."""
    found = await sheet(db, Asked(caller, StartupId(startup_id), now, visitor.lang, cpu))
    return {
        "sheet": found,
        "fields": len(TOLD_FIELDS),
        "least": LEAST_TOLD,
        "today": now.astimezone(MOROCCO).date(),
    }


@router.get("/cohort/startups/{startup_id:uuid}")
async def show_startup(
    request: Request, caller: MatchReader, shown: Annotated[dict[str, object], Depends(_sheet)]
) -> Response:
    """How one startup stands: its matches, next deadlines, profile and papers."""
    may_write = "startups:write" in caller.scopes
    token = shown_once(request).get("token")
    return page(request, "incubator/startup.html", **shown, token=token, may_write=may_write)


@router.get("/cohort/startups/{startup_id:uuid}/gaps")
async def show_startup_gaps(
    startup_id: uuid.UUID, request: Request, caller: MatchReader, db: ReadSessionDep, desk: GapsDeskDep, now: NowDep
) -> Response:
    """What one startup lacks for its best calls."""
    startup = await startups.show(db, caller, StartupId(startup_id))
    found = await look_at(db, desk, caller, now, startup_id)
    return page(request, "incubator/gaps.html", look=found, startup=startup)


@router.post("/cohort/startups/{startup_id:uuid}/claim")
async def invite_founder(
    startup_id: uuid.UUID,
    request: Request,
    caller: CohortWriter,
    db: SessionDep,
    keyring: KeyringDep,
    now: NowDep,
) -> Response:
    """Make the code with which a founder takes the profile over; it is shown once, on the sheet."""
    made = await claims.issue(db, keyring, caller, StartupId(startup_id), now)
    return show_once(request, f"/cohort/startups/{startup_id}", token=made.token)


@router.get("/cohort/startups/{startup_id:uuid}/report")
async def print_startup(request: Request, shown: Annotated[dict[str, object], Depends(_sheet)]) -> Response:
    """The sheet of one startup on paper."""
    return page(request, "incubator/startup_report.html", **shown)


@router.get("/cohort/report")
async def print_cohort(request: Request, caller: CohortReader, db: ReadSessionDep, now: NowDep) -> Response:
    """The cohort on paper."""
    today = now.astimezone(MOROCCO).date()
    rows = await cohorts.board(db, caller, CohortFilters(), None, MOST_REPORTED, today)
    return page(
        request,
        "incubator/report.html",
        rows=rows,
        totals=await cohorts.totals(db, caller, today),
        fields=len(TOLD_FIELDS),
        least=LEAST_TOLD,
        today=today,
    )


@router.get("/claim")
async def show_claim(request: Request, caller: Founder) -> Response:
    """Where a founder gives the code that their incubator handed them."""
    del caller
    return page(request, "incubator/claim.html", form=filled())


@router.post("/claim")
async def claim_profile(
    request: Request, caller: Founder, visitor: VisitorDep, db: SessionDep, keyring: KeyringDep, now: NowDep
) -> Response:
    """Take over the profile that an incubator made."""
    form = await sent_form(request)
    try:
        await claims.take_over(db, keyring, caller, form.value("token").strip()[:200], now)
    except AppError as refused:
        return page(request, "incubator/claim.html", refused.status, form=form.refused(refused, visitor.lang))
    return see_other(request, "/profile", done="claimed")
