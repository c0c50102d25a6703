"""Routes of claims and listing: how a profile becomes its startup's own, and is shown or hidden."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response, status

from app.accounts.auth import Caller, CallerDep
from app.api.deps import KeyringDep, NowDep, SessionDep
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.startups import claims, service
from app.startups.errors import (
    ClaimExpired,
    ClaimNotFound,
    ClaimUsed,
    StartupClaimed,
    StartupNotAgreed,
    WrongOrganisationKind,
)
from app.startups.schemas import ClaimOut, ListingIn, ListingOut, TakeoverIn, TakeoverOut

router = APIRouter(tags=["startups"], route_class=IdempotentRoute)


@router.post(
    "/startups/{startup_id}/claims",
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotFound, StartupClaimed),
)
async def create_claim(
    startup_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    keyring: KeyringDep,
    now: NowDep,
    response: Response,
    _: IdempotencyDep,
) -> ClaimOut:
    """Make the token with which a startup takes over the profile that you made of it. It works once, for thirty days,
    and is in this answer and nowhere else.
    """
    made = await claims.issue(db, keyring, caller, StartupId(startup_id), now)
    response.headers["Location"] = f"/v1/startups/{startup_id}"
    return ClaimOut(id=made.claim.id, startup_id=startup_id, token=made.token, expires_at=made.claim.expires_at)


@router.post("/claims", responses=problems(WrongOrganisationKind, ClaimNotFound, ClaimUsed, ClaimExpired))
async def claim_startup(
    takeover: TakeoverIn,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    keyring: KeyringDep,
    now: NowDep,
    _: IdempotencyDep,
) -> TakeoverOut:
    """Take over the profile that somebody made of your startup: from now on it is yours to change, and it is listed.
    Who made it can still read it.
    """
    startup, agreed_at = await claims.take_over(db, keyring, caller, takeover.token, now)
    return TakeoverOut(startup_id=startup.id, agreed_at=agreed_at)


@router.post("/startups/{startup_id}/listing", responses=problems(NotFound, StartupClaimed, StartupNotAgreed))
async def set_startup_listing(
    startup_id: uuid.UUID,
    listing: ListingIn,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    now: NowDep,
    _: IdempotencyDep,
) -> ListingOut:
    """Show a startup to buyers, or hide it from them. Hidden, it is not ranked either."""
    startup = await service.lock_for_change(db, caller, StartupId(startup_id))
    await service.set_listed(db, startup, now, listed=listing.listed)
    return ListingOut(startup_id=startup.id, listed=startup.listed)
