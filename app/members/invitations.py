"""Invitations: somebody is asked into an organisation with a role, by an admin of it.

The token shows that its holder got the letter, but whoever invites may hold it as well (where no mail is sent, they
pass it on): it never signs in to an account that there is already. Whoever has one signs in first, and then accepts.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import unit_of_work
from app.jobs.messages import SendMemberLetter
from app.jobs.queue import enqueue
from app.kit.crypto import Keyring, new_token, same_secret
from app.kit.errors import NotFound
from app.kit.i18n import Lang
from app.kit.ids import OrganisationId, new_uuid
from app.members import addresses, passwords
from app.members.attempts import INVITATIONS, INVITATIONS_TO_ADDRESS, within
from app.members.entering import Browser, Door, Entry, Refusal, confirm_address, enter
from app.members.entry_repository import EntryRepository
from app.members.repository import PersonRepository
from app.members.roles import Role
from app.members.service import join, new_person
from app.members.sessions import SignedIn
from app.models.entry import Invitation
from app.models.person import Person

TOKEN_PREFIX: Final = "sfi"  # noqa: S105 (the visible start of a token, for secret scanners)
ACCEPTED_WITHIN: Final = dt.timedelta(days=7)
MOST_PENDING: Final = 100


class NotInvited(StrEnum):
    """Why nobody was: it is no address, they are a member, or too many wait or were asked today."""

    ADDRESS = "address"
    MEMBER = "member"
    TOO_MANY = "too-many"


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made. ``token``: to pass on, where no mail is sent; ``None`` where it is."""

    id: uuid.UUID
    token: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to invite: an address, the role, the language to write in; whether a letter is sent."""

    mail: str
    role: Role
    lang: Lang
    by_mail: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An invitation as its holder sees it. ``known``: the address has an account; ``theirs``: that of who looks."""

    organisation: str
    organisation_id: OrganisationId
    role: Role
    mail: str
    known: bool
    theirs: bool


async def invite(
    session: AsyncSession, keyring: Keyring, who: SignedIn, asked: Asked, now: dt.datetime
) -> Invited | NotInvited:
    """Ask somebody into the organisation of ``who``; an earlier invitation of the same address is taken back."""
    return await _invite(session, keyring, who, who.caller.organisation_id, asked, now)


async def invite_into(
    session: AsyncSession, keyring: Keyring, who: SignedIn, owner: OrganisationId, asked: Asked, now: dt.datetime
) -> Invited | NotInvited:
    """Ask somebody into any organisation, as whoever runs this installation does for a new one's first admin.

    Raises:
        NotFound: ``who`` is no operator.

    """
    if not who.caller.is_operator:
        raise NotFound
    return await _invite(session, keyring, who, owner, asked, now)


async def _invite(
    session: AsyncSession, keyring: Keyring, who: SignedIn, owner: OrganisationId, asked: Asked, now: dt.datetime
) -> Invited | NotInvited:
    address = addresses.cleaned(asked.mail)
    if address is None:
        return NotInvited.ADDRESS
    people = PersonRepository(session)
    known = await people.by_mail(addresses.hashes_of(keyring, address))
    if known is not None and await people.membership(known.id, owner) is not None:
        return NotInvited.MEMBER
    entries = EntryRepository(session)
    address_hash = addresses.hash_of(keyring, address)
    allowed = await within(session, keyring, INVITATIONS, owner, now)
    if allowed and asked.by_mail:
        allowed = await within(session, keyring, INVITATIONS_TO_ADDRESS, address.lower(), now)
    if not allowed:
        return NotInvited.TOO_MANY
    await entries.revoke(owner, now, address_hash=address_hash)
    if await entries.count_pending(owner, now) >= MOST_PENDING:
        return NotInvited.TOO_MANY
    invitation_id = new_uuid()
    token = None if asked.by_mail else new_token(TOKEN_PREFIX)
    entries.add(
        Invitation(
            id=invitation_id,
            organisation_id=owner,
            address=addresses.seal(keyring, invitation_id, address),
            address_hash=address_hash,
            lang=asked.lang,
            role=asked.role,
            invited_by=who.person_id,
            digest=None if token is None else keyring.token_hash(token),
            handed=token is not None,
            created_at=now,
            expires_at=now + ACCEPTED_WITHIN,
        )
    )
    await session.flush()
    if token is None:
        await enqueue(session, SendMemberLetter(kind="invitation", row_id=invitation_id))
    return Invited(invitation_id, token)


async def revoke(session: AsyncSession, who: SignedIn, invitation_id: uuid.UUID, now: dt.datetime) -> bool:
    """Take an invitation of the own organisation back; whether it was open."""
    return await EntryRepository(session).revoke(who.caller.organisation_id, now, invitation_id=invitation_id)


async def show(
    session: AsyncSession, keyring: Keyring, token: str, who: SignedIn | None, now: dt.datetime
) -> Shown | None:
    """What an invitation says, if it can still be accepted."""
    found = await EntryRepository(session).invitation(keyring.token_hashes(token), now)
    if found is None:
        return None
    invitation, organisation = found
    address = addresses.unseal(keyring, invitation.id, invitation.address)
    person = await PersonRepository(session).by_mail(addresses.hashes_of(keyring, address))
    return Shown(
        organisation=organisation.name,
        organisation_id=OrganisationId(organisation.id),
        role=invitation.role,
        mail=address,
        known=person is not None,
        theirs=person is not None and who is not None and who.person_id == person.id,
    )


async def accept_as_member(door: Door, token: str, who: SignedIn, now: dt.datetime) -> OrganisationId | None:
    """Join by an invitation to the address of who is signed in; the organisation, ``None`` if it is none of theirs."""
    async with unit_of_work(door.sessions) as session:
        found = await EntryRepository(session).invitation(door.keyring.token_hashes(token), now, to_use=True)
        person = await PersonRepository(session).person(who.person_id)
        if found is None or person is None or not _for(door.keyring, found[0], person):
            return None
        invitation = found[0]
        await _accept(session, invitation, person, now)
        return OrganisationId(invitation.organisation_id)


async def accept_as_newcomer(
    door: Door, token: str, name: str, password: str | None, browser: Browser, now: dt.datetime
) -> Entry:  # fmt: skip
    """Join by an invitation to an address that has no account: one is made, and signed in.

    Raises:
        UnfitPassword: the password can't be one.

    """
    async with unit_of_work(door.sessions) as session:
        found = await EntryRepository(session).invitation(door.keyring.token_hashes(token), now)
        if found is None:
            return Refusal.SPENT
        address = addresses.unseal(door.keyring, found[0].id, found[0].address)
    hashed = None
    if password is not None:
        hashed = await passwords.hashed(passwords.checked(password, address))
    async with unit_of_work(door.sessions) as session:
        people = PersonRepository(session)
        await people.hold(addresses.hash_of(door.keyring, address))
        found = await EntryRepository(session).invitation(door.keyring.token_hashes(token), now, to_use=True)
        if found is None:
            return Refusal.SPENT
        if await people.by_mail(addresses.hashes_of(door.keyring, address)) is not None:
            return Refusal.KNOWN
        invitation = found[0]
        lang: Lang = invitation.lang  # type: ignore[assignment]  # written from a Lang
        person = new_person(door.keyring, address, name, lang, now)
        people.add(person)
        await session.flush()
        if not invitation.handed:
            await confirm_address(session, person, now)
        person.password_hash = hashed
        await _accept(session, invitation, person, now)
        return await enter(session, door.keyring, person, browser, now)


async def _accept(session: AsyncSession, invitation: Invitation, person: Person, now: dt.datetime) -> None:
    invitation.accepted_at = now
    member = await PersonRepository(session).membership(person.id, OrganisationId(invitation.organisation_id))
    if member is None:
        await join(session, person.id, OrganisationId(invitation.organisation_id), invitation.role, now)


def _for(keyring: Keyring, invitation: Invitation, person: Person) -> bool:
    """Whether an invitation is to a person's address, under whichever secret the two were hashed."""
    invited = addresses.unseal(keyring, invitation.id, invitation.address)
    own = addresses.unseal(keyring, person.id, person.mail)
    return same_secret(invited.lower().encode(), own.lower().encode())
