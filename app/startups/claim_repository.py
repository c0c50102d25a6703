"""Claims in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.kit.ids import OrganisationId, StartupId
from app.models.startup import Startup
from app.models.startup_claim import StartupClaim


class ClaimRepository:
    """Rows of claims. A token is its own right of access, so that they are found by the token's keyed hashes."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replace_open(self, claim: StartupClaim) -> None:
        """Enter a claim in place of the unused ones of its startup."""
        await self._session.execute(
            delete(StartupClaim).where(StartupClaim.startup_id == claim.startup_id, StartupClaim.claimed_at.is_(None))
        )
        self._session.add(claim)
        await self._session.flush()

    async def open_until(self, issuer: OrganisationId, startup_id: StartupId, now: dt.datetime) -> dt.datetime | None:
        """Until when a token that this organisation made for a startup can be used; ``None``: there is none."""
        return await self._session.scalar(
            select(StartupClaim.expires_at).where(
                StartupClaim.startup_id == startup_id, StartupClaim.issuer_id == issuer,
                StartupClaim.claimed_at.is_(None), StartupClaim.expires_at > now,
            )
        )  # fmt: skip

    async def startup_of(self, digests: Sequence[bytes]) -> uuid.UUID | None:
        """The startup that a token is about."""
        return await self._session.scalar(select(StartupClaim.startup_id).where(StartupClaim.digest.in_(digests)))

    async def locked_startup(self, startup_id: uuid.UUID) -> Startup | None:
        """The startup, locked until the transaction ends, unless it is gone."""
        return await self._session.scalar(
            select(Startup)
            .where(Startup.id == startup_id, Startup.deleted_at.is_(None))
            .options(defer(Startup.search, raiseload=True), defer(Startup.search_text, raiseload=True))
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def locked(self, digests: Sequence[bytes]) -> StartupClaim | None:
        """The claim of a token, locked until the transaction ends."""
        return await self._session.scalar(
            select(StartupClaim)
            .where(StartupClaim.digest.in_(digests))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
