"""How a startup takes over a profile that somebody else made of it: a token, given by hand, that works once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.jobs.messages import MatchStartups
from app.jobs.queue import enqueue
from app.kit.crypto import Keyring, new_token
from app.kit.ids import StartupId, new_uuid
from app.models.organisation import OrganisationKind
from app.models.startup import Startup
from app.models.startup_claim import StartupClaim
from app.startups import service
from app.startups.claim_repository import ClaimRepository
from app.startups.errors import ClaimExpired, ClaimNotFound, ClaimUsed, StartupClaimed, WrongOrganisationKind

TOKEN_PREFIX = "sfqc"  # noqa: S105 (the visible start of a token, for secret scanners)
VALID_FOR = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim just made, with the token that is shown this once."""

    claim: StartupClaim
    token: str


async def issue(
    session: AsyncSession, keyring: Keyring, caller: Caller, startup_id: StartupId, now: dt.datetime
) -> NewClaim:
    """Make the token with which a startup takes this profile over; an unused one made before stops working.

    Raises:
        NotFound: no such startup was brought in by the caller.
        StartupClaimed: its startup has taken it over already.

    """
    startup = await service.lock_for_change(session, caller, startup_id)
    if startup.owner_id is not None:
        raise StartupClaimed
    token = new_token(TOKEN_PREFIX)
    claim = StartupClaim(
        id=new_uuid(),
        startup_id=startup.id,
        issuer_id=caller.organisation_id,
        digest=keyring.token_hash(token),
        expires_at=now + VALID_FOR,
        created_at=now,
    )
    await ClaimRepository(session).replace_open(claim)
    return NewClaim(claim, token)


async def open_until(
    session: AsyncSession, caller: Caller, startup_id: StartupId, now: dt.datetime
) -> dt.datetime | None:
    """Until when the token that the caller made for a startup can be used; ``None``: there is none."""
    return await ClaimRepository(session).open_until(caller.organisation_id, startup_id, now)


async def take_over(
    session: AsyncSession, keyring: Keyring, caller: Caller, token: str, now: dt.datetime
) -> tuple[Startup, dt.datetime]:
    """Make the caller's organisation the owner of the token's profile, which agrees to being listed.

    Whoever brought the profile in can't change it any more. Returns the startup, and when it agreed.

    Raises:
        WrongOrganisationKind: only startups take profiles over.
        ClaimNotFound: the token is unknown, or its profile is gone.
        ClaimUsed: it was used before, by whomever.
        ClaimExpired: it is older than thirty days.

    """
    if caller.kind is not OrganisationKind.STARTUP:
        raise WrongOrganisationKind(kind=caller.kind, allowed=[OrganisationKind.STARTUP])
    claim, startup = await _locked(session, keyring.token_hashes(token))
    if claim.claimed_at is not None:
        raise ClaimUsed
    if claim.expires_at <= now:
        raise ClaimExpired
    agreed_at = startup.agreed_at or now
    claim.claimed_at = now
    claim.claimed_by_id = caller.organisation_id
    startup.owner_id = caller.organisation_id
    startup.agreed_at = agreed_at
    startup.listed = True
    startup.updated_at = now
    await session.flush()
    await enqueue(session, MatchStartups(startup_ids=(startup.id,)))
    return startup, agreed_at


async def _locked(session: AsyncSession, digests: Sequence[bytes]) -> tuple[StartupClaim, Startup]:
    """The claim with one of these keyed hashes, and its profile, locked: the profile first, as everywhere.

    The lookup compares hashes under the server's secret, so that its timing tells nothing about a token.
    """
    repository = ClaimRepository(session)
    startup_id = await repository.startup_of(digests)
    startup = await repository.locked_startup(startup_id) if startup_id else None
    claim = await repository.locked(digests) if startup else None
    if claim is None or startup is None:
        raise ClaimNotFound
    return claim, startup
