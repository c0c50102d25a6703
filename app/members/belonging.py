"""Who belongs to an organisation, and with which role; an organisation never loses its last admin."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import AccountRepository
from app.kit.crypto import DecryptionFailed, Keyring
from app.kit.ids import OrganisationId
from app.members import addresses
from app.members.entry_repository import EntryRepository
from app.members.repository import PersonRepository
from app.members.roles import Role
from app.members.sessions import SignedIn
from app.models.person import Person


class NotDone(StrEnum):
    """Why a member stays as they are: there is none such, or whoever asks is no admin any more; nobody else could
    decide on members.
    """

    NOBODY = "nobody"
    LAST_ADMIN = "last-admin"


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the others see them. ``keys``: how many of the organisation's API keys they made that are live."""

    person_id: uuid.UUID
    name: str
    mail: str
    role: Role
    since: dt.datetime
    second_factor: bool
    disabled: bool
    keys: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """An invitation that nobody has accepted yet."""

    id: uuid.UUID
    mail: str
    role: Role
    sent: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation that a person belongs to."""

    id: OrganisationId
    name: str
    kind: str
    role: Role


async def members(session: AsyncSession, keyring: Keyring, who: SignedIn) -> Sequence[Member]:
    """The members of the organisation of ``who``, by name."""
    rows = await PersonRepository(session).members(who.caller.organisation_id)
    keys = await AccountRepository(session).live_keys_by_maker(who.caller.organisation_id)
    return [
        Member(
            person_id=person.id,
            name=person.name,
            mail=_mail(keyring, person.id, person.mail),
            role=member.role,
            since=member.created_at,
            second_factor=person.totp_secret is not None,
            disabled=person.disabled_at is not None,
            keys=keys.get(person.id, 0),
        )
        for person, member in rows
    ]


async def pending(session: AsyncSession, keyring: Keyring, who: SignedIn, now: dt.datetime) -> Sequence[Pending]:
    """The open invitations to the organisation of ``who``, the newest first."""
    rows = await EntryRepository(session).pending(who.caller.organisation_id, now)
    return [
        Pending(row.id, _mail(keyring, row.id, row.address), row.role, row.created_at, row.expires_at) for row in rows
    ]


async def organisations(session: AsyncSession, who: SignedIn) -> Sequence[Belonging]:
    """The organisations that ``who`` may go on in."""
    rows = await PersonRepository(session).organisations(who.person_id)
    return [
        Belonging(OrganisationId(organisation.id), organisation.name, organisation.kind.value, member.role)
        for organisation, member in rows
    ]


async def change_role(
    session: AsyncSession, who: SignedIn, person_id: uuid.UUID, role: Role, now: dt.datetime
) -> NotDone | None:  # fmt: skip
    """Give a member of the own organisation another role; ``None``: it was given.

    Open invitations of one who is no admin any more are taken back: they may be to themselves, by another address.
    """
    people, owner = PersonRepository(session), who.caller.organisation_id
    admins = await people.lock_admins(owner)
    member = await people.membership(person_id, owner)
    if member is None:
        return NotDone.NOBODY
    if role is not Role.ADMIN and set(admins) <= {person_id}:
        return NotDone.LAST_ADMIN
    if who.person_id not in admins:
        return NotDone.NOBODY
    member.role = role
    await session.flush()
    if role is not Role.ADMIN:
        await EntryRepository(session).revoke_all_by(owner, person_id, now)
    return None


async def remove(
    session: AsyncSession, who: SignedIn, person_id: uuid.UUID, now: dt.datetime, *, keep_keys: bool = False
) -> NotDone | None:
    """Take a member out of the own organisation, oneself perhaps, with the open invitations that they wrote and the API
    keys that they made: whoever made a key has read its token. ``keep_keys``: the keys stay, as programs need them.

    ``None``: it was done, and holds at once.
    """
    people, owner = PersonRepository(session), who.caller.organisation_id
    admins = await people.lock_admins(owner)
    member = await people.membership(person_id, owner)
    if member is None:
        return NotDone.NOBODY
    if set(admins) <= {person_id}:
        return NotDone.LAST_ADMIN
    if who.person_id not in admins:
        return NotDone.NOBODY
    await people.leave(member)
    await EntryRepository(session).revoke_all_by(owner, person_id, now)
    if not keep_keys:  # after the membership is gone: no further one is made meanwhile
        await AccountRepository(session).revoke_keys_made_by(owner, person_id, now)
    return None


def mail_of(keyring: Keyring, person: Person) -> str:
    """A person's address as it is shown to who may see it."""
    return _mail(keyring, person.id, person.mail)


def _mail(keyring: Keyring, row_id: uuid.UUID, sealed: bytes) -> str:
    """An address as it is shown; nothing, where the server's secret is another one than when it was sealed."""
    try:
        return addresses.unseal(keyring, row_id, sealed)
    except DecryptionFailed:
        return ""
