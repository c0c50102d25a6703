"""People and their memberships in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.ids import OrganisationId
from app.models.organisation import Organisation
from app.models.person import Membership, Person, PersonIdentity, PersonSession, RecoveryCode, Role

_MOST_ORGANISATIONS = 200
_MOST_MEMBERS = 500


class PersonRepository:
    """People, found by who they are; what they belong to."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, row: Person | Membership) -> None:
        """Enter a person, or a membership."""
        self._session.add(row)

    async def hold(self, address_hash: bytes) -> None:
        """Have whoever else would enter, confirm or move this address wait until this unit of work is over.

        It comes before every other lock: two who hold rows of one address and want the other's would wait for ever.
        """
        turn = int.from_bytes(address_hash[:8], "big", signed=True)
        await self._session.execute(select(func.pg_advisory_xact_lock(turn)))

    async def held(self, person_id: uuid.UUID) -> Person | None:
        """One person as they are stored just now; whoever else would change them waits."""
        query = select(Person).where(Person.id == person_id).with_for_update(key_share=True)
        return (await self._session.scalars(query, execution_options={"populate_existing": True})).first()

    async def person(self, person_id: uuid.UUID) -> Person | None:
        """One person by id, disabled ones included."""
        return await self._session.get(Person, person_id)

    async def by_mail(self, hashes: Sequence[bytes]) -> Person | None:
        """The person whose address has one of these keyed hashes, disabled ones included."""
        found = await self._session.scalars(select(Person).where(Person.mail_hash.in_(hashes)))
        return found.first()

    async def by_identity(self, issuer: str, subject: str) -> Person | None:
        """The person whom a provider knows by this subject, disabled ones included."""
        found = await self._session.scalars(
            select(Person)
            .join(PersonIdentity, PersonIdentity.person_id == Person.id)
            .where(PersonIdentity.issuer == issuer, PersonIdentity.subject == subject)
        )
        return found.first()

    async def membership(self, person_id: uuid.UUID, organisation_id: OrganisationId) -> Membership | None:
        """A person's membership in an organisation."""
        return await self._session.get(Membership, (person_id, organisation_id))

    async def settle(self, person_id: uuid.UUID) -> None:
        """Make a person a member for good wherever they are one provisionally."""
        await self._session.execute(
            update(Membership).where(Membership.person_id == person_id).values(provisional=False)
        )

    async def has_identity(self, person_id: uuid.UUID) -> bool:
        """Whether a provider of identities knows this person."""
        found = await self._session.scalars(select(PersonIdentity.subject).where(PersonIdentity.person_id == person_id))
        return found.first() is not None

    async def forget_identities(self, person_id: uuid.UUID, since: dt.datetime) -> None:
        """No provider vouches for this person any more by an identity that was linked since."""
        await self._session.execute(
            delete(PersonIdentity).where(PersonIdentity.person_id == person_id, PersonIdentity.created_at >= since)
        )

    async def forget_second_factor(self, person: Person) -> None:
        """A person has neither the secret of a second factor nor recovery codes any more."""
        person.totp_secret = person.totp_step = None
        await self._session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
        await self._session.flush()

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

    async def last_organisation(self, person_id: uuid.UUID) -> uuid.UUID | None:
        """The organisation in which a person was last of those they belong to; the one joined first, if in none."""
        last = (
            select(func.max(PersonSession.last_seen_at))
            .where(
                PersonSession.person_id == Membership.person_id,
                PersonSession.organisation_id == Membership.organisation_id,
            )
            .scalar_subquery()
        )
        found = await self._session.scalars(
            select(Membership.organisation_id)
            .where(Membership.person_id == person_id)
            .order_by(last.desc().nulls_last(), Membership.created_at, Membership.organisation_id)
            .limit(1)
        )
        return found.first()

    async def renew_password(self, person_id: uuid.UUID, stored: str, renewed: str) -> None:
        """Store the same password hashed anew, unless it was changed meanwhile."""
        await self._session.execute(
            update(Person).where(Person.id == person_id, Person.password_hash == stored).values(password_hash=renewed)
        )

    async def members(self, organisation_id: OrganisationId) -> Sequence[tuple[Person, Membership]]:
        """The members of an organisation, by name."""
        found = await self._session.execute(
            select(Person, Membership)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.organisation_id == organisation_id)
            .order_by(Person.name, Person.id)
            .limit(_MOST_MEMBERS)
        )
        return [(person, member) for person, member in found]

    async def lock_admins(self, organisation_id: OrganisationId) -> Sequence[uuid.UUID]:
        """The admins of an organisation who can sign in. Who decides on members waits for who does already."""
        await self._session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
        found = await self._session.scalars(
            select(Membership.person_id)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.organisation_id == organisation_id,
                Membership.role == Role.ADMIN,
                Person.disabled_at.is_(None),
            )
        )
        return found.all()

    async def leave(self, member: Membership) -> None:
        """End a membership."""
        await self._session.delete(member)
        await self._session.flush()

    async def remove(self, person: Person) -> None:
        """Delete a person with sessions, memberships, codes and identities."""
        await self._session.delete(person)
        await self._session.flush()

    async def everybody(self, limit: int) -> Sequence[tuple[Person, Membership, Organisation]]:
        """People with their memberships, by organisation; for who runs the installation."""
        found = await self._session.execute(
            select(Person, Membership, Organisation)
            .join(Membership, Membership.person_id == Person.id)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .order_by(Organisation.name, Organisation.id, Person.name, Person.id)
            .limit(limit)
        )
        return [(person, member, organisation) for person, member, organisation in found]
