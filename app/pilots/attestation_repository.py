"""Attestations in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.accounts.caller import Caller
from app.kit.ids import StartupId
from app.models.attestation import Attestation
from app.models.organisation import Organisation
from app.models.startup import Startup

_WITHOUT_SEARCH = (defer(Startup.search, raiseload=True), defer(Startup.search_text, raiseload=True))


class AttestationRepository:
    """Rows of attestations."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, attestation: Attestation) -> None:
        """Enter an attestation."""
        self._session.add(attestation)
        await self._session.flush()

    async def flush(self) -> None:
        """Send what is pending."""
        await self._session.flush()

    async def organisation_name(self, organisation_id: uuid.UUID) -> str:
        """The name of an organisation that is there."""
        found = await self._session.scalars(select(Organisation.name).where(Organisation.id == organisation_id))
        return found.one()

    async def startup(self, startup_id: uuid.UUID) -> Startup | None:
        """A startup by its id, held against other writers; erased ones are left out."""
        return await self._session.scalar(
            select(Startup).where(Startup.id == startup_id, Startup.deleted_at.is_(None)).options(*_WITHOUT_SEARCH)
            .with_for_update().execution_options(populate_existing=True)
        )  # fmt: skip

    async def by_code(self, code: str) -> Attestation | None:
        """An attestation, for whoever holds its code."""
        return await self._session.scalar(select(Attestation).where(Attestation.code == code))

    async def of_side(self, caller: Caller, code: str) -> Attestation | None:
        """An attestation that the caller gave or earned."""
        return await self._session.scalar(
            select(Attestation)
            .join(Startup, Startup.id == Attestation.startup_id)
            .where(
                Attestation.code == code,
                or_(Attestation.buyer_id == caller.organisation_id, Startup.owner_id == caller.organisation_id),
            )
        )

    async def given(self, caller: Caller, code: str) -> Attestation | None:
        """An attestation that the caller gave, held against other writers."""
        return await self._session.scalar(
            select(Attestation)
            .where(Attestation.code == code, Attestation.buyer_id == caller.organisation_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def earned(self, startup_id: uuid.UUID, code: str) -> Attestation | None:
        """An attestation of a startup, held against other writers; the startup's owner has been found before."""
        return await self._session.scalar(
            select(Attestation)
            .where(Attestation.code == code, Attestation.startup_id == startup_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def of_startup(self, startup_id: StartupId, before: uuid.UUID | None, limit: int) -> Sequence[Attestation]:
        """The attestations of a startup, the newest first; whoever asks has been found to see the whole of it."""
        query = select(Attestation).where(Attestation.startup_id == startup_id)
        if before is not None:
            query = query.where(Attestation.id < before)
        return (await self._session.scalars(query.order_by(Attestation.id.desc()).limit(limit))).all()
