"""People and their memberships in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import OrganisationId
from app.models.organisation import Organisation
from app.models.person import Membership, Person

_MOST_ORGANISATIONS = 200


class PersonRepository:
    """People, found by who they are; what they belong to."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, row: Person | Membership) -> None:
        """Enter a person, or a membership."""
        self._session.add(row)

    async def person(self, person_id: uuid.UUID) -> Person | None:
        """One person by id, disabled ones included."""
        return await self._session.get(Person, person_id)

    async def by_mail(self, hashes: Sequence[bytes]) -> Person | None:
        """The person whose address has one of these keyed hashes, disabled ones included."""
        found = await self._session.scalars(select(Person).where(Person.mail_hash.in_(hashes)))
        return found.first()

    async def membership(self, person_id: uuid.UUID, organisation_id: OrganisationId) -> Membership | None:
        """A person's membership in an organisation."""
        return await self._session.get(Membership, (person_id, organisation_id))

    async def organisations(self, person_id: uuid.UUID) -> Sequence[tuple[Organisation, Membership]]:
        """The organisations of a person, the one joined first before the others."""
        found = await self._session.execute(
            select(Organisation, Membership)
            .join(Membership, Membership.organisation_id == Organisation.id)
            .where(Membership.person_id == person_id)
            .order_by(Membership.created_at, Organisation.id)
            .limit(_MOST_ORGANISATIONS)
        )
        return [(organisation, member) for organisation, member in found]
