"""Routes of pilots for startups: which fit, applying, and what their attestations become."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import KeyringDep, Lang, NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.kit.paging import Keyset, Page
from app.kit.schemas import CleanStr
from app.matches.deps import RankerDep, ReadSessionsDep
from app.matches.live_index import IndexNotLoaded
from app.pilots import attestations, ranking, service
from app.pilots.endpoints import Most
from app.pilots.errors import ApplicationsOver, AttestationIsRevoked
from app.pilots.repository import PilotRepository
from app.pilots.schemas import (
    ApplicationIn,
    ApplicationOut,
    OwnApplication,
    OwnAttestation,
    PilotHits,
    ReferenceDecision,
)
from app.pilots.signing import AttestationKeys
from app.pilots.states import PilotStateRefuses
from app.pilots.views import own_application_view, own_attestation_view
from app.startups.errors import StartupClaimed

router = APIRouter(tags=["pilots"])

Reader = Annotated[Caller, CallerDep("pilots:read")]
Writer = Annotated[Caller, CallerDep("pilots:write")]
ProfileWriter = Annotated[Caller, CallerDep("startups:write")]
NEWEST = Keyset("pilots.applied", TypeAdapter(tuple[uuid.UUID]))
EARNED = Keyset("startups.attestations", TypeAdapter(tuple[uuid.UUID]))


@router.put(
    "/pilots/{pilot_id}/applications/{startup_id}", responses=problems(NotFound, PilotStateRefuses, ApplicationsOver)
)
async def apply_for_pilot(
    pilot_id: uuid.UUID, startup_id: uuid.UUID, said: ApplicationIn, caller: Writer, db: SessionDep, now: NowDep
) -> ApplicationOut:
    """Apply for an open pilot with a startup of your own, or change what you said. Its buyer then sees the startup's
    name and place, listed or not.
    """
    made = await service.apply(db, caller, pilot_id, StartupId(startup_id), said.message, now)
    return ApplicationOut.model_validate(made)


@router.delete(
    "/pilots/{pilot_id}/applications/{startup_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, PilotStateRefuses),
)
async def take_application_back(pilot_id: uuid.UUID, startup_id: uuid.UUID, caller: Writer, db: SessionDep) -> None:
    """Take an application back, as long as nobody has been chosen."""
    await service.take_back(db, caller, pilot_id, StartupId(startup_id))


@router.get("/startups/{startup_id}/pilots", responses=problems(NotFound, IndexNotLoaded))
async def list_pilots_for_startup(
    startup_id: uuid.UUID, caller: Reader, sessions: ReadSessionsDep, ranker: RankerDep, now: NowDep, lang: Lang,
    limit: Most = 20,
) -> PilotHits:  # fmt: skip
    """Open pilots that fit this startup, best first, ranked now, with reasons."""
    asked = ranking.Asked(caller, now, lang, limit)
    return await ranking.pilots_for(sessions, ranker, asked, StartupId(startup_id))


@router.get("/startups/{startup_id}/applications", responses=problems(NotFound))
async def list_applications(
    startup_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[OwnApplication]:
    """What a startup of yours applied for, the newest pilot first."""
    await service.own_startup(db, caller, StartupId(startup_id))
    before = page.after(NEWEST)
    rows = await PilotRepository(db).applications_of(
        StartupId(startup_id), before[0] if before else None, page.limit + 1
    )
    made = Page[OwnApplication](
        items=[own_application_view(row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, NEWEST, lambda row: (row[0].pilot_id,)),
    )
    return with_link(request, response, made)


@router.get("/startups/{startup_id}/attestations", responses=problems(NotFound))
async def list_attestations(
    startup_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep,
    keyring: KeyringDep, page: PageParams,
) -> Page[OwnAttestation]:  # fmt: skip
    """What pilots of this startup were attested with, the newest first. Nothing becomes a reference by itself."""
    before = page.after(EARNED)
    found = await attestations.earned_by(
        db, caller, StartupId(startup_id), before[0] if before else None, page.limit + 1
    )
    keys = AttestationKeys(keyring)
    made = Page[OwnAttestation](
        items=[own_attestation_view(one, keys) for one in found[: page.limit]],
        next=page.next_cursor(found, EARNED, lambda one: (one.id,)),
    )
    return with_link(request, response, made)


@router.put(
    "/startups/{startup_id}/attestations/{code}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound, StartupClaimed, AttestationIsRevoked),
)
async def decide_reference(
    startup_id: uuid.UUID, code: CleanStr, decision: ReferenceDecision, caller: ProfileWriter, db: SessionDep,
    now: NowDep,
) -> None:  # fmt: skip
    """Make an attestation a reference of the profile, with its code, or take it from the references."""
    await attestations.decide(db, caller, StartupId(startup_id), code, now, accepted=decision.accepted)
