"""Routes of pilots: posted, searched, ranked, run."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.auth import Caller, CallerDep
from app.api.deps import KeyringDep, Lang, NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.etag import IfMatch, set_etag
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound, PreconditionFailed, PreconditionRequired
from app.kit.paging import MAX_LIMIT, Keyset, Page
from app.kit.schemas import CleanStr
from app.matches.deps import RankerDep, ReadSessionsDep
from app.matches.live_index import IndexNotLoaded
from app.models.pilot import PilotState
from app.pilots import ranking, service
from app.pilots.attestations import Issuer
from app.pilots.repository import PilotFilters, PilotRepository
from app.pilots.schemas import (
    Applicant,
    Cancellation,
    Choice,
    Closing,
    NewPilot,
    PilotBody,
    PilotCandidates,
    PilotOut,
    PilotSummary,
)
from app.pilots.signing import AttestationKeys
from app.pilots.states import PilotStateRefuses
from app.pilots.views import applicant_view, is_inside, pilot_view, summary
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["pilots"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("pilots:read")]
Writer = Annotated[Caller, CallerDep("pilots:write")]
NEWEST = Keyset("pilots.newest", TypeAdapter(tuple[uuid.UUID]))
APPLICANTS = Keyset("pilots.applicants", TypeAdapter(tuple[uuid.UUID]))
Most = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most.")]
_STEP = problems(NotFound, PilotStateRefuses)


def pilot_filters(
    state: Annotated[
        list[PilotState] | None,
        Query(max_length=5, description="May be repeated. Without it: `open`; with `owner=me`: your own in any state."),
    ] = None,
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$", description="ISO 3166 code of two letters.")] = None,
    region: Annotated[CleanStr | None, Query(max_length=200, description="A region, or a place in it.")] = None,
    sector: Literal["public", "private"] | None = None,
    owner: Annotated[Literal["me"] | None, Query(description="Only pilots that you posted.")] = None,
    q: Annotated[
        CleanStr | None, Query(min_length=1, max_length=300, description="Words, as in lists of calls.")
    ] = None,
) -> PilotFilters:
    """Which pilots are asked for."""
    return PilotFilters(
        own=owner is not None, states=tuple(state or ()), country=country, region=region, sector=sector, q=q
    )


def get_issuer(keyring: KeyringDep) -> Issuer:
    """What signs attestations."""
    return Issuer(AttestationKeys(keyring))


@router.post("/pilots", status_code=status.HTTP_201_CREATED, responses=problems(WrongOrganisationKind))
async def create_pilot(
    body: NewPilot, caller: Writer, db: SessionDep, now: NowDep, response: Response, _: IdempotencyDep
) -> PilotOut:
    """Post a problem to be tried out: budget, window, criteria. For buyers. A draft is seen by nobody else."""
    pilot = await service.post(db, caller, body, now)
    response.headers["Location"] = f"/v1/pilots/{pilot.id}"
    return await _answer(db, caller, pilot.id, response)


@router.get("/pilots")
async def list_pilots(
    request: Request,
    response: Response,
    caller: Reader,
    db: ReadSessionDep,
    filters: Annotated[PilotFilters, Depends(pilot_filters)],
    page: PageParams,
) -> Page[PilotSummary]:
    """Open pilots, or your own, the newest first."""
    before = page.after(NEWEST)
    rows = await PilotRepository(db).newest(caller, filters, before[0] if before else None, page.limit + 1)
    made = Page[PilotSummary](
        items=[summary(pilot, buyer) for pilot, buyer in rows[: page.limit]],
        next=page.next_cursor(rows, NEWEST, lambda row: (row[0].id,)),
    )
    return with_link(request, response, made)


@router.get("/pilots/{pilot_id}", responses=problems(NotFound))
async def get_pilot(
    pilot_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep
) -> PilotOut:
    """One pilot. Who was chosen, and how it was judged, is for its buyer and that startup only."""
    seen = await service.show(db, caller, pilot_id)
    set_etag(request, response, service.pilot_etag(pilot_id, seen.pilot.version, inside=is_inside(seen, caller)))
    return pilot_view(seen, caller)


@router.put(
    "/pilots/{pilot_id}", responses=problems(NotFound, PilotStateRefuses, PreconditionFailed, PreconditionRequired)
)
async def replace_pilot(
    pilot_id: uuid.UUID,
    body: PilotBody,
    caller: Writer,
    db: SessionDep,
    now: NowDep,
    response: Response,
    if_match: IfMatch = None,
) -> PilotOut:
    """Make a draft say something else. Once open it stays as startups apply for it: cancel it and post another."""
    await service.replace(db, caller, pilot_id, body, if_match, now)
    return await _answer(db, caller, pilot_id, response)


@router.delete("/pilots/{pilot_id}", status_code=status.HTTP_204_NO_CONTENT, responses=_STEP)
async def delete_pilot(pilot_id: uuid.UUID, caller: Writer, db: SessionDep) -> None:
    """Delete a draft."""
    await service.discard(db, caller, pilot_id)


@router.post("/pilots/{pilot_id}/open", responses=_STEP)
async def open_pilot(
    pilot_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep, response: Response, _: IdempotencyDep
) -> PilotOut:
    """Let startups see a draft, and apply for it."""
    await service.open_up(db, caller, pilot_id, now)
    return await _answer(db, caller, pilot_id, response)


@router.post("/pilots/{pilot_id}/choose", responses=_STEP)
async def choose_startup(
    pilot_id: uuid.UUID, choice: Choice, caller: Writer, db: SessionDep, now: NowDep, response: Response,
    _: IdempotencyDep,
) -> PilotOut:  # fmt: skip
    """Let one of the startups that applied run the pilot. Nobody applies any more."""
    await service.choose(db, caller, pilot_id, choice.startup_id, now)
    return await _answer(db, caller, pilot_id, response)


@router.post("/pilots/{pilot_id}/cancel", responses=_STEP)
async def cancel_pilot(
    pilot_id: uuid.UUID, why: Cancellation, caller: Writer, db: SessionDep, now: NowDep, response: Response,
    _: IdempotencyDep,
) -> PilotOut:  # fmt: skip
    """End an open or running pilot without a result, and say why."""
    await service.cancel(db, caller, pilot_id, why.because, now)
    return await _answer(db, caller, pilot_id, response)


@router.post("/pilots/{pilot_id}/close", responses=_STEP)
async def close_pilot(
    pilot_id: uuid.UUID, said: Closing, caller: Writer, db: SessionDep, issuer: Annotated[Issuer, Depends(get_issuer)],
    now: NowDep, response: Response, _: IdempotencyDep,
) -> PilotOut:  # fmt: skip
    """End a running pilot with a verdict on each criterion. If all were met, `attestation` is the code of what anybody
    can check at `GET /v1/attestations/{code}`, and the startup may make a reference of it.
    """
    await service.close(db, issuer, caller, pilot_id, said, now)
    return await _answer(db, caller, pilot_id, response)


@router.get("/pilots/{pilot_id}/applications", responses=problems(NotFound))
async def list_applicants(
    pilot_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[Applicant]:
    """Who applied for a pilot of yours, and with what words."""
    await service.require_own(db, caller, pilot_id)
    after = page.after(APPLICANTS)
    rows = await PilotRepository(db).applicants(
        caller.organisation_id, pilot_id, after[0] if after else None, page.limit + 1
    )
    made = Page[Applicant](
        items=[applicant_view(row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, APPLICANTS, lambda row: (row[0].startup_id,)),
    )
    return with_link(request, response, made)


@router.get("/pilots/{pilot_id}/candidates", responses=problems(NotFound, PilotStateRefuses, IndexNotLoaded))
async def list_pilot_candidates(
    pilot_id: uuid.UUID, caller: Reader, sessions: ReadSessionsDep, ranker: RankerDep, now: NowDep, lang: Lang,
    limit: Most = 20,
) -> PilotCandidates:  # fmt: skip
    """Listed startups that fit an open pilot of yours, best first, ranked now, with reasons."""
    return await ranking.candidates(sessions, ranker, ranking.Asked(caller, now, lang, limit), pilot_id)


async def _answer(db: AsyncSession, caller: Caller, pilot_id: uuid.UUID, response: Response) -> PilotOut:
    seen = await service.show(db, caller, pilot_id)
    response.headers["ETag"] = service.pilot_etag(pilot_id, seen.pilot.version, inside=True)
    return pilot_view(seen, caller)
