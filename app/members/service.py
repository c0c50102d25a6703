"""People: entered into an organisation with a role, disabled again."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.kit.crypto import Keyring
from app.kit.i18n import Lang
from app.kit.ids import OrganisationId, new_uuid
from app.members import addresses, passwords
from app.members.entering import confirm_address
from app.members.repository import PersonRepository
from app.members.roles import Role
from app.models.person import Membership, Person


class NoAddress(ValueError):
    """What was given as an e-mail address is none."""


async def enrol(  # noqa: PLR0913 (one person)
    session: AsyncSession,
    keyring: Keyring,
    *,
    mail: str,
    name: str,
    lang: Lang | None,
    organisation: OrganisationId,
    role: Role,
    password: str | None,
    now: dt.datetime,
) -> Person:
    """Enter a person into an organisation, or give one who is known by this address the role there.

    Name, language and password of a known person stay as they are. Nothing is sent; the address counts as theirs. So
    whoever entered it before without showing that it is, is shut out: they would belong to this organisation too.

    Raises:
        NoAddress: ``mail`` is none.
        UnfitPassword: ``password`` can't be one.

    """
    address = addresses.cleaned(mail)
    if address is None:
        raise NoAddress(mail)
    people = PersonRepository(session)
    await people.hold(addresses.hash_of(keyring, address))
    person = await people.by_mail(addresses.hashes_of(keyring, address))
    if person is not None:
        await confirm_address(session, person, now)
    else:
        secret = None if password is None else await passwords.hashed(passwords.checked(password, address))
        person = new_person(keyring, address, name, lang, now)
        person.password_hash, person.mail_confirmed_at = secret, now
        people.add(person)
        await session.flush()
    await join(session, person.id, organisation, role, now)
    return person


def new_person(keyring: Keyring, address: str, name: str, lang: Lang | None, now: dt.datetime) -> Person:
    """Somebody with this address, not entered yet."""
    person_id = new_uuid()
    return Person(
        id=person_id,
        mail=addresses.seal(keyring, person_id, address),
        mail_hash=addresses.hash_of(keyring, address),
        name=name,
        lang=lang,
        created_at=now,
    )


async def join(
    session: AsyncSession, person_id: uuid.UUID, organisation: OrganisationId, role: Role, now: dt.datetime, *,
    provisional: bool = False,
) -> None:  # fmt: skip
    """Make a person a member with this role, or give a member this role."""
    people = PersonRepository(session)
    member = await people.membership(person_id, organisation)
    if member is None:
        people.add(
            Membership(
                person_id=person_id, organisation_id=organisation, role=role, provisional=provisional, created_at=now
            )
        )  # fmt: skip
    else:
        member.role = role
    await session.flush()
