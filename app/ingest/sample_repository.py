"""The few statements that only the sample set needs."""

from __future__ import annotations

import uuid

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import OrganisationId, new_uuid
from app.models.organisation import Organisation
from app.models.source import Source
from app.models.startup import Startup
from app.sample import SampleSource


class SampleRepository:
    """Rows that the sample set touches beside what any import does."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def has_organisations(self) -> bool:
        """Whether anybody has used this database."""
        return bool(await self._session.scalar(select(exists(select(Organisation.id)))))

    async def source(self, wanted: SampleSource) -> uuid.UUID:
        """The fictional portal, entered where it is missing."""
        await self._session.execute(
            insert(Source)
            .values(
                id=new_uuid(),
                name=wanted.name,
                title=wanted.title,
                licence=wanted.licence,
                attribution=wanted.attribution,
            )
            .on_conflict_do_nothing(index_elements=[Source.name])
        )
        return (await self._session.scalars(select(Source.id).where(Source.name == wanted.name))).one()

    async def own(self, organisation_id: OrganisationId) -> None:
        """Make a startup's organisation the owner of the profile that it registered."""
        await self._session.execute(
            update(Startup)
            .where(Startup.registrar_id == organisation_id, Startup.owner_id.is_(None))
            .values(owner_id=organisation_id)
        )
