"""What people do with their own account: name, language, password, second factor.

Whatever decides on who comes in asks for proof that it is still the same person: the password, or that they came in
within the last quarter of an hour.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.session import unit_of_work
from app.jobs.messages import SendMemberLetter
from app.jobs.queue import enqueue
from app.kit.crypto import Keyring
from app.kit.i18n import Lang
from app.kit.ids import OrganisationId
from app.members import addresses, passwords, second_factor
from app.members.attempts import PASSWORD_BY_ADDRESS, within
from app.members.entering import Browser, Door
from app.members.entry_repository import EntryRepository
from app.members.repository import PersonRepository
from app.members.sessions import SignedIn, begin_session, end_other_sessions, require_live
from app.models.matter import MatterGroup
from app.models.person import Person, PersonSession

FRESH: Final = dt.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Account:
    """A person as they see themselves. ``confirmed``: somebody has shown that the address is theirs. ``by_provider``: a
    provider of identities is their way in, and they have no password. ``fresh``: they came in lately, so that no
    password is asked for.
    """

    mail: str
    confirmed: bool
    name: str
    lang: Lang | None
    has_password: bool
    by_provider: bool
    has_second_factor: bool
    codes_left: int
    fresh: bool


async def account_of(session: AsyncSession, keyring: Keyring, who: SignedIn, now: dt.datetime) -> Account:
    """The account of who is signed in."""
    person = await _person(session, who)
    return Account(
        mail=addresses.unseal(keyring, person.id, person.mail),
        confirmed=person.mail_confirmed_at is not None,
        name=person.name,
        lang=who.lang,
        has_password=person.password_hash is not None,
        by_provider=person.password_hash is None and await PersonRepository(session).has_identity(person.id),
        has_second_factor=person.totp_secret is not None,
        codes_left=await second_factor.codes_left(session, person.id) if person.totp_secret is not None else 0,
        fresh=await _fresh(session, who.session_id, now),
    )


async def rename(session: AsyncSession, who: SignedIn, name: str, lang: Lang | None) -> None:
    """Change one's own name, and the language in which pages and letters are written."""
    person = await _person(session, who)
    person.name, person.lang = name, lang
    await session.flush()


async def quiet_of(session: AsyncSession, who: SignedIn) -> frozenset[MatterGroup]:
    """The groups of matters that a person gets no letters of."""
    return frozenset(map(MatterGroup, (await _person(session, who)).quiet))


async def choose_letters(session: AsyncSession, who: SignedIn, wanted: Collection[MatterGroup]) -> None:
    """Get letters of these groups of matters, and of no others."""
    person = await _person(session, who)
    person.quiet = [group.value for group in MatterGroup if group not in wanted]
    await session.flush()


async def proven(door: Door, who: SignedIn, password: str, now: dt.datetime) -> bool:
    """Whether it is still the same person: they came in lately, or know their password."""
    async with unit_of_work(door.sessions) as session:
        if await _fresh(session, who.session_id, now):
            return True
        person = await _person(session, who)
        if not await within(session, door.keyring, PASSWORD_BY_ADDRESS, person.id, now):
            return False
        stored = person.password_hash
    return await passwords.verified(stored, password)


async def set_password(door: Door, who: SignedIn, password: str, browser: Browser, now: dt.datetime) -> str:
    """Set a new password; all sessions end, and another begins for this browser: its token.

    Whether they may is for the caller to ask (:func:`proven`).

    Raises:
        UnfitPassword: it can't be one.
        Unauthenticated: they were signed out meanwhile.

    """
    async with unit_of_work(door.sessions) as session:
        person = await _person(session, who)
        address = addresses.unseal(door.keyring, person.id, person.mail)
    hashed = await passwords.hashed(passwords.checked(password, address))
    async with unit_of_work(door.sessions) as session:
        person = await PersonRepository(session).held(who.person_id) or await _person(session, who)
        await require_live(session, who.session_id)
        person.password_hash = hashed
        await enqueue(session, SendMemberLetter(kind="password", row_id=person.id))
        await end_other_sessions(session, person.id, None, now)
        return await begin_session(
            session, door.keyring, person.id, who.caller.organisation_id, now,
            second_factor=person.totp_secret is not None, agent=browser.agent,
        )  # fmt: skip


async def erase(session: AsyncSession, keyring: Keyring, who: SignedIn) -> str | None:
    """Delete an account with all that belongs to the person; what organisations own stays theirs.

    Returns the name of an organisation that would be left with members but without an admin: nothing is deleted then.

    Raises:
        Unauthenticated: they were signed out meanwhile.

    """
    people = PersonRepository(session)
    person = await _person(session, who)
    await require_live(session, who.session_id)
    theirs = await people.organisations(person.id)
    for organisation, _ in sorted(theirs, key=lambda one: one[0].id):  # locked in one order, whoever deletes at once
        owner = OrganisationId(organisation.id)
        admins = await people.lock_admins(owner)
        if set(admins) == {person.id} and len(await people.members(owner)) > 1:
            return organisation.name
    hashes = addresses.hashes_of(keyring, addresses.unseal(keyring, person.id, person.mail))
    await EntryRepository(session).forget_address(hashes)
    await people.remove(person)
    return None


async def _fresh(session: AsyncSession, session_id: uuid.UUID, now: dt.datetime) -> bool:
    present = await session.get(PersonSession, session_id)
    return present is not None and present.created_at > now - FRESH


async def _person(session: AsyncSession, who: SignedIn) -> Person:
    person = await PersonRepository(session).person(who.person_id)
    if person is None:
        raise RuntimeError("whoever is signed in is a person")
    return person
